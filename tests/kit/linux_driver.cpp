// Channel programs, discovery, and queues.
#include "tests/kit/linux_driver.h"

#include <algorithm>
#include <cstring>

#include "tests/kit/golden.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::kit {

namespace {

constexpr std::uint8_t normal_ending = 0x0c;
constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t queue_room = 0xa000;  // SLSB, SL, SLIB in the first page, then 128 SBALs

}  // namespace

LinuxDriver::LinuxDriver(arch::Machine& machine, const Options& options)
    : machine_(machine), storage_(machine.storage()), options_(options) {}

bool LinuxDriver::fail(std::string why) {
  if (failure_.empty()) failure_ = std::move(why);
  return false;
}

arch::SubchannelNumber LinuxDriver::subchannel(unsigned device) const {
  return {static_cast<std::uint16_t>(options_.first_subchannel + device)};
}

// Pages: one with all channel programs, one of data per device, QDR, QIB; then the queues.
arch::Address LinuxDriver::program(unsigned device) const { return options_.base + device * 0x100U; }
arch::Address LinuxDriver::page(unsigned device) const { return options_.base + (1 + device) * page_bytes; }
arch::Address LinuxDriver::qdr_address() const { return options_.base + 4 * page_bytes; }
arch::Address LinuxDriver::control(unsigned queue) const {
  return options_.base + 6 * page_bytes + queue * queue_room;
}
arch::Address LinuxDriver::sbal(unsigned queue, unsigned buffer) const {
  return control(queue) + page_bytes + buffer * 256U;
}
arch::Address LinuxDriver::data(unsigned queue, unsigned buffer, unsigned element) const {
  const auto index = (std::uint64_t{queue} * 128 + buffer) * options_.elements + element;
  return control(1 + output_queues) + index * page_bytes;
}

arch::ConditionCode LinuxDriver::start(unsigned device, std::span<const Command> commands) {
  arch::Address at = program(device);
  for (const Command& command : commands) {
    std::array<std::byte, 8> ccw{};
    ccw[0] = std::byte{command.code};
    ccw[1] = std::byte{command.flags};
    put16(&ccw[2], command.count);
    put32(&ccw[4], static_cast<std::uint32_t>(command.data));
    storage_.write_bytes(at, ccw);
    at += ccw.size();
  }
  arch::Orb orb;
  orb.interruption_parameter = 0x51e70000U + device;
  orb.program = program(device);
  return machine_.start_subchannel(subchannel(device), orb);
}

bool LinuxDriver::collect(unsigned device, arch::Irb& irb) {
  return machine_.test_subchannel(subchannel(device), irb) == arch::ConditionCode::zero;
}

bool LinuxDriver::run(unsigned device, const Command& command, std::uint16_t& transferred) {
  if (start(device, std::span(&command, 1)) != arch::ConditionCode::zero) return fail("start refused");
  arch::Irb irb;
  if (!collect(device, irb)) return fail("no status after a command");
  transferred = static_cast<std::uint16_t>(command.count - irb.residual);
  return want(irb.device_status == normal_ending && irb.channel_status == 0, "command did not end normally");
}

bool LinuxDriver::enable() {
  for (unsigned device = 0; device < 3; ++device) {
    const auto schib = machine_.store_subchannel(subchannel(device));
    if (!schib || schib->device.value != options_.base_device + device) return fail("subchannel not found");
    if (machine_.modify_subchannel(subchannel(device), true) != arch::ConditionCode::zero) {
      return fail("subchannel cannot be enabled");
    }
  }
  return true;
}

bool LinuxDriver::discover() {
  const auto& expected = golden("identity", options_.iqd ? "sense_id.iqd" : "sense_id.osd");
  for (unsigned device = 0; device < 3; ++device) {
    std::uint16_t got = 0;
    if (!run(device, {0xe4, 0x20, 40, page(device)}, got)) return false;
    sense_id.resize(got);
    storage_.read_bytes(page(device), sense_id);
    if (sense_id != expected) return fail("SENSE ID differs from the golden one");
    if (!run(device, {0x03, 0x20, 0, 0}, got)) return false;  // path verification
  }
  std::uint16_t got = 0;
  if (!run(data_device, {0xfa, 0x20, 0x80, page(data_device)}, got)) return false;
  configuration.resize(got);
  storage_.read_bytes(page(data_device), configuration);
  return want(got >= 96, "configuration data too short");
}

bool LinuxDriver::establish_queues() {
  Bytes qdr(page_bytes);
  qdr[0x00] = options_.iqd ? std::byte{2} : std::byte{0};
  qdr[0x05] = std::byte{1};
  qdr[0x07] = std::byte{output_queues};
  qdr[0x09] = qdr[0x0b] = std::byte{8};
  put64(&qdr[0x30], qdr_address() + page_bytes);
  qdr[0x3c] = static_cast<std::byte>(options_.access_key << 4U);
  for (unsigned queue = 0; queue <= output_queues; ++queue) {
    std::byte* descriptor = &qdr[0x40 + queue * 32U];
    put64(descriptor, control(queue) + 0x800);
    put64(descriptor + 8, control(queue) + 0x400);
    put64(descriptor + 16, control(queue));
    descriptor[0x1c] = descriptor[0x1d] = static_cast<std::byte>(options_.access_key * 0x11U);
    lay_out_queue(queue);
  }
  storage_.write_bytes(qdr_address(), qdr);
  next_output_ = {};
  std::uint16_t got = 0;
  return run(data_device, {0x1b, 0x20, 0x1000, qdr_address()}, got);
}

