#include "apps/replay/replay_user.h"

#include <fmt/format.h>

namespace vmlan::apps {

namespace {

// The first page stays free, as in every machine whose address 0 means "none".
constexpr arch::Address driver_area = arch::page_size;
constexpr unsigned interruptions_per_turn = 64;

cms::QdioDriver::Options driver_options(const ReplayBuffers& buffers) {
  cms::QdioDriver::Options options;
  options.base_device = {0x0600};
  options.area = driver_area;
  options.input_buffers = buffers.count;
  options.output_buffers = buffers.count;
  options.input_buffer_size = buffers.bytes;
  options.output_buffer_size = buffers.bytes;
  // A broadcast of the trace reaches the users no more than it reaches anybody outside it.
  options.broadcast = false;
  options.ulp_name = "REPLAY";
  return options;
}

}  // namespace

ReplayUser::ReplayUser(arch::Machine& machine, ReplayMail& mail, std::uint32_t number,
                       const wire::IpAddress& address, const ReplayBuffers& buffers)
    : machine_(machine),
      mail_(mail),
      number_(number),
      address_(address),
      driver_(machine, driver_options(buffers)) {}

std::uint64_t ReplayUser::storage_needed(const ReplayBuffers& buffers) noexcept {
  return driver_area + cms::QdioDriver::storage_needed(driver_options(buffers));
}

void ReplayUser::start() {
  const auto error = driver_.start();
  if (error != cms::DriverError::none) {
    why_not_ = cms::to_string(error);
    return;
  }
  // A prefix of full length: no subnet broadcast address comes with it.
  const auto code = driver_.set_ip(address_, address_.is_v4() ? 32 : 128);
  ready_ = code == qdio::IpaCode::success;
  why_not_ = ready_ ? "" : fmt::format("SETIP was refused with {:04X}", static_cast<unsigned>(code));
}

arch::Wait ReplayUser::run() {
  if (!driver_.started()) start();
  for (unsigned count = 0; count < interruptions_per_turn; ++count) {
    const auto subchannel = machine_.test_pending_interruption();
    if (!subchannel) break;
    driver_.handle_interruption(*subchannel);
  }
  driver_.poll([this](const cms::ReceivedPacket& packet) { mail_.received(number_, packet.payload); });
  if (has_mail_) {
    has_mail_ = false;
    mail_.send(driver_);
  }
  arch::Wait wait;
  if (driver_.more_data()) wait.until = machine_.clock().now();
  return wait;
}

}  // namespace vmlan::apps
