// A guest LAN: a segment in the base that virtual NICs couple to, with the one IP table that is its ARP
// table (IP transport) or its MAC table (ETHERNET transport).
//
// Source: CP Commands (DEFINE LAN, QUERY LAN), CP control blocks IPNBK; observed rules are in
// docs/DECISIONS.md.
//
// Owns: tables and counters; not the NICs. Threads: the base's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "guestlan/counters.h"
#include "guestlan/ip_table.h"
#include "qdio/adapter/adapter_port.h"
#include "qdio/queues/frame.h"

namespace vmlan::guestlan {

class DataPort;
class Nic;

enum class LanType : std::uint8_t { qdio, hipers };

struct LanAttributes {
  std::string owner;  // user id or SYSTEM
  std::string name;
  LanType type = LanType::qdio;
  qdio::Transport transport = qdio::Transport::ip;
  std::uint32_t max_frame_size = 16384;     // HIPERS: 16384, 24576, 40960, 65536
  std::optional<unsigned> max_connections;  // 1-1024; nothing = INFINITE
  bool restricted = false;
  bool accounting = false;

  // SYSTEM-owned LANs are PERSISTENT, the others TRANSIENT.
  bool persistent() const { return owner == "SYSTEM"; }
};

// One entry of a RESTRICTED LAN's access list.
struct Grant {
  bool promiscuous = false;
};

class Lan {
 public:
  explicit Lan(LanAttributes attributes);
  ~Lan();
  Lan(const Lan&) = delete;
  Lan& operator=(const Lan&) = delete;

  const LanAttributes& attributes() const noexcept { return attributes_; }
  LanAttributes& attributes() noexcept { return attributes_; }

  // NICs coupled, in the order they came. Nic::couple/uncouple are the only callers of add/remove.
  const std::vector<Nic*>& nics() const noexcept { return nics_; }
  void add(Nic& nic);
  void remove(Nic& nic);

  std::map<std::string, Grant, std::less<>>& access_list() noexcept { return access_list_; }
  const std::map<std::string, Grant, std::less<>>& access_list() const noexcept { return access_list_; }
  bool authorizes(std::string_view userid) const;

  IpTable& ip_table() noexcept { return ip_table_; }
  const IpTable& ip_table() const noexcept { return ip_table_; }

  // ETHERNET transport: MAC address -> ports. One port for a unicast address, members for a group address.
  const std::vector<DataPort*>* find_mac(const wire::MacAddress& mac) const noexcept;
  bool add_mac(const wire::MacAddress& mac, DataPort& port);  // false: unicast address taken
  bool remove_mac(const wire::MacAddress& mac, const DataPort& port);

  // Data devices on the LAN, in the order they came; the sniffers among them.
  const std::vector<DataPort*>& ports() const noexcept { return ports_; }
  const std::vector<DataPort*>& promiscuous_ports() const noexcept { return promiscuous_ports_; }
  void add_port(DataPort& port);
  void remove_port(DataPort& port);
  void set_promiscuous(DataPort& port, bool on);

  // Ports that were given packets during the SIGA in progress; empty between two of them.
  std::vector<DataPort*>& touched() noexcept { return touched_; }

  // Sum over all NICs, those that left included.
  Counters total() const;

  // The owner logged off while NICs were coupled: forwards until the last one leaves.
  bool orphaned = false;

 private:
  LanAttributes attributes_;
  std::vector<Nic*> nics_;
  std::map<std::string, Grant, std::less<>> access_list_;
  IpTable ip_table_;
  std::unordered_map<std::uint64_t, std::vector<DataPort*>> macs_;
  std::vector<DataPort*> ports_;
  std::vector<DataPort*> promiscuous_ports_;
  std::vector<DataPort*> touched_;
  Counters departed_;
};

}  // namespace vmlan::guestlan
