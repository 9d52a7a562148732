#include "arch/subchannel.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <string>

namespace vmlan::arch {
namespace {

// A control unit that keeps what it is sent and supplies what it is told to. Command codes: 01 write, 02
// read, 03 no-operation, 04 sense, 0B stays pending, 13 always fails, 06 reads and has more than asked for.
class Tester final : public ChannelDevice {
 public:
  CommandEnding write(std::uint8_t command, std::span<const std::byte> data) override {
    commands.push_back(command);
    if (command == 0x0b) return CommandEnding::pending();
    if (command == 0x13) return CommandEnding::unit_check();
    if (command == 0x03) return CommandEnding::normal();
    const auto taken = std::min<std::size_t>(data.size(), accepts);
    written.append(reinterpret_cast<const char*>(data.data()), taken);
    return CommandEnding::normal(static_cast<std::uint32_t>(taken));
  }
  CommandEnding read(std::uint8_t command, std::span<std::byte> data) override {
    commands.push_back(command);
    if (stays_pending) return CommandEnding::pending();
    const auto length = std::min(data.size(), supply.size());
    std::memcpy(data.data(), supply.data(), length);
    const bool more = command == 0x06;
    return CommandEnding::normal(static_cast<std::uint32_t>(more ? supply.size() : length));
  }
  std::array<std::uint8_t, 32> take_sense() override { return {sense::command_reject}; }
  void halt() override { ++halts; }
  void clear() override { ++clears; }

  std::vector<unsigned> commands;
  std::string written;
  std::string supply = "0123456789";
  std::size_t accepts = 0x10000;
  bool stays_pending = false;
  int halts = 0;
  int clears = 0;
};

class SubchannelTest : public ::testing::Test, protected SubchannelInterrupts {
 protected:
  static constexpr Address program = 0x1000;
  static constexpr Address data = 0x2000;

  SubchannelTest()
      : subchannel(Subchannel::Settings{{7}, {0x600}, 0x10, true}, storage(), device, interrupts()) {
    EXPECT_EQ(subchannel.modify(true), ConditionCode::zero);
  }
  GuestStorage storage() { return memory.view(); }

  void pending(SubchannelNumber number) override { queue.push_back(number); }
  void withdrawn(SubchannelNumber number) override { std::erase(queue, number); }
  SubchannelInterrupts& interrupts() { return *this; }

  // CCWs one after the other from `at` on.
  void write_program(std::initializer_list<Ccw1> ccws, Address at = program) {
    for (const Ccw1& ccw : ccws) {
      storage().write(at, ccw);
      at += sizeof(ccw);
    }
  }
  static Ccw1 ccw(unsigned command, unsigned flags, unsigned count, Address address = data) {
    return {static_cast<std::uint8_t>(command), static_cast<std::uint8_t>(flags),
            static_cast<std::uint16_t>(count), static_cast<std::uint32_t>(address)};
  }
  ConditionCode start() { return subchannel.start(orb); }
  // Starts what is written and wants its status at once.
  Irb run(std::initializer_list<Ccw1> ccws) {
    write_program(ccws);
    EXPECT_EQ(start(), ConditionCode::zero);
    return collect();
  }
  Irb collect() {
    Irb irb;
    EXPECT_EQ(subchannel.test(irb), ConditionCode::zero);
    return irb;
  }
  void put(const std::string& text, Address address = data) {
    storage().write_bytes(address, std::as_bytes(std::span(text)));
  }
  std::string get(std::size_t length, Address address = data) {
    std::string text(length, ' ');
    storage().read_bytes(address, std::as_writable_bytes(std::span(text)));
    return text;
  }

