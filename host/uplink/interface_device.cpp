#include "host/uplink/interface_device.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

namespace vmlan::host {

std::string InterfaceDevice::open_first() {
  auto error = open_now();
  trouble_ = trouble_seen();
  return error;
}

std::string InterfaceDevice::open_now() {
  const auto& seen = watch_.look();
  if (seen.index == 0) return texts_.missing;
  auto opening = open_interface(seen);
  if (auto* error = std::get_if<std::string>(&opening)) return std::move(*error);
  device_ = std::move(std::get<Descriptor>(opening));
  index_ = seen.index;
  given_up_ = false;
  watch_.look();
  return {};
}

std::string InterfaceDevice::trouble_seen() const {
  const auto& seen = watch_.seen();
  if (seen.index == 0) return texts_.missing;
  if (!device_) return refused_;
  if (!seen.up) return texts_.down;
  return seen.connected ? std::string() : texts_.disconnected;
}

EthernetDevice::Sent InterfaceDevice::send(std::span<const std::span<const std::byte>> pieces,
                                           const FrameWork& work) {
  if (state() != State::ready) return Sent::down;
  if (pieces.size() > most_pieces) return Sent::too_long;
  std::array<iovec, most_pieces> vectors;
  std::size_t length = 0;
  std::size_t count = 0;
  for (const auto& piece : pieces) {
    vectors[count++] = {const_cast<std::byte*>(piece.data()), piece.size()};
    length += piece.size();
  }
  // A super-frame is cut by the kernel, where it has to be.
  const bool whole = work.segmentation == FrameWork::Segmentation::none;
  const std::size_t longest = whole ? length : std::size_t{work.header_length} + work.segment_size;
  if (length > longest_frame || longest > frame_limit() + InterfaceWatch::tag_size) return Sent::too_long;
  // The kernel would say so too.
  if (!fits(work, length)) return Sent::too_long;
  return write(std::span(vectors).first(count), header_of(work)) ? Sent::sent : failed(errno);
}

EthernetDevice::Sent InterfaceDevice::failed(int reason) noexcept {
  switch (reason) {
    case EAGAIN:
    case EINTR:
    case ENOBUFS:
    case ENOMEM:
      return Sent::full;
    case EMSGSIZE:
    case EINVAL:
      return Sent::too_long;
    case EBADFD:
      give_up();
      return Sent::down;
    default:
      look_soon();
      return Sent::down;
  }
}

void InterfaceDevice::give_up() noexcept {
  given_up_ = true;
  look_soon();
}

void InterfaceDevice::give(std::span<const std::byte> frame, const VirtioHeader& header) {
  if (frame.size() > longest_frame) return count_lost();
  const auto work = work_of(header, frame);
  if (!work) {
    ++senseless_;
    return;
  }
  receiver_->received(frame, *work);
}

std::vector<std::string> InterfaceDevice::details() const {
  std::vector<std::string> lines;
  const auto& seen = watch_.seen();
  if (seen.index != 0) lines.push_back(fmt::format("Interface: {}  MTU: {}", interface(), seen.mtu));
  if (senseless_ > 0)
    lines.push_back(fmt::format("Frames from outside with work that makes no sense: {}", senseless_));
  if (lost_ > 0) lines.push_back(fmt::format("Frames from outside that are too long: {}", lost_));
  return lines;
}

void InterfaceDevice::tend(arch::Time now) {
  if (now >= look_at_) look(now);
}

void InterfaceDevice::look(arch::Time now) {
  look_at_ = now + between_looks;
  const auto& seen = watch_.look();
  if (device_ && (given_up_ || seen.index != index_)) device_.reset();
  if (!device_ && seen.index != 0 && pauses_.are_over(now)) {
    refused_ = open_now();
    if (device_)
      pauses_.restart();
    else
      pauses_.begin(now);
  }
  // One that is ready is looked at when it says so, and otherwise when something else has to be done anyway.
  if (!device_) look_at_ = std::min(look_at_, std::max(pauses_.next(), now + Pauses::shortest));
  auto trouble = trouble_seen();
  if (trouble == trouble_) return;
  const bool was_ready = trouble_.empty();
  trouble_ = std::move(trouble);
  if (receiver_ != nullptr && (was_ready || trouble_.empty())) receiver_->state_changed();
}

std::optional<arch::Time> InterfaceDevice::deadline() const {
  if (state() != State::ready || look_at_ == arch::Time{0}) return look_at_;
  return std::nullopt;
}

void InterfaceDevice::add_to(std::vector<pollfd>& polled) {
  polled.push_back({watch_.changes().number(), POLLIN, 0});
  polled.push_back({device_.number(), static_cast<short>(device_ ? POLLIN : 0), 0});
}

void InterfaceDevice::happened(std::span<const pollfd> polled) {
  if (polled[0].revents != 0) look_soon();
  if (polled[1].revents != 0 && device_ && read(most_in_a_pass) > 0) receiver_->batch_received();
}

}  // namespace vmlan::host
