// rounds SIZE ROUNDS [ethernet|switch]: 64 datagrams of SIZE bytes a round from one user to another, as
// full_path/SIZE (or ethernet/SIZE) of bench/full_path.cpp does, but as often as it is told:
// scripts/count-instructions counts what they cost.
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "tests/kit/world.h"

namespace {

using namespace vmlan;

constexpr unsigned batch = 64;

// `header` makes the transport header of a datagram.
template <class Header>
bool transfer(kit::World& world, const std::vector<std::byte>& datagram, unsigned long rounds,
              const Header& header) {
  kit::User& alice = world.user(0);
  kit::User& bob = world.user(1);
  const auto size = datagram.size();
  kit::Reader reader;
  for (unsigned long round = 0; round < rounds; ++round) {
    for (unsigned count = 0; count < batch; ++count) {
      std::byte* payload = alice.driver->reserve(static_cast<std::uint32_t>(size));
      if (payload == nullptr) return false;
      std::memcpy(payload, datagram.data(), size);
      alice.driver->commit(header(), static_cast<std::uint32_t>(size));
    }
    if (alice.driver->flush() != arch::ConditionCode::zero || bob.driver->poll(reader) != batch) return false;
  }
  return true;
}

bool transfer_ip(std::size_t size, unsigned long rounds) {
  kit::World world(kit::World::Settings{});
  const auto header = cms::layer3_header(world.user(1).address, world.user(1).address);
  return transfer(
      world, kit::packet(world.user(0), world.user(1), size),
      rounds, [&]() -> const auto& { return header; });
}

bool transfer_ethernet(std::size_t size, unsigned long rounds, bool on_switch) {
  kit::World::Settings settings;
  settings.vlan_switch = on_switch;
  settings.transport = qdio::Transport::ethernet;
  kit::World world(settings);
  const auto sent = kit::frame(world.user(0), world.user(1), size);
  return transfer(world, sent, rounds, [&] { return cms::layer2_header(sent); });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view place = argc == 4 ? argv[3] : "";
  const bool on_switch = place == "switch";
  const bool ethernet = on_switch || place == "ethernet";
  if (argc != 3 && !ethernet) return 2;
  const auto size = std::strtoul(argv[1], nullptr, 10);
  const auto count = std::strtoul(argv[2], nullptr, 10);
  const bool done = ethernet ? transfer_ethernet(size, count, on_switch) : transfer_ip(size, count);
  return done ? 0 : 1;
}
