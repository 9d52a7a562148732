#include "apps/serve/lan_capture.h"

#include <algorithm>
#include <array>
#include <limits>

#include "apps/serve/link_sink.h"

namespace vmlan::apps {

namespace {

guestlan::TraceChoice choice_of(const link::Capture& wanted) {
  guestlan::TraceChoice choice;
  choice.length = wanted.snap_length;
  choice.userid = wanted.user;
  choice.control = wanted.control;
  if (!wanted.user.empty()) choice.frames = guestlan::TraceChoice::Frames::of_nic;
  if (wanted.dropped) choice.frames = guestlan::TraceChoice::Frames::dropped;
  return choice;
}

}  // namespace

LanCapture::LanCapture(host::Connections& connections, host::ConnectionId id, const arch::Clock& clock,
                       const link::Capture& wanted, std::function<void()> ended)
    : connections_(connections),
      id_(id),
      ended_(std::move(ended)),
      trace_(*this, "capture", std::numeric_limits<std::uint64_t>::max()),
      watch_(clock, choice_of(wanted), trace_, [this](guestlan::LanTrace::End) { ended_(); }) {}

LanCapture::~LanCapture() { stop(); }

void LanCapture::stop() noexcept {
  last_words_ = true;
  watch_.stop();
}

host::BlockOutput::Took LanCapture::take(std::span<const std::span<const std::byte>> pieces) noexcept {
  std::size_t length = 0;
  for (const auto& piece : pieces) length += piece.size();
  if (length > link::max_body) return Took::no_room;
  if (!last_words_ && connections_.owed(id_) + length > most_owed) return Took::no_room;
  const auto header = header_of(link::MessageType::captured, 0, length);
  std::array<std::span<const std::byte>, guestlan::TraceSink::most_pieces + 3> all;
  all[0] = bytes_of_block(header);
  std::copy(pieces.begin(), pieces.end(), all.begin() + 1);
  return connections_.send(id_, std::span(all).first(pieces.size() + 1)) ? Took::all : Took::no_room;
}

}  // namespace vmlan::apps
