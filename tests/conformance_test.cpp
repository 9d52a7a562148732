// The kit's guest, which speaks observed bytes only, against our device behind our subchannels.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/kit/bare_machine.h"
#include "tests/kit/golden.h"
#include "tests/kit/hex.h"
#include "tests/kit/linux_driver.h"
#include "tests/kit/queue_memory.h"
#include "tests/kit/recording_port.h"

namespace vmlan {
namespace {

using kit::Bytes;
using kit::golden;
using kit::LinuxDriver;
using kit::to_hex;

struct Flavour {
  const char* name;
  bool iqd;
  bool layer2;
};

void PrintTo(const Flavour& flavour, std::ostream* out) { *out << flavour.name; }

class Conformance : public ::testing::TestWithParam<Flavour> {
 protected:
  Conformance() {
    link.attach(machine.device());
    link.receive = [this](const qdio::Frame& frame) {
      sent.push_back(frame.length);
      return std::uint8_t{0};
    };
  }
  static qdio::AdapterKind kind() { return GetParam().iqd ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd; }
  static LinuxDriver::Options options() {
    LinuxDriver::Options options;
    options.iqd = GetParam().iqd;
    options.layer2 = GetParam().layer2;
    return options;
  }
  static qdio::Device::Settings settings() {
    qdio::Device::Settings settings;
    settings.kind = kind();
    settings.base_device = {0x0800};
    settings.channel_path = 0x08;
    return settings;
  }

  kit::RecordingPort port;
  kit::SingleAdapter link{port, kind()};
  kit::BareMachine machine{settings(), link};
  LinuxDriver guest{machine, options()};
  std::vector<std::uint32_t> sent;
};

TEST_P(Conformance, LinuxBringsTheDeviceUp) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  EXPECT_NE(link.queues, nullptr);
  EXPECT_EQ(Bytes(guest.mac.begin(), guest.mac.end()), kit::from_hex("02005EAB64B9"));
  EXPECT_EQ(guest.size_code, GetParam().iqd ? 0x4000 : 1500);
  EXPECT_TRUE(machine.interruptions().empty());
}

// The observed bytes with what is ours put in: tokens and microcode level.
std::string ours(std::string hex) {
  const std::pair<std::string, std::string> differences[] = {{"D8C5E3F", "E5D4D3F"},
                                                             {"C8D9C3F1", "E5D4D3D5"}};
  for (const auto& [theirs, replacement] : differences) {
    for (auto at = hex.find(theirs); at != std::string::npos; at = hex.find(theirs, at + 1)) {
      hex.replace(at, replacement.size(), replacement);
    }
  }
  return hex;
}

TEST_P(Conformance, TheDialogueIsTheObservedOne) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  const auto& dialogue = guest.dialogue;
  ASSERT_GT(dialogue.size(), 14U);
  std::string idx_reply = ours(to_hex(golden("handshake", "idx.read.reply")));
  if (GetParam().iqd) idx_reply.replace(0x20, 4, to_hex(golden("handshake", "idx.level.iqd.reply")));
  EXPECT_EQ(to_hex(dialogue[1].received), idx_reply);
  EXPECT_EQ(to_hex(dialogue[3].received), idx_reply.replace(16, 2, "16"));
  EXPECT_EQ(to_hex(dialogue[4].sent), ours(to_hex(golden("handshake", "cm_enable.request"))));
  EXPECT_EQ(to_hex(dialogue[5].received), ours(to_hex(golden("handshake", "cm_enable.reply"))));

  const auto reply = [&](std::size_t index) {
    return to_hex(LinuxDriver::body_of(dialogue[index].received));
  };
  EXPECT_EQ(reply(7), ours(to_hex(golden("handshake", "cm_setup.reply.pdu"))));
  // Layer, size code and link type are not those of the observed device.
  std::string ulp_enable = ours(to_hex(golden("handshake", "ulp_enable.reply.pdu")));
  ulp_enable.replace(2 * 0x10, 2, GetParam().layer2 ? "08" : "03");
  if (GetParam().iqd) ulp_enable.replace(2 * 0x1f, 4, "4000");
  ulp_enable.replace(2 * 0x2b, 2, "10");
  EXPECT_EQ(reply(9), ulp_enable);
  EXPECT_EQ(reply(11), ours(to_hex(golden("handshake", "ulp_setup.reply.pdu"))));
  EXPECT_EQ(reply(13), ours(to_hex(golden("handshake", "dm_act.reply.pdu"))));
}

