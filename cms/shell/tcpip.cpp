#include "cms/shell/tcpip.h"

#include <algorithm>
#include <utility>

#include "cms/shell/dhcp_user.h"

namespace vmlan::cms {
namespace {

// CMS itself would lie below; drivers get what they need from here on.
constexpr arch::Address first_driver_storage = 0x100000;
// Source: Linux on Z, "Device Drivers", MTU of an OSA.
constexpr std::uint32_t usual_layer3_mtu = 1492;
constexpr std::uint32_t usual_layer2_mtu = 1500;
// A TCP window of 64 KB is 45 packets.
constexpr unsigned ring_buffers = 64;

}  // namespace

arch::Address QdioLink::storage_end() const noexcept {
  QdioDriver::Options sized = options_;
  // As the driver sizes its buffers: an OSD packet with both headers, a HiperSockets frame.
  constexpr std::uint32_t iqd_overhead = 8192;
  constexpr std::uint32_t headers = wire::transport_header_size + 18;
  sized.input_buffer_size = driver_.mtu() + (driver_.is_iqd() ? iqd_overhead : headers);
  sized.output_buffer_size = sized.input_buffer_size;
  const auto end = options_.area + QdioDriver::storage_needed(sized);
  return (end + arch::page_size - 1) / arch::page_size * arch::page_size;
}

std::uint32_t QdioLink::usual_mtu() const {
  if (driver_.is_iqd()) return driver_.mtu();
  return driver_.is_layer2() ? usual_layer2_mtu : usual_layer3_mtu;
}

std::string_view TcpIp::Device::status() const noexcept {
  if (link == nullptr) return "Not started";
  return link->driver().online() ? "Ready" : "Inactive";
}

std::string_view TcpIp::Device::shown_port() const noexcept {
  return port_name.empty() ? std::string_view("UNASSIGNED") : std::string_view(port_name);
}

TcpIp::TcpIp(arch::Machine& machine) : machine_(machine) {}

TcpIp::~TcpIp() = default;

bool TcpIp::start(std::string& error) {
  if (stack_ == nullptr) stack_ = Stack::create(machine_.clock(), machine_.seed(), error);
  return stack_ != nullptr;
}

TcpIp::Device& TcpIp::add_device(Device device) {
  devices_.push_back(std::make_unique<Device>(std::move(device)));
  return *devices_.back();
}

TcpIp::Device* TcpIp::find_link(std::string_view link_name) noexcept {
  const auto found =
      std::ranges::find_if(devices_, [&](const auto& entry) { return entry->link_name == link_name; });
  return found == devices_.end() ? nullptr : found->get();
}

TcpIp::Device* TcpIp::find_number(arch::DeviceNumber number) noexcept {
  const auto found =
      std::ranges::find_if(devices_, [&](const auto& entry) { return entry->number == number; });
  return found == devices_.end() ? nullptr : found->get();
}

void TcpIp::remove_device(const Device& device) {
  std::erase_if(devices_,
                [&](const auto& entry) { return entry.get() == &device && entry->interface == nullptr; });
}

arch::Address TcpIp::free_storage() const noexcept {
  arch::Address free = first_driver_storage;
  for (const auto& device : devices_) {
    if (device->link != nullptr) free = std::max(free, device->link->storage_end());
  }
  return free;
}

DriverError TcpIp::start_device(Device& device) {
  if (device.started()) return DriverError::none;
  if (device.link != nullptr) return device.link->driver().start();
  QdioDriver::Options options;
  options.base_device = device.number;
  options.area = free_storage();
  options.input_buffers = ring_buffers;
  options.output_buffers = ring_buffers;
  options.port_name = device.port_name;
  options.transport = device.transport;
  auto link = std::make_unique<QdioLink>(machine_, options);
  const DriverError error = link->driver().start();
  if (error != DriverError::none && error != DriverError::lan_offline) return error;

  device.kind = link->driver().is_iqd() ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
  Interface* interface = stack_->add_interface(*link, device.link_name, device.mtu);
  if (interface == nullptr) return DriverError::storage_too_small;
  device.link = std::move(link);
  device.interface = interface;
  return error;
}

void TcpIp::stop_device(Device& device) {
  end_dhcp(device);
  if (device.link != nullptr) device.link->driver().stop();
}

DhcpUser* TcpIp::dhcp_of(const Device& device) const noexcept {
  const auto found =
      std::ranges::find_if(dhcp_, [&](const auto& user) { return &user->device() == &device; });
  return found == dhcp_.end() ? nullptr : found->get();
}

void TcpIp::start_dhcp(Device& device) {
  end_dhcp(device);
  dhcp_.push_back(std::make_unique<DhcpUser>(device, machine_.clock(), stack_->lwip().random()));
}

void TcpIp::end_dhcp(const Device& device) {
  DhcpUser* user = dhcp_of(device);
  if (user == nullptr) return;
  user->release();
  forget_dhcp(device);
}

void TcpIp::forget_dhcp(const Device& device) {
  std::erase_if(dhcp_, [&](const auto& user) { return &user->device() == &device; });
}

std::optional<arch::Time> TcpIp::next_timer() {
  if (stack_ == nullptr) return std::nullopt;
  auto next = stack_->next_timer();
  for (const auto& user : dhcp_) {
    const auto due = user->client().deadline();
    if (due) next = std::min(next.value_or(*due), *due);
  }
  return next;
}

void TcpIp::check_devices() {
  for (const auto& device : devices_) {
    if (!device->started()) continue;
    QdioDriver& driver = device->link->driver();
    if (!driver.is_answered()) driver.stop();
  }
}

void TcpIp::handle_interruption(arch::SubchannelNumber subchannel) {
  for (const auto& device : devices_) {
    if (device->link != nullptr) device->link->driver().handle_interruption(subchannel);
  }
}

void TcpIp::poll() {
  if (stack_ != nullptr) stack_->poll();
}

void TcpIp::flush() {
  if (stack_ != nullptr) stack_->flush();
}

}  // namespace vmlan::cms
