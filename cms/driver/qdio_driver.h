// A guest's own driver for a QDIO NIC (OSD or IQD). Drives it through arch::Machine only (SSCH, TSCH, SIGA)
// and in the order a Linux 6.1 qeth driver does: SENSE ID, read configuration data, IDX ACTIVATE, CM/ULP/DM,
// ESTABLISH and ACTIVATE QUEUES, IPA commands, input buffers, addresses.
//
// It speaks layer 3 or layer 2, as its LAN does: it asks for one, and where the adapter refuses it, for the
// other. An adapter tells at ULP_ENABLE, nowhere before (docs/DECISIONS.md, 29).
//
// Differences from Linux, made on purpose: one output queue instead of four (multicast on HiperSockets goes
// to the highest queue, which then is the only one); one packet per output buffer; buffers no larger than the
// NIC's MTU needs. Data interruptions are those of the data subchannel.
//
// Sending and receiving never allocate and make one virtual call (SIGA) per batch.
//
// Owns: nothing in storage but the area it was given. Threads: the program's own turn. Time limits: the
// adapter answers within the same turn or not at all (Error::no_answer).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arch/machine.h"
#include "cms/driver/control_dialogue.h"
#include "cms/driver/input_ring.h"
#include "cms/driver/layer2_header.h"
#include "cms/driver/layer3_header.h"
#include "cms/driver/output_ring.h"
#include "cms/driver/queue_memory.h"
#include "qdio/adapter/adapter_port.h"
#include "qdio/adapter/ipa_codes.h"
#include "wire/ip_address.h"
#include "wire/mac_address.h"
#include "wire/transport_header.h"

namespace vmlan::cms {

class QdioDriver {
 public:
  using Error = DriverError;

  struct Options {
    arch::DeviceNumber base_device;  // read control; +1 write control, +2 data
    arch::Address area = 0;          // page-aligned storage below 2 GB the driver may use from here on...
    std::uint64_t area_size = 0;     // ...this many bytes; 0 = to the end of storage
    unsigned input_buffers = 128;    // handed to the adapter; a power of two from 1 to 128
    unsigned output_buffers = 128;   // same range: packets that may wait for the adapter
    std::uint32_t input_buffer_size = 0;   // bytes, transport header included; 0 = what the NIC's MTU needs
    std::uint32_t output_buffer_size = 0;  // same
    std::optional<qdio::Transport> transport;  // nothing: the LAN's
    bool ipv6 = true;
    bool broadcast = true;                // receive IPv4 broadcasts
    std::string ulp_name = "VMLAN";       // up to 8 characters
    std::string port_name;                // up to 8 characters; empty = none
    std::optional<wire::MacAddress> mac;  // in layer 2, in place of the one that the NIC has
  };

  QdioDriver(arch::Machine& machine, Options options);
  ~QdioDriver() = default;
  QdioDriver(const QdioDriver&) = delete;
  QdioDriver& operator=(const QdioDriver&) = delete;

  // Bytes from options.area a driver with these options needs at most (buffer size 0 = the largest there is).
  static std::uint64_t storage_needed(const Options& options) noexcept;
  // How many of them it uses to start; the rest are for packets.
  static std::uint64_t storage_to_start(const Options& options) noexcept;

  // Brings the NIC up and registers again what was registered before. lan_offline is not final: the driver is
  // started, and goes online by itself when the LAN comes (handle_interruption).
  Error start();
  // Clears the channels; the adapter forgets everything, this driver remembers its addresses for start().
  void stop();
  bool started() const noexcept { return started_; }
  // Started, and the LAN is up.
  bool online() const noexcept { return online_; }

  qdio::Transport transport() const noexcept { return transport_; }
  bool is_layer2() const noexcept { return transport_ == qdio::Transport::ethernet; }
  // Sessions with the adapter so far: in a new one everything may be different.
  unsigned sessions() const noexcept { return sessions_; }

  const wire::MacAddress& mac() const noexcept { return mac_; }
  std::uint32_t mtu() const noexcept { return mtu_; }
  bool is_iqd() const noexcept { return devices_.kind() == qdio::AdapterKind::iqd; }
  // The link-local interface id's middle as CREATE_ADDR gave it (FFFE: unshared MAC address); 0 = none.
  std::uint16_t unique_id() const noexcept { return unique_id_; }

  // IpaCode::startlan_missing if the driver is not started, unknown_error if the adapter did not answer.
  // In layer 2 the adapter knows nothing of IP addresses and routers: they are kept for a session in layer 3.
  qdio::IpaCode set_ip(const wire::IpAddress& address, unsigned prefix_length, std::uint32_t flags = 0);
  qdio::IpaCode delete_ip(const wire::IpAddress& address);
  qdio::IpaCode set_multicast(const wire::IpAddress& group);
  qdio::IpaCode delete_multicast(const wire::IpAddress& group);
  qdio::IpaCode set_router(wire::IpVersion version, qdio::RouterType type);
  // A question without effect. false: the driver is not started, or the adapter did not answer.
  bool is_answered();

