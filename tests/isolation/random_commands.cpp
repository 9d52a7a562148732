#include <fmt/format.h>

#include "tests/isolation/random_switch.h"

namespace vmlan::isolation {

void RandomSwitch::same(bool real, bool model, const std::string& what) {
  done_ = what;
  ASSERT_EQ(real, model) << what;
}

std::string RandomSwitch::random_rights(Rights& rights) {
  std::string text;
  if (!chance(3)) {
    rights.listen = chance(2);
    text += *rights.listen ? " PROMISCUOUS" : " NOPROMISCUOUS";
  }
  if ((model_.rules.aware || chance(10)) && !chance(3)) {
    rights.trunk = chance(2);
    text += *rights.trunk ? " PORTTYPE TRUNK" : " PORTTYPE ACCESS";
  }
  if ((model_.rules.aware || chance(10)) && !chance(4)) {
    rights.vlans.emplace();
    text += " VLAN";
    for (unsigned count = 1 + (chance(2) ? pick(3) : 0); count > 0; --count) {
      const unsigned vlan = 1 + pick(vlans);
      rights.vlans->insert(vlan);
      text += fmt::format(" {}", vlan);
    }
  }
  if (chance(3)) text += fmt::format(" PQUPLINKTX {}", chance(2) ? "HIGH" : "LOW");
  return text;
}

void RandomSwitch::define(bool again) {
  Rules fresh;
  fresh.ethernet = ethernet_;
  fresh.by_port = chance(2);
  std::string line = fmt::format("DEFINE VSWITCH VSW1 {} {}", ethernet_ ? "ETHERNET" : "IP",
                                 fresh.by_port ? "PORTBASED" : "USERBASED");
  fresh.aware = !chance(4);
  if (fresh.aware) {
    fresh.standard = chance(2) ? 0 : 1 + pick(vlans);
    fresh.trunk = chance(3);
    fresh.native = pick(4);
    line += fresh.standard == 0 ? " VLAN AWARE" : fmt::format(" VLAN {}", fresh.standard);
    line += fresh.trunk ? " PORTTYPE TRUNK" : " PORTTYPE ACCESS";
    line += fresh.native == 0 ? " NATIVE NONE" : fmt::format(" NATIVE {}", fresh.native);
  }
  if (again) same(world_.command("DETACH VSWITCH VSW1"), true, "DETACH");
  same(world_.command(line), true, line);
  model_.begin(fresh);
  attach_uplink(true);
}

void RandomSwitch::change_grant() {
  const unsigned user = pick(guests);
  if (chance(4)) {
    const auto line = fmt::format("SET VSWITCH VSW1 REVOKE U{}", user);
    return same(world_.command(line), model_.revoke(user), line);
  }
  Rights rights;
  const auto line = fmt::format("SET VSWITCH VSW1 GRANT U{}{}", user, random_rights(rights));
  same(world_.command(line), model_.grant(user, rights), line);
}

void RandomSwitch::change_port() {
  const unsigned number = random_number();
  const std::string begin = "SET VSWITCH VSW1 PORTNUMBER";
  if (chance(20)) {
    const auto line = fmt::format("{} REMOVE {}", begin, number);
    return same(world_.command(line), model_.remove_port(number), line);
  }
  Rights rights;
  const auto text = random_rights(rights);
  if (chance(3)) {
    const auto line = fmt::format("{} MODIFY {}{}", begin, number, text);
    return same(world_.command(line), model_.modify_port(number, rights), line);
  }
  const unsigned user = pick(guests);
  const auto line = fmt::format("{} {} USERID U{}{}", begin, number, user, text);
  same(world_.command(line), model_.define_port(number, user, rights), line);
}

void RandomSwitch::change_vlan() {
  const unsigned vlan = 1 + pick(vlans);
  if (chance(8)) {
    const auto line = fmt::format("SET VSWITCH VSW1 VLANID {} DELETE", vlan);
    return same(world_.command(line), model_.remove_vlan(vlan, {}, true), line);
  }
  std::set<unsigned> numbers{random_number()};
  if (chance(3)) numbers.insert(random_number());
  const bool add = !chance(3);
  auto line = fmt::format("SET VSWITCH VSW1 VLANID {} {}", vlan, add ? "ADD" : "REMOVE");
  for (const unsigned number : numbers) line += fmt::format(" {}", number);
  same(world_.command(line), add ? model_.add_vlan(vlan, numbers) : model_.remove_vlan(vlan, numbers, false),
       line);
}

void RandomSwitch::change_rule() {
  struct Rule {
    std::string_view word;
    bool Rules::*rule;
  };
  static constexpr std::array<Rule, 4> all{{{"ISOLATION", &Rules::isolation},
                                            {"VEPA", &Rules::vepa},
                                            {"MACPROTECT", &Rules::protect},
                                            {"UPLINK PRIQUEUING", nullptr}}};
  const auto& [word, rule] = all[pick(4)];
  const bool on = chance(5);
  const auto line = fmt::format("SET VSWITCH VSW1 {} {}", word, on ? "ON" : "OFF");
  same(world_.command(line), true, line);
  if (rule != nullptr) model_.rules.*rule = on;
}

void RandomSwitch::change_uplink() {
  if (chance(2)) {
    model_.ready = !chance(4);
    world_.uplink_ready(model_.ready);
    return same(true, true, model_.ready ? "uplink ready" : "uplink lost");
  }
  attach_uplink(!chance(4));
}

void RandomSwitch::attach_uplink(bool on) {
  model_.attached = on;
  const auto line = fmt::format("SET VSWITCH VSW1 UPLINK RDEV {}", on ? "0A00" : "NONE");
  same(world_.command(line), true, line);
}

}  // namespace vmlan::isolation
