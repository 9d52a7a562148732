// What comes in one write, and what it does to others in between.
#include <cstring>

#include "host/unix_socket.h"
#include "link/protocol.h"
#include "tests/kit/queue_memory.h"
#include "tests/linked/joined_guest.h"

namespace vmlan::linked {
namespace {

void append(std::vector<std::byte>& bytes, link::MessageType type, unsigned device,
            std::span<const std::byte> body) {
  link::Header header;
  header.length = static_cast<std::uint32_t>(body.size());
  header.type = static_cast<std::uint16_t>(type);
  header.device_index = static_cast<std::uint16_t>(device);
  const auto head = std::as_bytes(std::span(&header, 1));
  bytes.insert(bytes.end(), head.begin(), head.end());
  bytes.insert(bytes.end(), body.begin(), body.end());
}

class LinkedDesk : public ::testing::TestWithParam<const char*> {};

// Needs AddressSanitizer to fail: the port the frame went to was published to once more after its end.
TEST_P(LinkedDesk, AFrameAndTheEndOfItsReceiverInOneWrite) {
  RunningBase base;
  base.cp("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP");
  JoinedGuest alice(base, "ALICE", 1, false);
  alice.bring_up();
  JoinedGuest bob(base, "BOB", 2, false);
  bob.bring_up();
  std::vector<std::byte> bytes;
  const auto packet = kit::ipv4_packet({10, 1, 1, 1}, {10, 1, 1, 2}, 200);
  const std::string command = GetParam();
  append(bytes, link::MessageType::frame, 2, std::as_bytes(std::span(packet)));
  append(bytes, link::MessageType::command, 0, std::as_bytes(std::span(command)));
  append(bytes, link::MessageType::frame, 2, std::as_bytes(std::span(packet)));
  base.hear(1, bytes);
  EXPECT_TRUE(bob.receive().has_value()) << "what went before the command has arrived";
  EXPECT_NE(base.answer("QUERY NAMES").find("OPERATOR"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Ends, LinkedDesk,
                         ::testing::Values("FORCE BOB", "DETACH LAN LAN1 OWNERID SYSTEM", "FORCE ALICE"));

TEST(Strangers, WhoSaysNothingIsEndedAndAGuestIsNot) {
  RunningBase base(RunningBase::Patience::until_told);
  base.cp("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP");
  JoinedGuest alice(base, "ALICE", 1, false);
  alice.bring_up();
  const auto connected = host::connect_unix(base.path(), host::Trust::anybodys);
  const auto& silent = std::get<host::Descriptor>(connected);
  const auto ended = [&silent] {
    std::byte byte{};
    return host::receive_now(silent, {&byte, 1}).ended;
  };
  base.cp("QUERY NAMES");
  base.pass(apps::LinkDesk::most_silence - std::chrono::milliseconds(1));
  base.cp("QUERY NAMES");
  EXPECT_FALSE(ended());
  EXPECT_TRUE(eventually([&] {
    base.pass(std::chrono::seconds(1));
    return ended();
  }));
  EXPECT_NE(base.answer("QUERY NAMES").find("ALICE"), std::string::npos);
}

}  // namespace
}  // namespace vmlan::linked
