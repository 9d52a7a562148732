// What a guest and the base call the same data devices: each hears its own numbers.
#include <gtest/gtest.h>

#include "hercules/guest_nic.h"
#include "hercules/test_channel.h"
#include "link/decoder.h"
#include "tests/kit/hex.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::hercules {
namespace {

using kit::from_hex;
using kit::to_hex;
using link::MessageType;

// IDX ACTIVATE for the data devices 0A02 and 0A04, and an 0B02 that is none of the card's.
const char* const head_of_idx = "00008000 00000000 190103C0 00010103 01010000 0000C8C1 D3D3D6D3 C540";
const std::string guests_names = "0A0200020A0400040B0200F0";
const std::string bases_names = "060200020604000406050005";

class GuestNicNames : public testing::Test {
 protected:
  GuestNicNames() {
    nic.set_storage(memory.storage());
    nic.base_joined();
  }
  std::string heard() {
    link::Decoder decoder(link::Sender::client);
    const auto bytes = to_base.pending();
    std::memcpy(decoder.room().data(), bytes.data(), bytes.size());
    decoder.received(bytes.size());
    to_base.sent(bytes.size());
    const auto message = decoder.next();
    return message ? to_hex(message->body) : "nothing";
  }
  std::string read(unsigned index) {
    std::vector<std::byte> room(4096);
    room.resize(nic.read(index, 0x02, room).transferred);
    return to_hex(room);
  }
  static std::string end_of(const std::string& hex, std::size_t characters) {
    return hex.size() < characters ? hex : hex.substr(hex.size() - characters);
  }

  kit::QueueMemory memory{1, 1, 4096};
  link::SendBuffer to_base{512U * 1024U};
  Trace trace;
  GuestNic nic{card_settings(5), to_base, trace};
};

TEST_F(GuestNicNames, OfIdxActivateAreTheBasesThereAndTheGuestsHere) {
  nic.write(0, 0x01, from_hex(head_of_idx + guests_names));
  EXPECT_EQ(end_of(heard(), 24), bases_names);
  nic.receive({MessageType::control, 0, from_hex(head_of_idx + bases_names)});
  EXPECT_EQ(end_of(read(0), 24), guests_names);
}

TEST_F(GuestNicNames, OfUlpSetupAreToo) {
  std::string idx = head_of_idx + guests_names;
  idx.replace(idx.find("1901"), 4, "1501");
  nic.write(0, 0x01, from_hex(head_of_idx + guests_names));
  heard();
  nic.write(1, 0x01, from_hex(idx));
  heard();
  // Observed, Linux 6.1 qeth.
  auto setup = from_hex(
      "00E00000 00000004 00000014 0000006C 10000001"
      "00000000 417E0001 00000003 00000000 0024002C 00002C05 D8C5E3F3 00000000 00000000"
      "0100002C 00000040"
      "000C4104 00200000 00000000 00090404 05000101 0D 00090405 05D8C5E3 F4 00060406 4000 0008040B 08020002");
  for (const auto& [guests, bases] : {std::pair{"0A020002", "06020002"}, {"0A040004", "06040004"}}) {
    const auto name = from_hex(guests);
    std::copy(name.begin(), name.end(), setup.end() - 4);
    nic.write(1, 0x01, setup);
    const std::string there = heard();
    EXPECT_EQ(end_of(there, 8), bases);
    nic.receive({MessageType::control, 0, from_hex(there)});
    EXPECT_EQ(end_of(read(0), 8), guests);
  }
  const auto foreign = from_hex("0C020002");
  std::copy(foreign.begin(), foreign.end(), setup.end() - 4);
  nic.write(1, 0x01, setup);
  EXPECT_EQ(end_of(heard(), 8), "0C020002");
}

// The base hears of the queues of every data device that a session of its own names.
TEST_F(GuestNicNames, EveryDataDeviceOfTheSessionIsKnown) {
  nic.write(0, 0x01, from_hex(head_of_idx + guests_names));
  heard();
  const auto qdr = std::span<const std::byte>(memory.qdr_bytes(), sizeof(qdio::Qdr));
  for (const auto& [device, told] : {std::pair{4U, ""}, {3U, "nothing"}}) {
    ASSERT_EQ(nic.write(device, 0x1b, qdr).device_status, 0x0c);
    ASSERT_FALSE(nic.write(device, 0x1f, {}).ended);
    EXPECT_EQ(heard(), told) << device;
  }
}

// A command that waits ends once, and not because another one ended before it.
TEST_F(GuestNicNames, ACommandEndsOnceWithItsOwnData) {
  std::vector<std::byte> room(4096);
  nic.write(0, 0x01, from_hex(head_of_idx + guests_names));
  const std::string request = heard();
  EXPECT_FALSE(nic.ended(0, room)) << "the write had ended when it was given";
  ASSERT_FALSE(nic.read(0, 0x02, room).ended);
  EXPECT_FALSE(nic.ended(0, room));
  nic.receive({MessageType::control, 0, from_hex(request)});
  const auto ending = nic.ended(0, room);
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->transferred, request.size() / 2);
  EXPECT_FALSE(nic.ended(0, room));
  ASSERT_FALSE(nic.read(0, 0x02, room).ended);
  EXPECT_FALSE(nic.ended(0, room)) << "the end before it was another READ's";
}

}  // namespace
}  // namespace vmlan::hercules
