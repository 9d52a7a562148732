// Sessions with several data paths, as z/OS has them, and devices that change sides.
#include <gtest/gtest.h>

#include "guestlan/nic.h"
#include "qdio/adapter/idx.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::guestlan {
namespace {

class NicPaths : public ::testing::Test, public qdio::ControlReplies, public qdio::QueueInterrupt {
 protected:
  NicPaths() { nic.attach(*this); }
  ~NicPaths() override { nic.uncouple(); }
  void reply(unsigned device, qdio::Message message) override {
    answers.emplace_back(device, std::move(message));
  }
  void post(unsigned) override {}

  static NicSettings nine_devices() {
    NicSettings settings;
    settings.owner = "ZOS";
    settings.base_device = {0x0400};
    settings.devices = 9;
    settings.mac = {{2, 0, 0, 0, 0, 4}};
    return settings;
  }
  // Reads of `device` for these data devices; the answer's channel and cause.
  std::pair<unsigned, unsigned> read(unsigned device, std::initializer_list<unsigned> data_devices) {
    qdio::IdxMessage message;
    message.channel = qdio::idx_channel::read_request;
    message.data_paths = static_cast<std::uint8_t>(data_devices.size());
    std::vector<qdio::IdxDataPath> paths;
    for (const unsigned data : data_devices) {
      qdio::IdxDataPath path;
      path.data_device = static_cast<std::uint16_t>(0x0400 + data);
      path.unit_address = static_cast<std::uint8_t>(data);
      paths.push_back(path);
    }
    answers.clear();
    nic.send(device, qdio::to_message(message, paths));
    if (answers.size() != 1 || answers[0].first != device) return {};
    return {std::to_integer<unsigned>(answers[0].second[8]), std::to_integer<unsigned>(answers[0].second[9])};
  }
  std::string roles() const {
    std::string all;
    for (unsigned device = 0; device < 9; ++device) {
      const Nic::Role role = nic.role(device);
      all += role == Nic::Role::control_read    ? 'r'
             : role == Nic::Role::control_write ? 'w'
             : role == Nic::Role::data          ? 'd'
                                                : '-';
    }
    return all;
  }
  SessionState state(unsigned data_device) { return nic.port_of_data_device(data_device).state(); }
  void establish(unsigned data_device) {
    nic.port_of_data_device(data_device).session_established(qdio::Transport::ip, "ZOS", "");
  }

  static constexpr std::pair<unsigned, unsigned> active{0x1a, 1};
  static constexpr std::pair<unsigned, unsigned> refused{0x1b, 8};
  std::vector<std::pair<unsigned, qdio::Message>> answers;
  Nic nic{nine_devices()};
};

TEST_F(NicPaths, ASessionMayHaveSeveral) {
  EXPECT_EQ(read(0, {2, 5, 8}), active);
  EXPECT_EQ(roles(), "r-d--d--d");
  EXPECT_EQ(nic.ports().size(), 3U);
}

TEST_F(NicPaths, OnesThatTheNicHasNotAreLeftOutAndNoneAtAllIsRefused) {
  EXPECT_EQ(read(0, {9, 10}), refused);
  EXPECT_EQ(roles(), "---------");
  EXPECT_TRUE(nic.ports().empty());
  EXPECT_EQ(read(0, {9, 8, 0}), active);
  EXPECT_EQ(roles(), "r-------d");
  EXPECT_EQ(nic.ports().size(), 1U);
}

TEST_F(NicPaths, AHipersocketsNicSaysItsOwnFunctionLevel) {
  for (const auto kind : {qdio::AdapterKind::osd, qdio::AdapterKind::iqd}) {
    NicSettings settings = nine_devices();
    settings.kind = kind;
    Nic other(settings);
    other.attach(*this);
    answers.clear();
    qdio::IdxMessage message;
    message.channel = qdio::idx_channel::read_request;
    qdio::IdxDataPath path;
    path.data_device = 0x0402;
    path.unit_address = 2;
    other.send(0, qdio::to_message(message, std::span(&path, 1)));
    ASSERT_EQ(answers.size(), 1U);
    const unsigned level = kind == qdio::AdapterKind::osd ? 0x0201 : 0x0408;
    EXPECT_EQ(std::to_integer<unsigned>(answers[0].second[0x10]), level >> 8U);
    EXPECT_EQ(std::to_integer<unsigned>(answers[0].second[0x11]), level & 0xffU);
  }
}

TEST_F(NicPaths, OneThatAnotherSessionNamesIsTakenFromTheFirst) {
  ASSERT_EQ(read(0, {2, 5}), active);
  establish(2);
  establish(5);
  ASSERT_EQ(read(3, {8, 5}), active);
  EXPECT_EQ(roles(), "r-dr-d--d");
  EXPECT_EQ(state(5), SessionState::startup);
  EXPECT_EQ(state(2), SessionState::established) << "the rest of its session goes on";
}

TEST_F(NicPaths, ADataDeviceOfNobodysSessionThatIsNamedBeginsAnew) {
  ASSERT_EQ(read(0, {2}), active);
  establish(2);
  ASSERT_EQ(read(3, {5}), active);
  EXPECT_EQ(state(2), SessionState::established);
  ASSERT_EQ(read(2, {8}), active);
  EXPECT_EQ(state(2), SessionState::startup) << "it is a control device now";
  EXPECT_EQ(roles(), "--rr-d--d");
}

TEST_F(NicPaths, QueuesOnAControlDeviceMakeADataDeviceOfIt) {
  ASSERT_EQ(read(0, {2}), active);
  ASSERT_EQ(read(3, {5}), active);
  EXPECT_EQ(roles(), "r-dr-d---");
  kit::QueueMemory memory;
  qdio::DataQueues queues(memory.storage(), qdio::AdapterKind::osd, 0, *this);
  nic.queues_started(0, queues);
  EXPECT_EQ(roles(), "d-dr-d---") << "and its session is over, the other's not";
  EXPECT_EQ(nic.port_of_data_device(0).queues(), &queues);
  nic.queues_stopped(0);
  EXPECT_EQ(nic.port_of_data_device(0).queues(), nullptr);
}

TEST_F(NicPaths, AResetOfOneOfSeveralLeavesTheOthers) {
  ASSERT_EQ(read(0, {2, 5}), active);
  establish(2);
  establish(5);
  nic.reset(5);
  EXPECT_EQ(state(5), SessionState::startup);
  EXPECT_EQ(state(2), SessionState::established);
  EXPECT_EQ(nic.role(0), Nic::Role::control_read);
  nic.reset(8);
  EXPECT_EQ(nic.ports().size(), 2U) << "a reset makes no port";
  nic.reset(0);
  EXPECT_EQ(state(2), SessionState::startup);
  EXPECT_EQ(roles(), "--d--d---");
}

TEST_F(NicPaths, ItsBooksAreThoseOfAllItsPorts) {
  nic.port_of_data_device(2).count_malformed(2);
  nic.port_of_data_device(5).count_malformed(3);
  EXPECT_EQ(nic.total().tx_errors, 5U);
  LanAttributes attributes;
  attributes.owner = "SYSTEM";
  Lan lan(attributes);
  ASSERT_EQ(nic.couple(lan, true), CoupleResult::coupled);
  nic.port_of_data_device(5).count_malformed(1);
  EXPECT_EQ(nic.since_coupled().tx_errors, 1U);
  EXPECT_EQ(nic.total().tx_errors, 6U);
  nic.uncouple();
  EXPECT_EQ(lan.total().tx_errors, 1U);
}

}  // namespace
}  // namespace vmlan::guestlan