  MainStorage memory{0x100000};
  Tester device;
  std::deque<SubchannelNumber> queue;
  Orb orb{.interruption_parameter = 0xabcd, .program = program};
  Subchannel subchannel;
};

using namespace ccw_flag;

constexpr std::uint8_t ended = device_status::normal_ending;
constexpr std::uint8_t final_status =
    status_control::primary | status_control::secondary | status_control::pending;
constexpr std::uint8_t bad_status = final_status | status_control::alert;

// --- Good programs

TEST_F(SubchannelTest, AWriteTakesItsBytesAndEndsWithChannelEndAndDeviceEnd) {
  put("hello");
  const Irb irb = run({ccw(0x01, 0, 5)});
  EXPECT_EQ(device.written, "hello");
  EXPECT_EQ(irb.device_status, ended);
  EXPECT_EQ(irb.channel_status, 0);
  EXPECT_EQ(irb.status_control, final_status);
  EXPECT_EQ(irb.function_control, function_control::start);
  EXPECT_EQ(irb.interruption_parameter, 0xabcdU);
  EXPECT_EQ(irb.ccw_address, program + 8);
  EXPECT_EQ(irb.residual, 0);
  EXPECT_FALSE(irb.subchannel_active);
}

TEST_F(SubchannelTest, AReadStoresWhatTheDeviceHasAndTellsTheRest) {
  put("................");
  const Irb irb = run({ccw(0x02, suppress_length, 16)});
  EXPECT_EQ(get(16), "0123456789......");
  EXPECT_EQ(irb.residual, 6);
  EXPECT_EQ(irb.channel_status, 0);
}

TEST_F(SubchannelTest, CommandChainingGoesOnAfterNormalEnding) {
  put("ab");
  const Irb irb =
      run({ccw(0x01, chain_command | suppress_length, 2), ccw(0x03, chain_command | suppress_length, 0),
           ccw(0x02, suppress_length, 4, data + 0x100)});
  EXPECT_EQ(device.commands, (std::vector<unsigned>{0x01, 0x03, 0x02}));
  EXPECT_EQ(get(4, data + 0x100), "0123");
  EXPECT_EQ(irb.ccw_address, program + 24);
}

TEST_F(SubchannelTest, DataChainingScattersOneReadOverSeveralAreas) {
  const Irb irb =
      run({ccw(0x02, chain_data, 4), ccw(0, chain_data, 3, data + 0x100), ccw(0, 0, 3, data + 0x200)});
  EXPECT_EQ(get(4), "0123");
  EXPECT_EQ(get(3, data + 0x100), "456");
  EXPECT_EQ(get(3, data + 0x200), "789");
  EXPECT_EQ(device.commands.size(), 1U);
  EXPECT_EQ(irb.channel_status, 0);
  EXPECT_EQ(irb.ccw_address, program + 24);
}

TEST_F(SubchannelTest, DataChainingGathersOneWriteFromSeveralAreas) {
  put("ab");
  put("cd", data + 0x100);
  run({ccw(0x01, chain_data, 2), ccw(0, 0, 2, data + 0x100)});
  EXPECT_EQ(device.written, "abcd");
}

TEST_F(SubchannelTest, SkippedDataIsCountedButNotStored) {
  put("..........");
  const Irb irb = run({ccw(0x02, chain_data | skip, 4), ccw(0, 0, 6)});
  EXPECT_EQ(get(10), "456789....");
  EXPECT_EQ(irb.residual, 0);
}

TEST_F(SubchannelTest, TransferInChannelLeadsElsewhere) {
  write_program({ccw(0x02, suppress_length, 2)}, 0x3000);
  const Irb irb = run({ccw(0x03, chain_command | suppress_length, 0), ccw(0x08, 0, 0, 0x3000)});
  EXPECT_EQ(irb.ccw_address, 0x3008U);
  EXPECT_EQ(get(2), "01");
}

TEST_F(SubchannelTest, FormatZeroCommandsHaveTheirOwnLayout) {
  // 02 read, address 002000, SLI, count 4
  constexpr std::array<std::uint8_t, 8> ccw0 = {0x02, 0x00, 0x20, 0x00, 0x20, 0x00, 0x00, 0x04};
  storage().write(program, ccw0);
  orb.format1 = false;
  ASSERT_EQ(start(), ConditionCode::zero);
  EXPECT_EQ(collect().channel_status, 0);
  EXPECT_EQ(get(4), "0123");
}

TEST_F(SubchannelTest, Format2IndirectAddressesSplitAtPages) {
  device.supply = std::string(5000, 'x');
  const std::array<be64, 2> list = {be64{std::uint64_t{0x5ff0}}, be64{std::uint64_t{0x8000}}};
  storage().write(0x4000, list);
  const Irb irb = run({ccw(0x02, suppress_length | indirect_data_address, 0x20, 0x4000)});
  EXPECT_EQ(irb.channel_status, 0);
  EXPECT_EQ(get(16, 0x5ff0), std::string(16, 'x'));
  EXPECT_EQ(get(16, 0x8000), std::string(16, 'x'));
  EXPECT_EQ(get(1, 0x6000), std::string(1, '\0'));
}

TEST_F(SubchannelTest, Format1IndirectAddressesSplitAtHalfPages) {
  const std::array<be32, 2> list = {be32{0x57fcU}, be32{0x8800U}};
  storage().write(0x4000, list);
  orb.format2_indirect = false;
  run({ccw(0x02, indirect_data_address, 10, 0x4000)});
  EXPECT_EQ(get(4, 0x57fc), "0123");
  EXPECT_EQ(get(6, 0x8800), "456789");
}

// --- Incorrect length

TEST_F(SubchannelTest, AShortTransferIsIncorrectLengthUnlessSuppressed) {
  Irb irb = run({ccw(0x02, 0, 16)});
  EXPECT_EQ(irb.channel_status, channel_status::incorrect_length);
  EXPECT_EQ(irb.status_control, bad_status);
  EXPECT_EQ(irb.residual, 6);
}

TEST_F(SubchannelTest, ADeviceWithMoreToGiveIsIncorrectLengthToo) {
  EXPECT_EQ(run({ccw(0x06, 0, 4)}).channel_status, channel_status::incorrect_length);
  EXPECT_EQ(run({ccw(0x06, suppress_length, 4)}).channel_status, 0);
}

TEST_F(SubchannelTest, IncorrectLengthStopsAChain) {
  run({ccw(0x02, chain_command, 16), ccw(0x03, suppress_length, 0)});
  EXPECT_EQ(device.commands, (std::vector<unsigned>{0x02}));
}

TEST_F(SubchannelTest, ADataChainCutShortIsIncorrectLengthInSpiteOfSuppression) {
  const Irb irb = run({ccw(0x02, chain_data | suppress_length, 12), ccw(0, suppress_length, 4)});
  EXPECT_EQ(irb.channel_status, channel_status::incorrect_length);
  EXPECT_EQ(irb.residual, 2);
  EXPECT_EQ(irb.ccw_address, program + 8);
}

// --- Errors: program check

TEST_F(SubchannelTest, WrongCommandsAreProgramChecks) {
  const Ccw1 wrong[] = {
      ccw(0x00, 0, 1),                         // no command
      ccw(0x30, 0, 1),                         // no command
      ccw(0x08, 0, 0, program + 8),            // transfer in channel first
      ccw(0x03, suspend, 1),                   // suspension was not allowed
      ccw(0x03, 0x01, 1),                      // MIDAW
      ccw(0x02, chain_data, 0),                // data chaining of nothing
      ccw(0x02, 0, 4, 0x80000000),             // address of 32 bits
      ccw(0x02, indirect_data_address, 4, 2),  // list not aligned
      ccw(0x02, 0, 4, 0x7ffffff0),             // outside storage
      ccw(0x01, 0, 4, 0xffffe),                // leads outside storage
  };
  for (const Ccw1& one : wrong) {
    const Irb irb = run({one});
    EXPECT_EQ(irb.channel_status, channel_status::program_check)
        << unsigned{one.command} << " " << unsigned{one.flags};
    EXPECT_EQ(irb.status_control, bad_status);
  }
  EXPECT_TRUE(device.written.empty());
}

TEST_F(SubchannelTest, AProgramOutsideStorageOrMisalignedIsAProgramCheck) {
  for (const Address address :
       {Address{0x200000}, Address{0x80000000}, Address{0x1004}, Address{0xffff8 + 8}}) {
    orb.program = address;
    ASSERT_EQ(start(), ConditionCode::zero);
    EXPECT_EQ(collect().channel_status, channel_status::program_check) << address;
  }
}

TEST_F(SubchannelTest, ATransferMustNotLeadToATransfer) {
  write_program({ccw(0x08, 0, 0, program)}, 0x3000);
  const Irb irb = run({ccw(0x03, chain_command | suppress_length, 0), ccw(0x08, 0, 0, 0x3000)});
  EXPECT_EQ(irb.channel_status, channel_status::program_check);
}

TEST_F(SubchannelTest, AFormat1TransferWithRubbishIsAProgramCheck) {
  for (const Ccw1& transfer :
       {ccw(0x18, 0, 0, 0x3000), ccw(0x08, chain_command, 0, 0x3000), ccw(0x08, 0, 1, 0x3000)}) {
    const Irb irb = run({ccw(0x03, chain_command | suppress_length, 0), transfer});
    EXPECT_EQ(irb.channel_status, channel_status::program_check);
  }
}

TEST_F(SubchannelTest, AnEndlessLoopEndsAfterTheMostCommandsAllowed) {
  const Irb irb = run({ccw(0x03, chain_command | suppress_length, 0), ccw(0x08, 0, 0, program)});
  EXPECT_EQ(irb.channel_status, channel_status::program_check);
  EXPECT_LE(device.commands.size(), max_channel_commands);
  EXPECT_GE(device.commands.size(), max_channel_commands / 2 - 1);
}

TEST_F(SubchannelTest, AnEndlessDataChainEndsToo) {
  const Irb irb = run({ccw(0x02, chain_data, 0xffff), ccw(0x08, 0, 0, program)});
  EXPECT_EQ(irb.channel_status, channel_status::program_check);
  EXPECT_TRUE(device.commands.empty());
}

TEST_F(SubchannelTest, BadIndirectAddressesAreProgramChecks) {
  const std::array<be64, 2> second_inside_a_block = {be64{std::uint64_t{0x5ff0}},
                                                     be64{std::uint64_t{0x8010}}};
  storage().write(0x4000, second_inside_a_block);
  EXPECT_EQ(run({ccw(0x02, indirect_data_address, 0x20, 0x4000)}).channel_status,
            channel_status::program_check);
  EXPECT_EQ(run({ccw(0x02, indirect_data_address, 0x20, 0x100000)}).channel_status,
            channel_status::program_check);
  storage().write(0x4000, be64{0xffff'ffff'ffff'f000ULL});
  EXPECT_EQ(run({ccw(0x01, indirect_data_address, 4, 0x4000)}).channel_status, channel_status::program_check);
  EXPECT_TRUE(device.written.empty());
}

// --- Errors: storage keys

TEST_F(SubchannelTest, AForeignKeyOnTheProgramIsAProtectionCheck) {
  orb.key = access_key(2);
  storage().set_storage_key(program, 0x38);  // key 3, fetch-protected
  EXPECT_EQ(run({ccw(0x03, 0, 1)}).channel_status, channel_status::protection_check);
  EXPECT_TRUE(device.commands.empty());
}

TEST_F(SubchannelTest, DataIsStoredWithTheProgramsKey) {
  orb.key = access_key(2);
  storage().set_storage_key(data, 0x30);  // key 3: others may fetch
  put("..........");
  EXPECT_EQ(run({ccw(0x02, 0, 10)}).channel_status, channel_status::protection_check);
  EXPECT_EQ(get(10), "..........");
  EXPECT_EQ(run({ccw(0x01, 0, 10)}).channel_status, 0);
  storage().set_storage_key(data, 0x38);
  EXPECT_EQ(run({ccw(0x01, 0, 10)}).channel_status, channel_status::protection_check);
  EXPECT_EQ(device.written, "..........");
}

// --- Unit check

TEST_F(SubchannelTest, AUnitCheckBringsItsSenseBytesAndEndsTheChain) {
  const Irb irb = run({ccw(0x13, chain_command | suppress_length, 0), ccw(0x03, suppress_length, 0)});
  EXPECT_EQ(irb.device_status, ended | device_status::unit_check);
  EXPECT_EQ(irb.status_control, bad_status);
  EXPECT_TRUE(irb.sense_valid);
  EXPECT_EQ(irb.sense[0], sense::command_reject);
  EXPECT_EQ(device.commands.size(), 1U);
}

// --- Commands that stay at the device

TEST_F(SubchannelTest, APendingReadEndsWhenTheDeviceHasData) {
  device.stays_pending = true;
  write_program({ccw(0x02, suppress_length, 16)});
  ASSERT_EQ(start(), ConditionCode::zero);
  Irb irb;
  EXPECT_EQ(subchannel.test(irb), ConditionCode::one);
  EXPECT_TRUE(irb.subchannel_active);
  EXPECT_EQ(start(), ConditionCode::two);
  EXPECT_EQ(subchannel.modify(false), ConditionCode::two);
  EXPECT_TRUE(queue.empty());

  const std::string late = "late";
  subchannel.end_pending_command(std::as_bytes(std::span(late)), ended);
  EXPECT_EQ(queue.size(), 1U);
  irb = collect();
  EXPECT_EQ(irb.device_status, ended);
  EXPECT_EQ(irb.residual, 12);
  EXPECT_EQ(get(4), "late");
}

TEST_F(SubchannelTest, TheChainGoesOnAfterAPendingCommand) {
  write_program({ccw(0x0b, chain_command | suppress_length, 0), ccw(0x02, suppress_length, 4)});
  ASSERT_EQ(start(), ConditionCode::zero);
  subchannel.end_pending_command({}, ended);
  EXPECT_EQ(collect().ccw_address, program + 16);
  EXPECT_EQ(get(4), "0123");
}

TEST_F(SubchannelTest, LateDataForABadAddressIsAProgramCheck) {
  device.stays_pending = true;
  write_program({ccw(0x02, suppress_length, 16, 0xffffc)});
  ASSERT_EQ(start(), ConditionCode::zero);
  const std::string late = "late data";
  subchannel.end_pending_command(std::as_bytes(std::span(late)), ended);
  EXPECT_EQ(collect().channel_status, channel_status::program_check);
}

TEST_F(SubchannelTest, ADeviceThatCallsWithoutAPendingCommandIsIgnored) {
  subchannel.end_pending_command({}, ended);
  subchannel.present_pci();
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(subchannel.status_pending());
}

// --- Program-controlled interruption

TEST_F(SubchannelTest, APciLeavesTheProgramActive) {
  write_program({ccw(0x0b, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  subchannel.present_pci();
  subchannel.present_pci();
  EXPECT_EQ(queue.size(), 1U);
  Irb irb = collect();
  EXPECT_EQ(irb.status_control, status_control::intermediate | status_control::pending);
  EXPECT_EQ(irb.channel_status, channel_status::program_controlled_interruption);
  EXPECT_EQ(irb.device_status, 0);
  EXPECT_EQ(irb.function_control, function_control::start);
  EXPECT_TRUE(irb.subchannel_active);
  EXPECT_EQ(subchannel.test(irb), ConditionCode::one);
  EXPECT_TRUE(subchannel.active());
  subchannel.present_pci();
  EXPECT_EQ(collect().channel_status, channel_status::program_controlled_interruption);
}

TEST_F(SubchannelTest, APciFlagShowsInTheEndingStatus) {
  const Irb irb = run({ccw(0x03, program_controlled_interruption | suppress_length, 0)});
  EXPECT_EQ(irb.channel_status, channel_status::program_controlled_interruption);
  EXPECT_EQ(irb.status_control, final_status | status_control::intermediate);
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(SubchannelTest, APciFlagBeforeAPendingCommandInterruptsAtOnce) {
  write_program({ccw(0x0b, program_controlled_interruption | suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(collect().status_control, status_control::intermediate | status_control::pending);
  EXPECT_TRUE(subchannel.active());
}

// --- Halt and clear

TEST_F(SubchannelTest, HaltEndsAPendingCommandWithOneInterruptionOfItsOwn) {
  write_program({ccw(0x0b, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  ASSERT_EQ(subchannel.halt(), ConditionCode::zero);
  EXPECT_EQ(device.halts, 1);
  EXPECT_EQ(queue.size(), 1U);
  const Irb irb = collect();
  EXPECT_EQ(irb.function_control, function_control::halt);
  EXPECT_EQ(irb.device_status, 0);
  EXPECT_EQ(irb.channel_status, 0);
  EXPECT_FALSE(irb.subchannel_active);
  EXPECT_TRUE(queue.empty());
  // Nothing of the start function comes any more.
  subchannel.end_pending_command({}, ended);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(start(), ConditionCode::zero);
}

TEST_F(SubchannelTest, ClearTakesPendingStatusAwayAndPresentsItsOwn) {
  write_program({ccw(0x03, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(subchannel.halt(), ConditionCode::one);
  ASSERT_EQ(subchannel.clear(), ConditionCode::zero);
  EXPECT_EQ(device.clears, 1);
  EXPECT_EQ(queue.size(), 1U);
  const Irb irb = collect();
  EXPECT_EQ(irb.function_control, function_control::clear);
  EXPECT_EQ(irb.device_status, 0);
}

TEST_F(SubchannelTest, IdleSubchannelsCanBeHaltedAndCleared) {
  ASSERT_EQ(subchannel.halt(), ConditionCode::zero);
  EXPECT_EQ(collect().status_control, status_control::pending);
  ASSERT_EQ(subchannel.clear(), ConditionCode::zero);
  EXPECT_EQ(collect().status_control, status_control::pending);
}

TEST_F(SubchannelTest, AHaltAfterAPciIsStillOneInterruption) {
  write_program({ccw(0x0b, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  subchannel.present_pci();
  ASSERT_EQ(subchannel.halt(), ConditionCode::zero);
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(collect().channel_status, 0);
}

// --- Condition codes

TEST_F(SubchannelTest, StatusPendingRefusesStartAndModify) {
  write_program({ccw(0x03, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  EXPECT_EQ(start(), ConditionCode::one);
  EXPECT_EQ(subchannel.modify(false), ConditionCode::one);
  collect();
  EXPECT_EQ(start(), ConditionCode::zero);
}

TEST_F(SubchannelTest, ADisabledSubchannelIsNotOperational) {
  ASSERT_EQ(subchannel.modify(false), ConditionCode::zero);
  Irb irb;
  EXPECT_EQ(start(), ConditionCode::three);
  EXPECT_EQ(subchannel.halt(), ConditionCode::three);
  EXPECT_EQ(subchannel.clear(), ConditionCode::three);
  EXPECT_EQ(subchannel.test(irb), ConditionCode::three);
  EXPECT_EQ(device.halts + device.clears, 0);
}

TEST_F(SubchannelTest, NoPathIsNotOperational) {
  orb.path_mask = 0x40;
  EXPECT_EQ(start(), ConditionCode::three);
}

TEST_F(SubchannelTest, StoreTellsDevicePathAndState) {
  const Schib schib = subchannel.store();
  EXPECT_EQ(schib.device.value, 0x600);
  EXPECT_EQ(schib.channel_path, 0x10);
  EXPECT_TRUE(schib.enabled);
  EXPECT_TRUE(schib.qdio);
}

TEST_F(SubchannelTest, ResetForgetsEverything) {
  write_program({ccw(0x0b, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  subchannel.present_pci();
  subchannel.reset();
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(subchannel.active());
  EXPECT_FALSE(subchannel.store().enabled);
}

}  // namespace
}  // namespace vmlan::arch