TEST_P(Conformance, ConfigurationDataIsTheObservedOneButForTheManufacturer) {
  ASSERT_TRUE(guest.enable() && guest.discover()) << guest.failure();
  Bytes expected = golden("identity", "configuration.osd");
  for (const std::size_t at : {0x0dU, 0x2dU, 0x4dU}) {
    std::copy_n(kit::from_hex("E5D4D3").begin(), 3, expected.begin() + static_cast<std::ptrdiff_t>(at));
  }
  if (GetParam().iqd) {  // models of device and control unit
    expected[0x0c] = expected[0x2c] = std::byte{0xf5};
  }
  EXPECT_EQ(to_hex(guest.configuration), to_hex(expected));
}

TEST_P(Conformance, APacketGoesOutAndTheBufferComesBack) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  Bytes packet(32 + 1000);
  packet[0] = GetParam().layer2 ? std::byte{2} : std::byte{1};
  const std::size_t length_at = GetParam().layer2 ? 6 : 8;
  kit::put16(&packet[length_at], 1000);
  for (unsigned queue = 0; queue < LinuxDriver::output_queues; ++queue) {
    const unsigned buffer = guest.prime(queue, packet, queue == 0);
    EXPECT_EQ(guest.signal_output(queue), arch::ConditionCode::zero);
    EXPECT_EQ(guest.output_state(queue, buffer), 0xa1);
  }
  EXPECT_EQ(sent, (std::vector<std::uint32_t>{1000, 1000, 1000, 1000}));
  // Queue 0 asked for an interruption.
  ASSERT_EQ(machine.interruptions().size(), 1U);
  arch::Irb irb;
  ASSERT_TRUE(guest.collect(LinuxDriver::data_device, irb));
  EXPECT_EQ(irb.channel_status, 0x80);
  EXPECT_EQ(irb.device_status, 0);
  EXPECT_TRUE(irb.subchannel_active);
}

TEST_P(Conformance, APacketComesInWithOneInterruption) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  EXPECT_EQ(guest.input_state(0), 0x41);
  const std::string payload = "payload";
  const qdio::Segment segment{reinterpret_cast<const std::byte*>(payload.data()), 7};
  const wire::Layer3Header header;
  ASSERT_EQ(link.queues->give({&header, 0, 7}, &segment, 1, 7), qdio::GiveResult::given);
  link.queues->publish();
  EXPECT_EQ(guest.input_state(0), 0x82);
  const Bytes bytes = guest.take_input(0);
  EXPECT_EQ(bytes.size(), 39U);
  EXPECT_EQ(std::memcmp(bytes.data() + 32, payload.data(), 7), 0);
  ASSERT_EQ(machine.interruptions().size(), 1U);
  EXPECT_EQ(machine.interruptions().front(), guest.subchannel(LinuxDriver::data_device));
}

TEST_P(Conformance, ShuttingDownIsOneInterruptionForEachChannel) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(guest.bring_up()) << guest.failure();
    port.calls.clear();
    ASSERT_TRUE(guest.shut_down()) << guest.failure();
    EXPECT_EQ(link.queues, nullptr);
    EXPECT_NE(std::find(port.calls.begin(), port.calls.end(), "reset"), port.calls.end());
    EXPECT_TRUE(machine.interruptions().empty());
    EXPECT_EQ(guest.signal_output(0), arch::ConditionCode::one);
  }
}

TEST_P(Conformance, ASystemResetStopsTheQueuesAndALaterBringUpWorks) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  machine.system_reset();
  EXPECT_EQ(link.queues, nullptr);
  EXPECT_EQ(guest.signal_output(0), arch::ConditionCode::one);
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
}

TEST_P(Conformance, TheLanGoesAndComesBackAsEventsOnTheReadChannel) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  link.adapter().lan_lost(port);
  link.adapter().lan_restored(port);
  for (const std::byte command : {std::byte{2}, std::byte{1}}) {
    const Bytes event = LinuxDriver::body_of(guest.fetch());
    ASSERT_GE(event.size(), 20U);
    EXPECT_EQ(event[0], command);
    EXPECT_EQ(event[1], std::byte{1});
    EXPECT_EQ(to_hex(std::span(event).subspan(2, 4)), "00000000");
  }
  EXPECT_TRUE(guest.fetch().empty());
}

TEST_P(Conformance, TheWrongLayerIsRefusedWithIdxTerminate) {
  port.accepted = {GetParam().layer2 ? qdio::Transport::ip : qdio::Transport::ethernet};
  EXPECT_FALSE(guest.bring_up());
  const Bytes& terminate = guest.dialogue.back().received;
  ASSERT_GE(terminate.size(), 5U);
  EXPECT_EQ(terminate[2] & std::byte{0xc0}, std::byte{0xc0});
  EXPECT_EQ(terminate[4], std::byte{0x41});
}

