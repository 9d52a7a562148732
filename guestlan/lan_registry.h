// All guest LANs of the system, their life cycle, and what z/VM calls VMLAN: limits and defaults of all of
// them, and the pool of MAC addresses.
//
// Life cycle (CP Commands, DEFINE LAN): a PERSISTENT LAN dies by DETACH LAN only; a TRANSIENT one also when
// its owner logs off with nothing coupled, or, orphaned, when its last NIC leaves and the owner is still
// away. One that a guest outside has made by naming it dies with its last NIC.
//
// Owns: the LANs. Threads: the base's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guestlan/lan.h"
#include "guestlan/mac_pool.h"

namespace vmlan::guestlan {

class LanRegistry {
 public:
  struct Limits {
    std::optional<unsigned> persistent;  // nothing = INFINITE
    std::optional<unsigned> transient;
  };

  enum class CreateResult : std::uint8_t {
    created,
    exists,
    exists_with_other_attributes,
    limit_reached,
    no_mac
  };
  CreateResult create(LanAttributes attributes);
  Lan* find(std::string_view owner, std::string_view name) const;
  // Uncouples what is coupled, then forgets the LAN. false = no such LAN.
  bool destroy(std::string_view owner, std::string_view name);
  // Sorted by owner and name.
  std::vector<Lan*> all() const;

  // To be called after a NIC left a LAN (uncouple, detach, logoff): an orphan may be over.
  // true = the LAN is gone.
  bool nic_left(Lan& lan);
  void owner_logged_on(std::string_view owner);
  // Names of the owner's LANs that ended.
  std::vector<std::string> owner_logged_off(std::string_view owner);

  MacPool macs;

  // Of LANs whose definition says nothing of it, by their owner.
  struct Accounting {
    bool system = false;
    bool user = false;
  };
  Accounting accounting;

  // For LANs and NICs that say nothing of it themselves.
  bool mac_protect() const noexcept { return mac_protect_; }
  void set_mac_protect(bool on);

  // VMLAN DNA: a NICDEF's LAN is one its user may couple to, whatever the access list says.
  bool directory_network_authorization = true;

  unsigned count(bool persistent) const;
  Limits limits;

 private:
  using Key = std::pair<std::string, std::string>;
  std::map<Key, std::unique_ptr<Lan>> lans_;
  bool mac_protect_ = false;
};

}  // namespace vmlan::guestlan
