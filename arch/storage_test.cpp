#include "arch/storage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "arch/big_endian.h"
#include "arch/clock.h"
#include "arch/memory_disk.h"

namespace vmlan::arch {
namespace {

constexpr std::uint64_t megabyte = 1U << 20U;

TEST(Storage, StartsZeroedAndEndsWhereItsSizeSays) {
  MainStorage storage(megabyte);
  const auto view = storage.view();
  EXPECT_EQ(view.read<be64>(megabyte - 8).value, 0U);
  EXPECT_EQ(view.read<be64>(megabyte - 7).check, ProgramCheck::addressing);
  EXPECT_EQ(view.read<be64>(megabyte).check, ProgramCheck::addressing);
}

TEST(Storage, AnAddressNearTheTopOfTheNumbersDoesNotWrap) {
  MainStorage storage(megabyte);
  const auto view = storage.view();
  for (const Address address : {~Address{0}, ~Address{0} - 7, Address{1} << 63U}) {
    EXPECT_EQ(view.may_fetch(address, 8, AccessKey::zero), ProgramCheck::addressing);
    EXPECT_EQ(view.fetch(address, 8, AccessKey::zero), nullptr);
    EXPECT_EQ(view.store(address, 8, AccessKey::zero), nullptr);
  }
  EXPECT_EQ(view.may_fetch(8, ~std::uint64_t{0}, AccessKey::zero), ProgramCheck::addressing);
}

TEST(Storage, EmptyAccessesAreFineUpToTheEnd) {
  MainStorage storage(megabyte);
  EXPECT_EQ(storage.view().may_fetch(megabyte, 0, AccessKey::zero), ProgramCheck::none);
  EXPECT_EQ(storage.view().may_fetch(megabyte + 1, 0, AccessKey::zero), ProgramCheck::addressing);
}

TEST(Storage, ReadsAndWritesBigEndianValues) {
  MainStorage storage(megabyte);
  const auto view = storage.view();
  EXPECT_EQ(view.write(0x1000, be32{0x01020304U}), ProgramCheck::none);
  EXPECT_EQ(view.read<std::uint8_t>(0x1000).value, 1);
  EXPECT_EQ(view.read<std::uint8_t>(0x1003).value, 4);
}

// PoP, "Key-Controlled Protection": the table of keys, fetch protection and access.
TEST(Storage, KeyControlledProtectionFollowsThePrinciplesOfOperation) {
  MainStorage storage(megabyte);
  const auto view = storage.view();
  struct Row {
    unsigned access_key;
    std::uint8_t storage_key;
    ProgramCheck fetch;
    ProgramCheck store;
  };
  constexpr auto ok = ProgramCheck::none;
  constexpr auto no = ProgramCheck::protection;
  for (const Row& row :
       {Row{0, 0x70, ok, ok}, Row{0, 0x78, ok, ok}, Row{7, 0x70, ok, ok}, Row{7, 0x78, ok, ok},
        Row{3, 0x70, ok, no}, Row{3, 0x78, no, no}, Row{3, 0x00, ok, no}}) {
    view.set_storage_key(0x2000, row.storage_key);
    EXPECT_EQ(view.may_fetch(0x2000, 8, access_key(row.access_key)), row.fetch) << row.access_key;
    EXPECT_EQ(view.may_store(0x2000, 8, access_key(row.access_key)), row.store) << row.access_key;
  }
}

TEST(Storage, EveryPageOfAnAccessIsChecked) {
  MainStorage storage(megabyte);
  const auto view = storage.view();
  for (Address page = 0; page < 3 * page_size; page += page_size) view.set_storage_key(page, 0x30);
  EXPECT_EQ(view.may_store(0, 3 * page_size, access_key(3)), ProgramCheck::none);
  view.set_storage_key(2 * page_size, 0x40);
  EXPECT_EQ(view.may_store(0, 3 * page_size, access_key(3)), ProgramCheck::protection);
  EXPECT_EQ(view.may_store(0, 2 * page_size, access_key(3)), ProgramCheck::none);
}

TEST(Storage, ReferenceAndChangeAreRecorded) {
  MainStorage storage(megabyte);
  const auto view = storage.view();
  view.set_storage_key(0x3000, 0x50);
  EXPECT_TRUE(view.read<be32>(0x3000));
  EXPECT_EQ(view.storage_key(0x3000), 0x50 | storage_key_referenced);
  view.write(0x3000, be32{1});
  EXPECT_EQ(view.storage_key(0x3000), 0x50 | storage_key_referenced | storage_key_changed);
  EXPECT_EQ(view.storage_key(0x4000), 0);
}

TEST(Storage, ARefusedAccessLeavesNoMark) {
  MainStorage storage(megabyte);
  const auto view = storage.view();
  view.set_storage_key(0x3000, 0x58);
  EXPECT_EQ(view.store(0x3000, 8, access_key(2)), nullptr);
  EXPECT_EQ(view.read<be32>(0x3000, access_key(2)).check, ProgramCheck::protection);
  std::array<std::byte, 8> bytes{};
  EXPECT_EQ(view.read_bytes(0x3000, bytes, access_key(2)), ProgramCheck::protection);
  EXPECT_EQ(view.write_bytes(0x3000, bytes, access_key(2)), ProgramCheck::protection);
  EXPECT_EQ(view.storage_key(0x3000), 0x58);
}

TEST(Storage, ClearForgetsContentsAndKeys) {
  MainStorage storage(megabyte);
  const auto view = storage.view();
  view.write(0x5000, be32{0xffffffffU});
  view.set_storage_key(0x5000, 0xf8);
  storage.clear();
  EXPECT_EQ(view.read<be32>(0x5000).value, 0U);
  EXPECT_EQ(view.storage_key(0x6000), 0);
}

// An emulator keeps keys for blocks of 2 KB.
TEST(Storage, TheKeysBlockSizeIsTheOwners) {
  std::vector<std::byte> memory(8192);
  std::vector<std::uint8_t> keys(4);
  const GuestStorage view(memory.data(), memory.size(), keys.data(), 11);
  view.set_storage_key(2048, 0x90);
  EXPECT_EQ(keys[1], 0x90);
  EXPECT_EQ(view.may_store(2048, 2048, access_key(9)), ProgramCheck::none);
  EXPECT_EQ(view.may_store(2047, 2, access_key(9)), ProgramCheck::protection);
}

TEST(BigEndian, LiesMostSignificantByteFirst) {
  const be16 half = 0x1234;
  const be64 whole = 0x0102030405060708ULL;
  EXPECT_EQ(reinterpret_cast<const unsigned char*>(&half)[0], 0x12);
  EXPECT_EQ(reinterpret_cast<const unsigned char*>(&whole)[7], 0x08);
  EXPECT_EQ(whole, 0x0102030405060708ULL);
}

TEST(VirtualTime, MovesForwardOnly) {
  VirtualClock clock;
  const auto date = clock.date();
  clock.advance_to(std::chrono::seconds(5));
  clock.advance_to(std::chrono::seconds(3));
  EXPECT_EQ(clock.now(), std::chrono::seconds(5));
  EXPECT_EQ(clock.date() - date, std::chrono::seconds(5));
}

// SplitMix64, reference output for seed 1234567 (Vigna, public domain).
TEST(Chance, IsTheSameEverywhere) {
  Prng prng(1234567);
  EXPECT_EQ(prng.next(), 6457827717110365317ULL);
  EXPECT_EQ(prng.next(), 3203168211198807973ULL);
}

TEST(MemoryDisk, KeepsFilesByName) {
  MemoryDisk disk;
  const FileContents text{std::byte{'x'}};
  EXPECT_TRUE(disk.write("B FILE", text));
  EXPECT_TRUE(disk.write("A FILE", {}));
  EXPECT_EQ(disk.list(), (std::vector<std::string>{"A FILE", "B FILE"}));
  EXPECT_EQ(disk.read("B FILE"), text);
  EXPECT_TRUE(disk.erase("B FILE"));
  EXPECT_FALSE(disk.erase("B FILE"));
  EXPECT_EQ(disk.read("B FILE"), std::nullopt);
}

TEST(LoadOnce, CopiesAnyLengthFromAnyAlignment) {
  std::array<std::byte, 128> from{};
  for (std::size_t index = 0; index < from.size(); ++index) from[index] = static_cast<std::byte>(index + 1);
  for (std::size_t at = 0; at < 17; ++at) {
    for (std::size_t length = 0; length < 64; ++length) {
      std::array<std::byte, 128> to{};
      copy_once(to.data(), from.data() + at, length);
      EXPECT_TRUE(std::equal(to.begin(), to.begin() + static_cast<std::ptrdiff_t>(length), from.data() + at));
      EXPECT_EQ(to[length], std::byte{0});
    }
  }
}

TEST(MemoryDisk, ALargeFileGoesInPartsWhenItsLastReaderHasLetGo) {
  Leftovers leftovers;
  MemoryDisk disk(&leftovers);
  const FileContents large(1'000'000, std::byte{7});
  EXPECT_TRUE(disk.write("A FILE", large));
  auto reader = disk.open("A FILE");
  EXPECT_TRUE(disk.write("A FILE", {}));
  FileContents read(large.size());
  EXPECT_EQ(reader->read(std::span(read).first(70'000)), 70'000U);
  EXPECT_EQ(reader->read(std::span(read).subspan(70'000)), 930'000U);
  EXPECT_EQ(read, large);
  EXPECT_TRUE(leftovers.empty());
  reader.reset();
  unsigned parts = 0;
  for (; !leftovers.empty(); ++parts) leftovers.give_back_part();
  EXPECT_EQ(parts, 4U) << "of 256 KiB";
}

TEST(MemoryDisk, AFileIsThereWhenItIsKeptAndUnderOneName) {
  MemoryDisk disk;
  const FileContents text{std::byte{1}};
  { EXPECT_TRUE(disk.create("A FILE")->append(text)); }
  EXPECT_TRUE(disk.list().empty());
  EXPECT_TRUE(disk.write("A FILE", text));
  EXPECT_TRUE(disk.write("B FILE", {}));
  EXPECT_FALSE(disk.rename("A FILE", "B FILE"));
  EXPECT_FALSE(disk.rename("C FILE", "D FILE"));
  EXPECT_TRUE(disk.rename("A FILE", "C FILE"));
  EXPECT_EQ(disk.read("C FILE"), text);
  EXPECT_EQ(disk.read("A FILE"), std::nullopt);
}

}  // namespace
}  // namespace vmlan::arch
