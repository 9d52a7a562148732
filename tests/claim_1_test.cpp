// Claim 1 of US 7,111,303 B2, walked word by word:
//
//   a base shared by user portions, each with storage and a device driver of its own; virtual NICs of both
//   users in the base; tables in the base from each NIC's IP address to the address of an input buffer of
//   that NIC's driver; the first driver passes a datagram to its own NIC; the NIC finds the second buffer's
//   address from the destination IP address and the tables; it transfers the datagram there.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "tests/kit/world.h"

namespace vmlan {
namespace {

using kit::User;
using kit::World;

constexpr unsigned alice_number = 0;
constexpr unsigned bob_number = 1;
constexpr unsigned carol_number = 2;

// A view of one user's storage from outside, without leaving marks in its storage keys.
class Outside {
 public:
  explicit Outside(User& user) : storage_(user.machine->storage()), first_(storage_.established(0)) {}

  const std::byte* at(arch::Address address) const { return first_ + address; }
  bool holds(const void* pointer) const {
    const auto* byte = static_cast<const std::byte*>(pointer);
    return std::less_equal<>{}(first_, byte) && std::less<>{}(byte, first_ + storage_.size());
  }
  bool overlaps(const Outside& other) const { return holds(other.first_) || other.holds(first_); }
  // Every address at which `pattern` lies.
  std::vector<arch::Address> find(std::span<const std::byte> pattern) const {
    std::vector<arch::Address> found;
    const auto* end = first_ + storage_.size();
    const std::boyer_moore_searcher searcher(pattern.begin(), pattern.end());
    for (const auto* at = std::search(first_, end, searcher); at != end;
         at = std::search(at + 1, end, searcher)) {
      found.push_back(static_cast<arch::Address>(at - first_));
    }
    return found;
  }
  // Pages the machine or the base stored into since forget().
  std::vector<arch::Address> changed_pages() const { return pages_with(arch::storage_key_changed); }
  std::vector<arch::Address> referenced_pages() const { return pages_with(arch::storage_key_referenced); }
  void forget() const {
    for (arch::Address page = 0; page < storage_.size(); page += arch::page_size)
      storage_.set_storage_key(page, 0);
  }

 private:
  std::vector<arch::Address> pages_with(std::uint8_t bit) const {
    std::vector<arch::Address> pages;
    for (arch::Address page = 0; page < storage_.size(); page += arch::page_size) {
      if ((storage_.storage_key(page) & bit) != 0) pages.push_back(page);
    }
    return pages;
  }

  arch::GuestStorage storage_;
  const std::byte* first_;
};

World::Settings three_users() {
  World::Settings settings;
  settings.users = 3;
  settings.one_datagram_per_buffer = false;  // as the system runs by itself
  return settings;
}

class Claim1 : public ::testing::Test {
 protected:
  World world{three_users()};
  User& alice = world.user(alice_number);
  User& bob = world.user(bob_number);
  User& carol = world.user(carol_number);
  guestlan::Lan& lan = *world.system().vmlan().find("SYSTEM", "LAN1");

