// NicClient: finding, losing and listening to the base.
#include <fmt/format.h>

#include <utility>

#include "hercules/nic_client.h"
#include "host/append_file.h"
#include "qdio/adapter/refusal.h"

namespace vmlan::hercules {

using link::MessageType;
using namespace std::chrono_literals;

namespace {

constexpr auto try_again = 500ms;
constexpr auto after_refusal = 5s;
constexpr auto between_starts = 10s;
// How long a frame waits for a guest without empty buffers. HiperSockets lose nothing while the guest is
// merely slow, and meanwhile the base holds those back who send to it; an OSA gives up sooner.
constexpr auto patience_osd = 20ms;
constexpr auto patience_iqd = 2s;
// Reads in one turn: the guest's own signals must not wait behind a flood.
constexpr unsigned most_reads = 4;

}  // namespace

void NicClient::connect_if_due(Clock::time_point now) {
  if (base_.state() != BaseConnection::State::closed || banished_ || now < next_try_) return;
  next_try_ = now + try_again;
  const auto trust = statement_.system ? host::Trust::anybodys : host::Trust::ours;
  const std::string reason = base_.connect(path_, trust, hello());
  if (!reason.empty()) start_base_if_allowed(now, reason);
}

void NicClient::start_base_if_allowed(Clock::time_point now, const std::string& reason) {
  if (!may_start_base_) {
    const std::string trouble = fmt::format("HHC03821W No system at {}; waiting for one", reason);
    if (std::exchange(last_trouble_, trouble) != trouble) say(trouble);
    return;
  }
  if (now < next_start_) return;
  next_start_ = now + between_starts;
  next_try_ = now + 50ms;
  const auto started = starter_.start(path_);
  if (started.error.empty()) {
    say(fmt::format("HHC03822I No system at {}: '{} serve' was started", path_, started.program));
  } else if (std::exchange(last_trouble_, started.error) != started.error) {
    say(fmt::format("HHC03823E No system at {}, and none could be started: {}", path_, started.error));
  }
}

void NicClient::say_settings_are_wrong() {
  const std::string trouble =
      fmt::format("its script or its directory is wrong; {} says where", host::log_of_base(path_));
  if (std::exchange(last_trouble_, trouble) == trouble) return;
  say(fmt::format("HHC03823E No system at {}, and none could be started: {}", path_, trouble));
}

void NicClient::disconnect(const std::string& reason, Clock::duration pause) {
  const bool was_open = base_.state() == BaseConnection::State::open;
  trace_.remark(fmt::format("disconnected: {}", reason));
  base_.close();
  let_go();
  to_do_ = {};
  next_try_ = Clock::now() + pause;
  if (!was_open) return;
  nic_.base_lost();
  say(fmt::format("HHC03824W {} NIC {:04X}: system lost: {}; the guest's LAN is offline", statement_.user,
                  hello().base_device.value, reason));
}

void NicClient::receive(Clock::time_point now) {
  if (held_) {
    const auto frame = *held_;
    held_.reset();
    if (!give_or_hold(frame, now)) return;
  }
  for (unsigned reads = 0; reads < most_reads; ++reads) {
    while (const auto message = base_.next()) {
      if (!receive_message(*message, now)) {
        nic_.publish();
        return;
      }
    }
    nic_.publish();
    if (base_.fault() != link::Fault::none) {
      disconnect(std::string(link::to_string(base_.fault())), after_refusal);
      return;
    }
    const auto read = base_.read();
    if (read.ended) disconnect("it has closed the connection", try_again);
    if (read.bytes == 0) return;
  }
  ring();
}

// false: no further message now.
bool NicClient::receive_message(const link::MessageView& message, Clock::time_point now) {
  const bool open = base_.state() == BaseConnection::State::open;
  switch (message.type) {
    case MessageType::frame:
    case MessageType::unfinished_frame:
      return !open || give_or_hold(message, now);
    case MessageType::control:
      if (open) note_refusal(message.body);
      return !open || nic_.receive(message);
    case MessageType::accept: {
      const link::Accept accept = link::parse_accept(message.body);
      base_.opened();
      lan_ = accept.lan;
      mac_ = accept.mac;
      may_start_base_ = !statement_.system.has_value();
      last_trouble_.clear();
      nic_.base_joined();
      trace_.remark("joined");
      say(fmt::format("HHC03820I {} NIC {:04X}: {}{}, MAC {}", statement_.user, hello().base_device.value,
                      lan_.empty() ? "not coupled" : "LAN ", lan_, wire::to_string(mac_)));
      return true;
    }
    case MessageType::refuse: {
      const std::string trouble = fmt::format("HHC03825E {} NIC {:04X}: refused: {}", statement_.user,
                                              hello().base_device.value, link::text_of(message.body));
      if (std::exchange(last_trouble_, trouble) != trouble) say(trouble);
      disconnect("refused", after_refusal);
      return false;
    }
    case MessageType::end:
      handle_end(message);
      return false;
    default:
      return true;  // the decoder lets nothing else through
  }
}

// What a driver wants and nobody here knows, by name and once: a driver that was never tried shows what it
// misses. What drivers only feel for goes into the trace.
void NicClient::note_refusal(std::span<const std::byte> reply) {
  const auto refusal = qdio::refusal_in(reply);
  if (!refusal || refusals_.size() >= most_refusals || !refusals_.insert(refusal->name).second) return;
  trace_.remark(fmt::format("not supported: {}", refusal->name));
  if (refusal->optional) return;
  say(fmt::format("HHC03827I {} NIC {:04X}: not supported, and refused: {}", statement_.user,
                  hello().base_device.value, refusal->name));
}

void NicClient::handle_end(const link::MessageView& message) {
  const link::End end = link::parse_end(message.body);
  banished_ = end.after == link::AfterEnd::stay_away;
  // It was ended on purpose, and its operator starts the next one; unless it was about to end by itself when
  // we came, as one does whose last guest has gone.
  if (base_.state() == BaseConnection::State::open) may_start_base_ = false;
  disconnect(end.text, try_again);
  if (!banished_) return;
  say(fmt::format("HHC03826W {} NIC {:04X}: ended for good: {}; detach and attach the device to log on again",
                  statement_.user, hello().base_device.value, end.text));
}

void NicClient::let_go() noexcept {
  nic_.drop();  // what is left of it
  held_.reset();
  give_up_ = {};
}

// Gives a frame to the guest, or keeps it until the guest has a buffer for it. A guest that did not find one
// in time gets no patience until it does. false: kept.
bool NicClient::give_or_hold(const link::MessageView& message, Clock::time_point now) {
  const std::uint64_t device = std::uint64_t{1} << message.device_index;
  if (nic_.receive(message)) {
    stalled_ &= ~device;
    let_go();
    return true;
  }
  if (nic_.take_progress()) {  // a part of a super-frame: slow, not stalled
    stalled_ &= ~device;
    give_up_ = {};
  }
  if (give_up_ == Clock::time_point{})
    give_up_ = now + (statement_.kind == qdio::AdapterKind::iqd ? patience_iqd : patience_osd);
  if ((stalled_ & device) != 0 || now >= give_up_) {
    stalled_ |= device;
    let_go();
    return true;
  }
  held_ = message;
  nic_.publish();  // so that the guest empties what it has
  return false;
}

}  // namespace vmlan::hercules
