#include "cms/driver/qdio_driver.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace vmlan::cms {

namespace {

constexpr std::uint32_t queue_0 = 0x80000000U;
constexpr unsigned fewest_buffers = 1;
// A passthru packet brings its Ethernet header, perhaps with a VLAN tag.
constexpr std::uint32_t ethernet_room = 18;
constexpr std::uint32_t iqd_buffer_overhead = 8192;
constexpr std::uint32_t largest_osd_mtu =
    QueueMemory::largest_buffer - wire::transport_header_size - ethernet_room;

constexpr unsigned buffer_count(unsigned wanted) noexcept {
  return std::bit_floor(std::clamp(wanted, fewest_buffers, qdio::buffers_per_queue));
}

// Source: Linux 6.1 qeth, frame-size codes of HiperSockets; 0 = unknown.
constexpr std::uint32_t iqd_mtu(std::uint16_t size_code) noexcept {
  switch (size_code) {
    case 0x4000:
      return 8192;
    case 0x6000:
      return 16384;
    case 0xa000:
      return 32768;
    case 0xffff:
      return 57344;
    default:
      return 0;
  }
}

}  // namespace

// As if each buffer were as large as it can be, where that is left to the NIC.
QueueSizes QdioDriver::most_of(const Options& options) noexcept {
  const auto bytes = [](std::uint32_t size) { return size == 0 ? QueueMemory::largest_buffer : size; };
  return {buffer_count(options.input_buffers), buffer_count(options.output_buffers),
          bytes(options.input_buffer_size), bytes(options.output_buffer_size)};
}

QdioDriver::QdioDriver(arch::Machine& machine, Options options)
    : machine_(machine), options_(std::move(options)) {
  options_.input_buffers = buffer_count(options_.input_buffers);
  options_.output_buffers = buffer_count(options_.output_buffers);
}

std::uint64_t QdioDriver::storage_needed(const Options& options) noexcept {
  return QueueMemory::needed(most_of(options));
}

std::uint64_t QdioDriver::storage_to_start(const Options& options) noexcept {
  return QueueMemory::before_buffers(most_of(options));
}

DriverError QdioDriver::start() {
  stop();  // whatever is left of a session that ended
  if (!memory_.use(machine_.storage(), options_.area, options_.area_size)) return Error::storage_too_small;
  const auto error = bring_up();
  if (error != Error::none && error != Error::lan_offline) stop();
  return error;
}

void QdioDriver::stop() {
  devices_.close();
  go_offline();
}

void QdioDriver::go_offline() noexcept {
  started_ = false;
  online_ = false;
  length_limit_ = 0;
}

DriverError QdioDriver::bring_up() {
  const auto first = options_.transport.value_or(transport_);
  auto error = open_session(first);
  if (error == Error::wrong_transport && !options_.transport) {
    devices_.close();
    error = open_session(is_layer2() ? qdio::Transport::ip : qdio::Transport::ethernet);
    if (error == Error::wrong_transport) transport_ = first;
  }
  if (error != Error::none) return error;
  error = establish_queues();
  if (error != Error::none) return error;
  error = dialogue_.activate_data_manager();
  if (error != Error::none) return error;
  ++sessions_;
  return start_lan();
}

DriverError QdioDriver::open_session(qdio::Transport transport) {
  transport_ = transport;
  const auto error =
      devices_.open(machine_, options_.base_device, memory_.programs(), memory_.write_buffer());
  if (error != Error::none) return error;
  return dialogue_.connect(machine_, devices_,
                           {options_.ulp_name, options_.port_name, memory_.read_buffer(),
                            memory_.write_buffer(), QueueMemory::write_buffer_size, transport});
}

