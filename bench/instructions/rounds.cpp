// rounds SIZE ROUNDS: 64 datagrams of SIZE bytes a round from one user to another, as full_path/SIZE of
// bench/full_path.cpp does, but as often as it is told: scripts/count-instructions counts what they cost.
#include <cstdlib>
#include <cstring>

#include "tests/kit/world.h"

namespace {

using namespace vmlan;

constexpr unsigned batch = 64;

bool transfer(std::size_t size, unsigned long rounds) {
  kit::World world(kit::World::Settings{});
  kit::User& alice = world.user(0);
  kit::User& bob = world.user(1);
  const auto datagram = kit::packet(alice, bob, size);
  const auto header = cms::layer3_header(bob.address, bob.address);
  kit::Reader reader;
  for (unsigned long round = 0; round < rounds; ++round) {
    for (unsigned count = 0; count < batch; ++count) {
      std::byte* payload = alice.driver->reserve(static_cast<std::uint32_t>(size));
      if (payload == nullptr) return false;
      std::memcpy(payload, datagram.data(), size);
      alice.driver->commit(header, static_cast<std::uint32_t>(size));
    }
    if (alice.driver->flush() != arch::ConditionCode::zero || bob.driver->poll(reader) != batch) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return transfer(std::strtoul(argv[1], nullptr, 10), std::strtoul(argv[2], nullptr, 10)) ? 0 : 1;
}