TEST_P(Conformance, UnknownCommandsAreAnswered) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  Bytes unknown = golden("ipa", "start_lan");
  for (const unsigned command : {0x00U, 0x2aU, 0x2bU, 0xbeU, 0xd1U, 0xffU}) {
    unknown[0] = static_cast<std::byte>(command);
    EXPECT_EQ(guest.ipa_code(unknown), 1U) << command;
  }
}

TEST_P(Conformance, EveryControlMessageMayBeCutShort) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  std::vector<Bytes> messages;
  for (const auto& spoken : guest.dialogue) {
    if (spoken.device == LinuxDriver::write_device && !spoken.sent.empty()) messages.push_back(spoken.sent);
  }
  for (const Bytes& message : messages) {
    for (std::size_t length = 1; length < message.size(); ++length) {
      ASSERT_TRUE(guest.write_control(std::span(message).first(length))) << guest.failure();
    }
  }
  // None of them was a message; the session goes on.
  EXPECT_TRUE(guest.fetch().empty());
  EXPECT_EQ(guest.ipa_code(golden("ipa", "start_lan")), 0U);
}

TEST_P(Conformance, QueuesOutsideStorageAreRefused) {
  ASSERT_TRUE(guest.enable() && guest.discover() && guest.activate_idx() && guest.shake_hands())
      << guest.failure();
  ASSERT_TRUE(guest.establish_queues()) << guest.failure();
  for (const std::size_t offset : {0x30U, 0x48U, 0x50U, 0x68U, 0x70U}) {  // QIB; SL and SLSB of two queues
    Bytes outside(8, std::byte{0xff});
    outside[7] = std::byte{0};
    std::array<std::byte, 8> good{};
    machine.storage().read_bytes(guest.qdr_address() + offset, good);
    machine.storage().write_bytes(guest.qdr_address() + offset, outside);
    const LinuxDriver::Command establish{0x1b, 0x20, 0x1000, guest.qdr_address()};
    guest.start(LinuxDriver::data_device, std::span(&establish, 1));
    arch::Irb irb;
    ASSERT_TRUE(guest.collect(LinuxDriver::data_device, irb));
    EXPECT_EQ(irb.device_status, 0x0e) << offset;
    EXPECT_TRUE(irb.sense_valid);
    EXPECT_EQ(irb.sense[0], 0x80);
    machine.storage().write_bytes(guest.qdr_address() + offset, good);
  }
  ASSERT_TRUE(guest.establish_queues()) << guest.failure();
}

// --- Layer 3

class OsdLayer3 : public Conformance {};

TEST_P(OsdLayer3, AddressesAndGroupsReachThePort) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  port.calls.clear();
  EXPECT_EQ(guest.ipa_code(golden("ipa", "set_ip.v4")), 0U);
  EXPECT_EQ(guest.ipa_code(golden("ipa", "set_ip.v6")), 0U);
  EXPECT_EQ(guest.ipa_code(golden("ipa", "set_multicast.v4")), 0U);
  EXPECT_EQ(guest.ipa_code(golden("ipa", "set_multicast.v6")), 0U);
  EXPECT_EQ(port.calls,
            (std::vector<std::string>{"set_ip 192.168.70.2/24 0", "set_ip fe80::200:5eff:feab:64b9/64 0",
                                      "set_multicast 224.0.0.1 01-00-5E-00-00-01",
                                      "set_multicast ff02::1 33-33-00-00-00-01"}));
  port.answers["set_ip"] = qdio::IpaCode::duplicate_ip_address;
  EXPECT_EQ(guest.ipa_code(golden("ipa", "set_ip.v4")), 0xe005U);
}

TEST_P(OsdLayer3, BringUpSaysToThePortWhatLinuxWants) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  EXPECT_EQ(port.calls,
            (std::vector<std::string>{"session_established ip HALLOLE ", "start_lan", "enable_broadcast on",
                                      "set_router 4 0", "set_router 6 0"}));
}

TEST_P(OsdLayer3, CreateAddressIsAnsweredAsObserved) {
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  const Bytes reply = guest.ipa(golden("ipa", "create_address"));
  EXPECT_EQ(to_hex(std::span(reply).subspan(0x14)), to_hex(golden("ipa", "create_address.reply.data")));
}

const Flavour flavours[] = {{"OsdLayer3", false, false},
                            {"OsdLayer2", false, true},
                            {"IqdLayer3", true, false},
                            {"IqdLayer2", true, true}};

INSTANTIATE_TEST_SUITE_P(Layer3, OsdLayer3, ::testing::Values(flavours[0]));

INSTANTIATE_TEST_SUITE_P(Kinds, Conformance, ::testing::ValuesIn(flavours),
                         [](const auto& flavour) { return std::string(flavour.param.name); });

}  // namespace
}  // namespace vmlan