void LinuxDriver::lay_out_queue(unsigned queue) {
  Bytes list(1024);
  for (unsigned buffer = 0; buffer < 128; ++buffer) put64(&list[buffer * 8U], sbal(queue, buffer));
  storage_.write_bytes(control(queue) + 0x400, list);
  // Linux sets the states when the queues are established; before they are the driver's own.
  storage_.write_bytes(control(queue), Bytes(128, queue == 0 ? std::byte{0x80} : std::byte{0xa0}));
}

bool LinuxDriver::activate_queues() {
  const Command command{0x1f, 0x20, 0, 0};
  if (start(data_device, std::span(&command, 1)) != arch::ConditionCode::zero) {
    return fail("ACTIVATE QUEUES refused");
  }
  arch::Irb irb;
  return want(!collect(data_device, irb), "ACTIVATE QUEUES ended");
}

void LinuxDriver::reset_input(unsigned buffer) {
  for (unsigned index = 0; index < options_.elements; ++index) {
    std::array<std::byte, 16> element{};
    element[0] = index + 1 == options_.elements ? std::byte{0x40} : std::byte{0};
    put32(&element[4], static_cast<std::uint32_t>(page_bytes));
    put64(&element[8], data(0, buffer, index));
    storage_.write_bytes(sbal(0, buffer) + index * 16U, element);
  }
  storage_.write(control(0) + buffer, std::uint8_t{0x41});
}

bool LinuxDriver::give_input_buffers(unsigned count) {
  for (unsigned buffer = 0; buffer < count; ++buffer) reset_input(buffer);
  arch::Siga siga{arch::Siga::Function::read, subchannel(data_device), 0x80000000U};
  return want(machine_.signal_adapter(siga) == arch::ConditionCode::zero, "SIGA-r refused");
}

unsigned LinuxDriver::prime(unsigned queue, std::span<const std::byte> packet, bool pci) {
  const unsigned buffer = next_output_[queue];
  next_output_[queue] = (buffer + 1) % 128;
  const unsigned ring = 1 + queue;
  unsigned index = 0;
  for (std::size_t done = 0; done < packet.size(); ++index) {
    const auto length = std::min<std::size_t>(packet.size() - done, page_bytes);
    const bool last = done + length == packet.size();
    std::array<std::byte, 16> element{};
    const unsigned fragment = index == 0 ? (last ? 0x00U : 0x04U) : (last ? 0x0cU : 0x08U);
    element[0] = static_cast<std::byte>(fragment | (last ? 0x40U : 0U));
    if (index == 0 && pci) element[3] = std::byte{0x40};
    put32(&element[4], static_cast<std::uint32_t>(length));
    put64(&element[8], data(ring, buffer, index));
    storage_.write_bytes(data(ring, buffer, index), packet.subspan(done, length));
    storage_.write_bytes(sbal(ring, buffer) + index * 16U, element);
    done += length;
  }
  storage_.write(control(ring) + buffer, std::uint8_t{0x62});
  return buffer;
}

arch::ConditionCode LinuxDriver::signal_output(unsigned queue) {
  return machine_.signal_adapter(
      {arch::Siga::Function::write, subchannel(data_device), 0x80000000U >> queue});
}

std::uint8_t LinuxDriver::output_state(unsigned queue, unsigned buffer) const {
  return storage_.read<std::uint8_t>(control(1 + queue) + buffer).value;
}

std::uint8_t LinuxDriver::input_state(unsigned buffer) const {
  return storage_.read<std::uint8_t>(control(0) + buffer).value;
}

std::uint8_t LinuxDriver::result_code(unsigned queue, unsigned buffer) const {
  return storage_.read<std::uint8_t>(sbal(1 + queue, buffer) + 15 * 16 + 3).value;
}

Bytes LinuxDriver::take_input(unsigned buffer) {
  Bytes bytes;
  for (unsigned index = 0; index < options_.elements; ++index) {
    std::array<std::byte, 16> element{};
    storage_.read_bytes(sbal(0, buffer) + index * 16U, element);
    Bytes part(std::min<std::size_t>(get32(&element[4]), page_bytes));
    storage_.read_bytes(data(0, buffer, index), part);
    bytes.insert(bytes.end(), part.begin(), part.end());
    if ((element[0] & std::byte{0x40}) != std::byte{0}) break;
  }
  reset_input(buffer);
  return bytes;
}

}  // namespace vmlan::kit
