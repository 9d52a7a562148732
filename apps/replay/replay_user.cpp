#include "apps/replay/replay_user.h"

#include <fmt/format.h>

namespace vmlan::apps {

namespace {

// The first page stays free, as in every machine whose address 0 means "none".
constexpr arch::Address driver_area = arch::page_size;
constexpr unsigned interruptions_per_turn = 64;

cms::QdioDriver::Options driver_options(const ReplayBuffers& buffers,
                                        const std::optional<wire::MacAddress>& mac) {
  cms::QdioDriver::Options options;
  options.base_device = {0x0600};
  options.area = driver_area;
  options.input_buffers = buffers.count;
  options.output_buffers = buffers.outputs;
  options.input_buffer_size = buffers.bytes;
  options.output_buffer_size = buffers.bytes;
  // A broadcast of the trace reaches the users no more than it reaches anybody outside it.
  options.broadcast = false;
  options.ulp_name = "REPLAY";
  options.mac = mac;
  return options;
}

std::string refused(std::string_view what, qdio::IpaCode code) {
  if (code == qdio::IpaCode::success) return {};
  return fmt::format("{} was refused with {:04X}", what, static_cast<unsigned>(code));
}

}  // namespace

ReplayUser::ReplayUser(arch::Machine& machine, ReplayMail& mail, const Options& options)
    : machine_(machine),
      mail_(mail),
      number_(options.number),
      driver_(machine, driver_options(options.buffers, options.mac)),
      to_mail_([this](std::span<const std::byte> packet) { mail_.received(number_, packet); }),
      slow_(options.slow) {}

std::uint64_t ReplayUser::storage_needed(const ReplayBuffers& buffers) noexcept {
  return driver_area + cms::QdioDriver::storage_needed(driver_options(buffers, std::nullopt));
}

std::uint64_t ReplayUser::storage_to_start(const ReplayBuffers& buffers) noexcept {
  return driver_area + cms::QdioDriver::storage_to_start(driver_options(buffers, std::nullopt));
}

void ReplayUser::start() {
  const auto error = driver_.start();
  ready_ = error == cms::DriverError::none;
  why_not_ = ready_ ? "" : cms::to_string(error);
}

std::string ReplayUser::add_address(const wire::IpAddress& address) {
  // A prefix of full length: no subnet broadcast address comes with it.
  return refused("SETIP", driver_.set_ip(address, address.is_v4() ? 32 : 128));
}

std::string ReplayUser::join(const wire::IpAddress& group) {
  return refused("SETIPM", driver_.set_multicast(group));
}

void ReplayUser::take_packets() {
  const auto receive = [this](const cms::ReceivedPacket& packet) { mail_.received(number_, packet.payload); };
  if (!slow_) {
    driver_.poll(receive);
    return;
  }
  for (; may_take_ > 0; --may_take_) driver_.poll(receive, 1);
}

arch::Wait ReplayUser::run() {
  if (!driver_.started()) start();
  for (unsigned count = 0; count < interruptions_per_turn; ++count) {
    const auto subchannel = machine_.test_pending_interruption();
    if (!subchannel) break;
    ++interruptions_;
    driver_.handle_interruption(*subchannel);
  }
  arch::Wait wait;
  if (stack_ == nullptr) {
    take_packets();
  } else {
    wait.until = stack_->run(driver_, to_mail_);
  }
  if (has_mail_) {
    has_mail_ = false;
    mail_.send(driver_);
  }
  if (!slow_ && driver_.more_data()) wait.until = machine_.clock().now();
  return wait;
}

}  // namespace vmlan::apps
