#include "arch/channel_program.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/kit/subchannel_fixture.h"

namespace vmlan::arch {
namespace {

using namespace ccw_flag;

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

}  // namespace
}  // namespace vmlan::arch