DriverError QdioDriver::establish_queues() {
  const auto size_code = dialogue_.size_code();
  mtu_ = is_iqd() ? iqd_mtu(size_code) : std::min<std::uint32_t>(size_code, largest_osd_mtu);
  if (mtu_ == 0 && is_iqd()) return Error::handshake_refused;
  if (mtu_ == 0) mtu_ = largest_osd_mtu;
  const auto whole_frame = static_cast<std::uint32_t>(wire::transport_header_size) + ethernet_room + mtu_;
  const auto natural = is_iqd() ? mtu_ + iqd_buffer_overhead : whole_frame;
  const auto bytes = [natural](std::uint32_t wanted) { return wanted == 0 ? natural : wanted; };
  const QueueSizes sizes{options_.input_buffers, options_.output_buffers, bytes(options_.input_buffer_size),
                         bytes(options_.output_buffer_size)};
  if (!memory_.lay_out(devices_.kind(), devices_.data_device(), sizes)) return Error::storage_too_small;

  auto establish = devices_.commands().establish_queues;
  if (establish.count != sizeof(qdio::Qdr)) return Error::queues_refused;
  establish.data = memory_.qdr_address();
  establish.count = QueueMemory::qdr_size;
  if (devices_.data().start(establish) != Channel::Outcome::ended) return Error::queues_refused;
  output_.start(memory_.output());
  input_.start(memory_.input(), transport_);
  // ACTIVATE QUEUES has no ending as long as all is well.
  const auto outcome = devices_.data().start(devices_.commands().activate_queues);
  return outcome == Channel::Outcome::pending ? Error::none : Error::queues_refused;
}

std::byte* QdioDriver::reserve_slowly(std::uint32_t length) {
  if (length >= length_limit_) return nullptr;
  output_.complete();
  if (output_.full()) flush();
  return output_.full() || !started_ ? nullptr : output_.payload();
}

arch::ConditionCode QdioDriver::flush() {
  if (output_.unsignalled() == 0) return arch::ConditionCode::zero;
  if (!started_) return arch::ConditionCode::one;
  ++siga_write_;
  const auto condition =
      machine_.signal_adapter({arch::Siga::Function::write, devices_.data().number(), queue_0});
  switch (condition) {
    case arch::ConditionCode::zero:
      output_.signalled();
      break;
    case arch::ConditionCode::two:
      ++output_busy_;
      break;
    default:
      go_offline();
      return condition;
  }
  output_.complete();
  return condition;
}

void QdioDriver::signal_input() {
  ++siga_read_;
  input_.signalled();
  const auto condition =
      machine_.signal_adapter({arch::Siga::Function::read, devices_.data().number(), queue_0});
  if (condition != arch::ConditionCode::zero) go_offline();
}

void QdioDriver::handle_interruption(arch::SubchannelNumber subchannel) {
  if (!started_ || !devices_.is_ours(subchannel)) return;
  if (subchannel == devices_.data().number()) {
    const auto outcome = devices_.data().collect();
    // Any status but PCI ends the queues: the adapter died, or the NIC was detached.
    if (outcome != Channel::Outcome::interrupted && outcome != Channel::Outcome::pending) go_offline();
    return;
  }
  if (subchannel == devices_.write_control().number()) devices_.write_control().collect();
  dialogue_.handle_read_interruption();
  follow_events();
}

// A LAN that came back is a new session, as in Linux: everything is set up again. So is one that stops though
// it was away already: a LAN of the other transport has come (docs/DECISIONS.md, 80).
void QdioDriver::follow_events() {
  const auto events = dialogue_.take_events();
  // A HiperSockets NIC without a LAN has one of its own, in layer 3: it is asked which of both has stopped.
  const bool stopped = events.stopped > 0 && !events.terminated;
  const bool twice = events.stopped > (online_ ? 1U : 0U);
  const bool other_transport =
      stopped && !options_.transport &&
      (twice || (is_iqd() && command(start_lan_request()) == qdio::IpaCode::lan_offline));
  if (events.stopped > 0 || events.restored) ++lan_events_;
  if (events.stopped > 0) online_ = false;
  if (events.terminated) go_offline();
  if ((events.restored || other_transport) && !events.terminated) start();
}

QdioDriver::Counters QdioDriver::counters() {
  if (started_) output_.complete();
  return {output_.counters(), input_.counters(), siga_write_, siga_read_, output_busy_, lan_events_};
}

}  // namespace vmlan::cms
