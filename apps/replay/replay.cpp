#include "apps/replay/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <optional>
#include <set>
#include <variant>

#include "apps/replay/replay_lan.h"
#include "apps/replay/replay_record.h"
#include "apps/replay/replay_tally.h"
#include "apps/system/messages.h"
#include "host/event_loop.h"
#include "host/real_clock.h"
#include "host/trace/capture_reader.h"
#include "host/trace/link_types.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

using host::CaptureReader;
using host::CaptureRecord;

constexpr unsigned records_between_questions = 64;  // whether the budget is used up
constexpr unsigned fewest_buffers = 8;
constexpr unsigned most_buffers = 128;

// What the first reading finds.
struct Survey {
  ReplayAddresses addresses;
  std::uint32_t longest_packet = 0;
  arch::Time first_time{0};
  std::set<std::uint32_t> links;
};

double seconds(arch::Time time) { return std::chrono::duration<double>(time).count(); }

std::optional<CaptureReader> open_trace(const std::string& path, const Output& output) {
  auto opened = CaptureReader::open(path);
  if (const auto* error = std::get_if<host::CaptureError>(&opened)) {
    output.errors(format(Message::cannot_read_trace, {path, error->message}));
    return std::nullopt;
  }
  if (std::get<CaptureReader>(opened).size() == 0) {
    output.errors(format(Message::cannot_read_trace, {path, "a trace has to be a file: it is read twice"}));
    return std::nullopt;
  }
  return std::move(std::get<CaptureReader>(opened));
}

std::optional<Survey> survey_trace(const ReplayOptions& options, const Output& output) {
  auto reader = open_trace(options.trace, output);
  if (!reader) return std::nullopt;
  Survey survey;
  CaptureRecord record;
  for (bool first = true; reader->wait_for_next(record) == CaptureReader::Next::record; first = false) {
    if (first) survey.first_time = record.time;
    survey.links.insert(record.link_number);
    const auto judged = judge_record(record);
    if (!judged.is_packet || !survey.addresses.add(judged.source, options.max_users)) continue;
    survey.longest_packet = std::max(survey.longest_packet, static_cast<std::uint32_t>(judged.packet.size()));
  }
  return survey;
}

ReplayBuffers buffers_for(const Survey& survey, unsigned batch) {
  ReplayBuffers buffers;
  buffers.count = std::bit_ceil(std::clamp(batch, fewest_buffers, most_buffers));
  buffers.bytes = std::min(survey.longest_packet + static_cast<std::uint32_t>(wire::transport_header_size),
                           cms::QueueMemory::largest_buffer);
  return buffers;
}

// The second reading, as work of the event loop. It moves the clock itself, to the time of each packet.
class TraceWork final : public host::Work {
 public:
  TraceWork(CaptureReader& reader, const Survey& survey, ReplayLan& lan, ReplayTally& tally)
      : reader_(reader), first_time_(survey.first_time), lan_(lan), tally_(tally) {}

  After work(const host::Budget& budget) override {
    do {
      for (unsigned record = 0; record < records_between_questions; ++record) {
        if (!send_next()) {
          lan_.flush(tally_);
          return After::stop;
        }
      }
    } while (!budget.is_over());
    return After::more;
  }

 private:
  // false: there is no further one.
  bool send_next() {
    const auto next = reader_.wait_for_next(record_);
    if (next == CaptureReader::Next::end || next == CaptureReader::Next::interrupted) return false;
    ++tally_.records;
    if (next == CaptureReader::Next::damaged) {
      tally_.end(NotSent::unreadable_record);
      return false;
    }
    const auto judged = judge_record(record_);
    if (judged.is_packet) {
      lan_.add(judged, record_.time - first_time_, tally_);
    } else {
      tally_.end(judged.reason);
    }
    return true;
  }

  CaptureReader& reader_;
  arch::Time first_time_;
  ReplayLan& lan_;
  ReplayTally& tally_;
  CaptureRecord record_;
};

// false: Ctrl-C.
bool send_trace(CaptureReader& reader, const Survey& survey, ReplayLan& lan, ReplayTally& tally) {
  using Passed = host::EventLoop::Passed;
  host::EventLoop loop(lan.clock());
  TraceWork work(reader, survey, lan, tally);
  auto passed = Passed::again;
  while (passed == Passed::again) passed = loop.pass(work, std::nullopt);
  return passed == Passed::stopped && !host::interrupted();
}

// What was read is said first: whoever reads no further must not take a part for the whole.
std::string trace_line(const std::string& path, const Survey& survey, const CaptureReader& reader,
                       const ReplayTally& tally) {
  std::string links;
  for (const std::uint32_t number : survey.links) {
    links += fmt::format("{}{}", links.empty() ? "" : ", ", host::link_type_name(number));
  }
  auto line = fmt::format("Trace: {} ({})", path, links.empty() ? "no record" : links);
  if (reader.damage().empty()) return line;
  const auto unreadable = tally.not_sent[static_cast<std::size_t>(NotSent::unreadable_record)];
  return line + fmt::format(", read {} of {} bytes: {} records, then {}", reader.position(), reader.size(),
                            tally.records - unreadable, reader.damage());
}

std::string users_line(const ReplayAddresses& addresses) {
  const auto& all = addresses.all();
  const auto v4 = std::count_if(all.begin(), all.end(), [](const auto& address) { return address.is_v4(); });
  return fmt::format(
      "Users: {} ({} IPv4, {} IPv6), each with storage and a NIC of its own, on LAN SYSTEM REPLAY",
      all.size(), v4, all.size() - static_cast<std::size_t>(v4));
}

std::string rate_line(const ReplayTally& tally, arch::Time real) {
  const double time = std::max(seconds(real), 1e-9);
  return fmt::format("Real time: {:.3f} s, {:.0f} packets/s, {:.0f} bytes/s", time,
                     static_cast<double>(tally.sent) / time, static_cast<double>(tally.sent_bytes) / time);
}

}  // namespace

ExitCode replay_trace(const ReplayOptions& options, const Output& output) {
  const auto survey = survey_trace(options, output);
  auto reader = survey ? open_trace(options.trace, output) : std::nullopt;
  if (!reader) return ExitCode::usage;

  ReplayLan lan(survey->addresses, buffers_for(*survey, options.batch), options.batch);
  if (const auto why = lan.log_on(); !why.empty()) {
    output.errors(format(Message::replay_user_not_ready, {why}));
    return ExitCode::failure;
  }
  ReplayTally tally;
  const host::RealClock real_clock;
  const bool finished = send_trace(*reader, *survey, lan, tally);
  const auto real = real_clock.now();
  if (!finished) {
    output.errors(format(Message::interrupted));
    return ExitCode::failure;
  }

  output.transcript(trace_line(options.trace, *survey, *reader, tally));
  output.transcript(users_line(survey->addresses));
  output.transcript(fmt::format("Virtual time: {:.6f} s", seconds(lan.now())));
  for (const auto& line : tally_lines(tally)) output.transcript(line);
  if (options.rate) output.transcript(rate_line(tally, real));
  if (!reader->damage().empty()) {
    output.errors(
        format(Message::trace_damaged, {options.trace, std::to_string(tally.records), reader->damage()}));
  }
  const bool whole = reader->damage().empty();
  const auto faults = tally_faults(tally, lan.counters());
  for (const auto& fault : faults) output.errors(format(Message::replay_fault, {fault}));
  return faults.empty() && whole ? ExitCode::success : ExitCode::failure;
}

}  // namespace vmlan::apps