  qdio::NextInputBuffer table_row(const User& user) {
    const guestlan::IpEntry* entry = lan.ip_table().find(user.address);
    EXPECT_NE(entry, nullptr);
    EXPECT_EQ(entry->type, guestlan::EntryType::unicast);
    return *entry->port->queues()->next_input_buffer();
  }
  std::vector<std::byte> datagram() {
    auto bytes = kit::packet(alice, bob, 1000);
    arch::Prng chance(7'111'303);
    std::generate(bytes.begin() + 20, bytes.end(), [&] { return std::byte(chance.next() & 0xffU); });
    return bytes;
  }
};

TEST_F(Claim1, TheUsersHaveSeparateStorage) {
  const Outside a(alice);
  const Outside b(bob);
  const Outside c(carol);
  EXPECT_FALSE(a.overlaps(b));
  EXPECT_FALSE(a.overlaps(c));
  EXPECT_FALSE(b.overlaps(c));
}

TEST_F(Claim1, TheNicsAndTheTableLieInTheBaseOnly) {
  for (User* user : {&alice, &bob, &carol}) {
    const Outside storage(*user);
    for (User* owner : {&alice, &bob, &carol}) {
      EXPECT_FALSE(storage.holds(owner->machine->nic({0x600})));
      EXPECT_FALSE(storage.holds(lan.ip_table().find(owner->address)));
    }
    EXPECT_FALSE(storage.holds(&lan));
  }
}

TEST_F(Claim1, TheTableLeadsFromEachIpAddressToAnInputBufferOfThatUsersDriver) {
  for (User* user : {&alice, &bob, &carol}) {
    const auto row = table_row(*user);
    EXPECT_EQ(row.state, qdio::BufferState::input_empty);
    EXPECT_TRUE(user->machine->storage().contains(row.storage, 1500));
    EXPECT_EQ(lan.ip_table().find(user->address)->port, user->machine->nic({0x600})->ports().front().get());
  }
}

TEST_F(Claim1, TheCommandShowsTheTable) {
  const auto row = table_row(bob);
  const auto reply = bob.machine->diagnose_8("QUERY LAN LAN1 OWNERID SYSTEM BUFFERS");
  EXPECT_EQ(reply.return_code, 0);
  const auto line = std::find_if(reply.lines.begin(), reply.lines.end(), [&](const std::string& text) {
    return text.find(wire::to_string(bob.address)) != std::string::npos;
  });
  ASSERT_NE(line, reply.lines.end());
  EXPECT_NE(line->find("U0000001"), std::string::npos) << *line;
  EXPECT_NE(line->find("0602"), std::string::npos) << *line;
  EXPECT_NE(line->find(fmt::format("{:08X}", row.sbal)), std::string::npos) << *line;
  EXPECT_NE(line->find(fmt::format("{:08X}", row.storage)), std::string::npos) << *line;
}

TEST_F(Claim1, TheDatagramArrivesAtTheAddressTheTableNamedCopiedOnceAndNobodyElseIsTouched) {
  const Outside a(alice);
  const Outside b(bob);
  const Outside c(carol);
  const auto before = table_row(bob);
  const auto sent = datagram();
  const auto header = cms::layer3_header(bob.address, bob.address);
  ASSERT_TRUE(alice.driver->send(header, sent));
  EXPECT_EQ(a.find(sent).size(), 1U) << "the first driver has put it into its own storage";
  EXPECT_TRUE(b.find(sent).empty()) << "and nothing has moved before it passes it to its NIC";
  a.forget();
  b.forget();
  c.forget();

  ASSERT_EQ(alice.driver->flush(), arch::ConditionCode::zero);

  const arch::Address arrived = before.storage + wire::transport_header_size;
  EXPECT_EQ(b.find(sent), std::vector<arch::Address>{arrived});
  EXPECT_TRUE(std::equal(sent.begin(), sent.end(), b.at(arrived)));
  EXPECT_EQ(a.find(sent).size(), 1U);
  EXPECT_TRUE(c.find(sent).empty());

  // The base stored into three places of BOB's storage: the buffer, its SBAL, its state byte.
  const auto page = [](arch::Address address) { return address / arch::page_size * arch::page_size; };
  const auto changed = b.changed_pages();
  EXPECT_LE(changed.size(), 2U);
  EXPECT_NE(std::find(changed.begin(), changed.end(), page(before.storage)), changed.end());
  EXPECT_TRUE(c.referenced_pages().empty()) << "the third user's storage was not even looked at";
  EXPECT_TRUE(c.changed_pages().empty());

  // The second driver finds it there; the table names another buffer next.
  unsigned received = 0;
  bob.driver->poll([&](const cms::ReceivedPacket& packet) {
    ++received;
    EXPECT_TRUE(b.holds(packet.payload.data()));
    EXPECT_EQ(packet.payload.data(), b.at(arrived));
    EXPECT_TRUE(std::equal(packet.payload.begin(), packet.payload.end(), sent.begin(), sent.end()));
  });
  EXPECT_EQ(received, 1U);
  EXPECT_EQ(carol.driver->poll([](const cms::ReceivedPacket&) {}), 0U);
  EXPECT_EQ(table_row(bob).buffer, before.buffer + 1);
  EXPECT_NE(table_row(bob).storage, before.storage);
}

TEST_F(Claim1, TheNextDatagramFollowsTheTableAgainForAWholeRing) {
  const Outside b(bob);
  const auto sent = datagram();
  const auto header = cms::layer3_header(bob.address, bob.address);
  for (unsigned count = 0; count < 2 * qdio::buffers_per_queue; ++count) {
    const auto row = table_row(bob);
    ASSERT_TRUE(alice.driver->send(header, sent));
    ASSERT_EQ(alice.driver->flush(), arch::ConditionCode::zero);
    ASSERT_TRUE(std::equal(sent.begin(), sent.end(), b.at(row.storage + wire::transport_header_size)));
    ASSERT_EQ(bob.driver->poll([](const cms::ReceivedPacket&) {}), 1U);
  }
}

}  // namespace
}  // namespace vmlan
