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
#include <vector>

#include "guestlan/counters.h"
#include "guestlan/ip_table.h"
#include "qdio/adapter_port.h"
#include "qdio/frame.h"

namespace vmlan::guestlan {

class DataPort;
class Nic;

enum class LanType : std::uint8_t { qdio, hipers };

struct LanAttributes {
  std::string owner;  // user id or SYSTEM
  std::string name;
  LanType type = LanType::qdio;
  qdio::Transport transport = qdio::Transport::ip;
  std::uint32_t max_frame_size = 16384;        // HIPERS: 16384, 24576, 40960, 65536
  std::optional<unsigned> max_connections;     // 1-1024; nothing = INFINITE
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

  // What the LAN lost as a whole, including counters of NICs that left.
  Counters total() const;

  // The owner logged off while NICs were coupled: forwards until the last one leaves.
  bool orphaned = false;

 private:
  LanAttributes attributes_;
  std::vector<Nic*> nics_;
  std::map<std::string, Grant, std::less<>> access_list_;
  IpTable ip_table_;
  Counters departed_;
};

}  // namespace vmlan::guestlan
