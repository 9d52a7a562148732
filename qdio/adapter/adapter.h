// The adapter: answers what a driver says over its read and write control channels (IDX ACTIVATE, then
// CM/ULP/DM and IPA commands inside PDUs). Knows addresses, assists and state; touches no guest storage.
//
// One Adapter serves one pair of control devices, read and write, and the data paths that their driver named
// and set up: Linux has one, z/OS several, each with a data device, tokens and registrations of its own. It
// lives in the base; for a Hercules guest the messages cross a socket, in process they are plain calls.
//
// Source of every offset: Linux, drivers/s390/net/qeth_core_mpc.h/.c and qeth_core_main.c (6.1),
// observed with that kernel.
//
// Owns: its session state. Threads: the base's thread only. Input is hostile: a message may be cut
// short, lie about lengths or offsets, or come in any order; the answer is then none (the channel
// program still ends normally), an IDX TERMINATE, or an IPA return code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arch/types.h"
#include "qdio/adapter/adapter_port.h"

namespace vmlan::qdio {

using Message = std::vector<std::byte>;

// Where answers and unsolicited events go: into the queue of a control device, to be fetched by READ. Queues
// only: nothing of the guest, and nothing of the adapter or its LAN, is called from there.
class ControlReplies {
 public:
  virtual ~ControlReplies() = default;
  // `device_index` counts from the NIC's base device: 0, 1, 2...
  virtual void reply(unsigned device_index, Message message) = 0;
};

struct AdapterIdentity {
  AdapterKind kind = AdapterKind::osd;
  arch::DeviceNumber base_device;  // of the NIC
  std::uint8_t channel_path = 0;
  std::string microcode_level = "VMLN";  // four characters, EBCDIC on the wire, shown by Linux as "level:"
};

// What IDX ACTIVATE and ULP_SETUP call a data path.
struct DataPathName {
  arch::DeviceNumber data_device;  // as its guest knows it: z/VM's TCP/IP has numbers of its own
  std::uint8_t control_unit_address = 0;
  std::uint8_t unit_address = 0;  // from the device's configuration record
  bool operator==(const DataPathName&) const = default;
};

// Where an adapter finds the ports of the data paths that its driver names.
class AdapterPorts {
 public:
  virtual ~AdapterPorts() = default;
  // For the control device `device_index` of IDX ACTIVATE. nullptr: no such data device. The port outlives
  // the adapter.
  virtual AdapterPort* port_of(const DataPathName& name, unsigned device_index) = 0;
};

class Adapter {
 public:
  Adapter(const AdapterIdentity& identity, AdapterPorts& ports, ControlReplies& replies);
  ~Adapter();
  Adapter(const Adapter&) = delete;
  Adapter& operator=(const Adapter&) = delete;

  // A message written to control device `device_index` (IDX ACTIVATE or a PDU).
  void receive(unsigned device_index, std::span<const std::byte> message);
  // The control devices whose channels are active.
  std::optional<unsigned> read_device() const noexcept;
  std::optional<unsigned> write_device() const noexcept;
  // The channel of a control device was halted or cleared: the session is over, with all of its data paths.
  void reset();
  // That of a data device: its data path is over, and the session if it has no other.
  void reset(AdapterPort& port);
  // Is it one of the session's data paths?
  bool has(const AdapterPort& port) const noexcept;
  // Unsolicited events to a started driver: STOPLAN / STARTLAN on the read channel, for one data path.
  void lan_lost(AdapterPort& port);
  void lan_restored(AdapterPort& port);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

// An IDX ACTIVATE request: which data paths it is for, at least one, and which channel of theirs this is.
struct IdxActivate {
  std::vector<DataPathName> data_paths;
  bool read_channel = false;
};
// Nothing if `message` is no IDX ACTIVATE.
std::optional<IdxActivate> parse_idx_activate(std::span<const std::byte> message);
// Which device of the NIC is meant: the unit address says it, the number only if that fits none. Nothing: no
// device but the control device `control_index` itself.
std::optional<unsigned> data_device_index(const DataPathName& name, arch::DeviceNumber base, unsigned devices,
                                          unsigned control_index);
// The negative answer to an IDX ACTIVATE that names no device of the NIC.
Message refuse_idx_activate(std::span<const std::byte> request);

}  // namespace vmlan::qdio