  // Room for `length` payload bytes in the next free output buffer; the caller writes the packet there and
  // calls commit(). nullptr: longer than a buffer, not started, or the ring is full even after a SIGA.
  std::byte* reserve(std::uint32_t length) {
    if (output_.full() || length >= length_limit_) [[unlikely]]
      return reserve_slowly(length);
    return output_.payload();
  }
  // Primes the buffer reserve() returned. `header`: of the session's layer; its length is filled in here.
  template <class Header>
  void commit(const Header& header, std::uint32_t length) noexcept {
    output_.prime(header, length);
  }
  template <class Header = wire::Layer3Header>
  bool send(const Header& header, std::span<const std::byte> payload) {
    std::byte* room = payload.size() > QueueMemory::largest_buffer
                          ? nullptr
                          : reserve(static_cast<std::uint32_t>(payload.size()));
    if (room == nullptr) return false;
    std::copy_n(payload.data(), payload.size(), room);
    commit(header, static_cast<std::uint32_t>(payload.size()));
    return true;
  }
  // Signals everything primed since the last time; cc 0 if there was nothing. cc 2 (HiperSockets, the target
  // is full): the buffers stay primed, the next flush() signals them again. cc 1 and 3: the driver is
  // offline.
  arch::ConditionCode flush();

  // Hands every packet of primed input buffers to `receive(const ReceivedPacket&)` and gives the buffers
  // back. At most one ring's worth, or `most` buffers; returns packets. more_data() then tells whether to
  // come again.
  template <class Receive>
  unsigned poll(Receive&& receive, unsigned most = qdio::buffers_per_queue) {
    const unsigned packets = input_.poll(receive, most);
    // As Linux does: a batch of at least half of the buffers is worth telling the adapter.
    if (input_.unsignalled() * 2 >= input_.buffers()) signal_input();
    return packets;
  }
  bool more_data() const noexcept { return started_ && input_.has_data(); }

  // For an interruption of any subchannel: does nothing if it is not one of ours. Reads the status, arms READ
  // again, follows STOPLAN and STARTLAN events. Data is fetched by poll().
  void handle_interruption(arch::SubchannelNumber subchannel);

  struct Counters {
    OutputRing::Counters output;
    InputRing::Counters input;
    std::uint64_t siga_write = 0;
    std::uint64_t siga_read = 0;
    std::uint64_t output_busy = 0;  // cc 2
    std::uint64_t lan_events = 0;   // STOPLAN and STARTLAN
  };
  // Looks for completed output buffers first, so that errors are counted.
  Counters counters();

 private:
  struct Registration {
    wire::IpAddress address;
    unsigned prefix_length = 0;
    std::uint32_t flags = 0;
  };

  static QueueSizes most_of(const Options& options) noexcept;
  Error bring_up();
  Error open_session(qdio::Transport transport);
  Error establish_queues();
  Error start_lan();
  Error start_layer3();
  Error start_layer2();
  Error negotiate_assists();
  void start_assists();
  Error read_mac();
  Error create_address();
  void register_routers();
  void register_addresses();
  void register_groups();
  qdio::IpaCode set_group(const wire::IpAddress& group, std::span<const wire::IpAddress> others, bool set);
  qdio::IpaCode command(const IpaRequest& request);
  bool supported(std::uint32_t assist) const noexcept { return (assists_v4_ & assist) != 0; }

  std::byte* reserve_slowly(std::uint32_t length);
  void signal_input();
  void go_offline() noexcept;
  void follow_events();

  arch::Machine& machine_;
  Options options_;
  ChannelDevices devices_;
  ControlDialogue dialogue_;
  QueueMemory memory_;
  OutputRing output_;
  InputRing input_;
  std::uint32_t length_limit_ = 0;  // largest payload + 1; 0 while not started, so that nothing fits
  bool started_ = false;
  bool online_ = false;
  qdio::Transport transport_ = qdio::Transport::ip;
  unsigned sessions_ = 0;
  wire::MacAddress mac_;
  std::uint32_t mtu_ = 0;
  std::uint16_t unique_id_ = 0;
  std::uint32_t assists_v4_ = 0;
  std::uint32_t assists_v6_ = 0;
  std::uint32_t adapter_commands_ = 0;  // SETADAPTERPARMS subcommands
  std::vector<Registration> addresses_;
  std::vector<wire::IpAddress> groups_;
  std::array<qdio::RouterType, 2> routers_{};  // IPv4, IPv6
  std::uint64_t siga_write_ = 0;
  std::uint64_t siga_read_ = 0;
  std::uint64_t output_busy_ = 0;
  std::uint64_t lan_events_ = 0;
};

}  // namespace vmlan::cms
