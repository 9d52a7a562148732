#include <fmt/format.h>

#include "tests/isolation/random_switch.h"

namespace vmlan::isolation {

RandomSwitch::RandomSwitch(unsigned seed) : random_(seed), ethernet_(seed % 2 == 0), world_(ethernet_) {
  model_.all[2].nicdef = Rights{};
  model_.all[3].nicdef = Rights{true, {}, Vlans{2}};
  model_.all[4].nicdef = Rights{false, true, Vlans{2, 3}};
  model_.all[5].nicdef = Rights{true, {}, Vlans{3}};
  model_.all[5].nicdef_port = 70;
  define(false);
  for (unsigned user = 0; user < guests; ++user) log_on(user);
}

void RandomSwitch::run(unsigned count) {
  for (unsigned operation = 0; operation < count && !testing::Test::HasFailure(); ++operation) {
    one();
    for (unsigned frame = 0; frame < 4; ++frame) send();
  }
  EXPECT_GT(arrived_, count / 2) << "of " << number_ << " frames do arrive";
}

void RandomSwitch::log_on(unsigned user) {
  world_.log_on(user);
  model_.log_on(user, world_.own(user));
  start(user);
  done_ = fmt::format("LOGON U{}", user);
}

void RandomSwitch::log_off_or_on() {
  const unsigned user = pick(guests);
  if (!model_.all[user].logged_on) return log_on(user);
  if (!chance(3)) return;
  world_.log_off(user);
  model_.log_off(user);
  done_ = fmt::format("LOGOFF U{}", user);
}

void RandomSwitch::couple() {
  const unsigned user = pick(guests);
  if (!model_.all[user].logged_on) return;
  const bool of_use = model_.all[user].has_port && !model_.all[user].port_vlans.empty();
  if (model_.all[user].coupled && chance(of_use ? 6 : 2)) {
    const auto line = fmt::format("UNCOUPLE 600 of U{}", user);
    return same(world_.user_command(user, "UNCOUPLE 600"), model_.uncouple(user), line);
  }
  std::string line = "COUPLE 600 TO SYSTEM VSW1";
  std::optional<unsigned> number;
  if (model_.rules.by_port ? chance(3) : chance(20)) {
    number = chance(2) ? 0 : random_number();
    line += *number == 0 ? " PORTNUMBER AUTO" : fmt::format(" PORTNUMBER {}", *number);
  }
  same(world_.user_command(user, line), model_.couple(user, number), fmt::format("{} of U{}", line, user));
  if (model_.all[user].coupled) start(user);
}

void RandomSwitch::start(unsigned user) {
  same(world_.start(user), model_.start(user), fmt::format("start of U{}", user));
  take_address(user);
}

void RandomSwitch::start_or_stop() {
  const unsigned user = pick(guests);
  if (!model_.all[user].logged_on) return;
  if (!chance(4)) return start(user);
  world_.stop(user);
  model_.stop(user);
  done_ = fmt::format("stop of U{}", user);
}

Address RandomSwitch::random_address(unsigned user) {
  if (ethernet_ && !chance(3) && model_.all[user].own != 0) return model_.all[user].own;
  return ethernet_ ? 0x02ee00000000U + pick(6) : 0x0a000001U + pick(8);
}

void RandomSwitch::take_address(unsigned user) {
  const Address address = random_address(user);
  const bool takeover = chance(3);
  same(world_.take(user, address, takeover), model_.take(user, address, takeover),
       fmt::format("U{} takes {:x}", user, address));
}

void RandomSwitch::change_address() {
  const unsigned user = pick(guests);
  if (!model_.all[user].logged_on) return;
  if (!chance(3)) return take_address(user);
  const Address address = random_address(user);
  world_.give_up(user, address);
  model_.give_up(user, address);
  done_ = fmt::format("U{} gives {:x} up", user, address);
}

void RandomSwitch::listen() {
  const unsigned user = pick(guests);
  if (!model_.all[user].logged_on) return;
  const bool on = !chance(3);
  same(world_.listen(user, on), model_.listen(user, on), fmt::format("U{} listens: {}", user, on));
}

void RandomSwitch::one() {
  if (chance(1000)) return define(true);
  static constexpr std::array<void (RandomSwitch::*)(), 12> all{
      &RandomSwitch::change_grant,   &RandomSwitch::couple,        &RandomSwitch::change_port,
      &RandomSwitch::change_port,    &RandomSwitch::change_vlan,   &RandomSwitch::change_rule,
      &RandomSwitch::change_uplink,  &RandomSwitch::log_off_or_on, &RandomSwitch::couple,
      &RandomSwitch::change_address, &RandomSwitch::listen,        &RandomSwitch::start_or_stop};
  (this->*all[pick(all.size())])();
}

}  // namespace vmlan::isolation
