#include "qdio/adapter/idx.h"

#include <gtest/gtest.h>

#include <string>

#include "qdio/adapter/adapter.h"
#include "tests/kit/hex.h"

namespace vmlan::qdio {
namespace {

using kit::from_hex;
using kit::to_hex;

// observed, Linux 6.1 qeth
constexpr const char* observed_read =
    "00008000 00000000 190101C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002";

Message idx_with(std::size_t at, const std::string& bytes, const std::string& more = {}) {
  Message message = from_hex(observed_read + more);
  const auto patch = from_hex(bytes);
  std::copy(patch.begin(), patch.end(), message.begin() + static_cast<std::ptrdiff_t>(at));
  return message;
}

TEST(Idx, OnlyAnActivateOfAChannelIsOne) {
  EXPECT_TRUE(parse_idx(from_hex(observed_read)));
  EXPECT_TRUE(parse_idx(idx_with(8, "15")));
  for (const char* channel : {"00", "14", "16", "18", "1A", "1B", "17"}) {
    EXPECT_FALSE(parse_idx(idx_with(8, channel))) << channel;
  }
  EXPECT_FALSE(parse_idx(idx_with(0, "00008001")));
  EXPECT_FALSE(parse_idx(idx_with(0, "0000C000")));
}

TEST(Idx, ThereAreAsManyDataPathsAsItSaysAndHas) {
  const std::string more = "08030003 08040004";
  const struct {
    const char* said;
    std::string more;
    std::size_t paths;
  } rows[] = {{"00", "", 1},   {"01", "", 1},       {"02", "", 1},         {"01", more, 1},
              {"02", more, 2}, {"03", more, 3},     {"04", more, 3},       {"FF", more, 3},
              {"00", more, 1}, {"02", "080300", 1}, {"02", "08030003", 2}, {"03", "08030003 080400", 2}};
  for (const auto& row : rows) {
    const auto idx = parse_idx(idx_with(0x0a, row.said, row.more));
    ASSERT_TRUE(idx);
    EXPECT_EQ(idx->data_paths.size(), row.paths) << row.said << " " << row.more;
    EXPECT_EQ(idx->data_paths[0].data_device, 0x0802);
  }
  const auto activate = parse_idx_activate(idx_with(0x0a, "03", "08030103 08040204"));
  ASSERT_TRUE(activate);
  ASSERT_EQ(activate->data_paths.size(), 3U);
  EXPECT_EQ(activate->data_paths[1], (DataPathName{{0x0803}, 1, 3}));
  EXPECT_EQ(activate->data_paths[2], (DataPathName{{0x0804}, 2, 4}));
  EXPECT_TRUE(activate->read_channel);
  EXPECT_FALSE(parse_idx_activate(idx_with(8, "15"))->read_channel);
}

TEST(Idx, ARefusalIsTheRequestWithChannelAndCause) {
  EXPECT_EQ(to_hex(refuse_idx_activate(idx_with(0x0a, "03", "08030103 08040204"))),
            "00008000000000001B0803C000010103010100000000C8C1D3D3D6D3C540080200020803010308040204");
  EXPECT_EQ(to_hex(refuse_idx_activate(idx_with(8, "15"))).substr(0, 24), "0000800000000000170801C0");
}

TEST(Idx, AMessageIsPutTogetherWithAnyNumberOfDataPaths) {
  const auto idx = parse_idx(from_hex(observed_read));
  ASSERT_TRUE(idx);
  EXPECT_EQ(to_message(idx->message, {}), from_hex(observed_read)) << "as it stands";
  const IdxDataPath other{std::uint16_t{0x0900}, 1, 2};
  EXPECT_EQ(to_hex(to_message(idx->message, std::span(&other, 1))).substr(2 * 0x1e), "09000102");
}

TEST(Idx, TerminateHasTheCauseLinuxReads) {
  EXPECT_EQ(to_hex(idx_terminate(0x41)), "0000C00041" + std::string(2 * (0x22 - 5), '0'));
  EXPECT_TRUE(is_idx_terminate(idx_terminate(0x22)));
  EXPECT_TRUE(is_idx_terminate(from_hex("0000C000 00")));
  for (const char* other : {"", "0000C000", "0000C001 00", "00008000 00", "0000C100 00", "0001C000 00"}) {
    EXPECT_FALSE(is_idx_terminate(from_hex(other))) << other;
  }
}

// --- Which device is meant; control device 0 unless said otherwise

struct DeviceMeant {
  unsigned number;
  unsigned unit_address;
  unsigned base;
  unsigned devices;
  unsigned control;
  std::optional<unsigned> index;
};

TEST(Idx, TheUnitAddressSaysWhichDeviceIsMeant) {
  const DeviceMeant rows[] = {
      {0x0802, 0x02, 0x0800, 3, 0, 2},             // both agree
      {0x0802, 0x02, 0x0800, 3, 2, std::nullopt},  // but it is the control device itself
      {0x0999, 0x02, 0x0800, 3, 0, 2},             // a guest's own numbers
      {0x0801, 0x02, 0x0800, 3, 0, 2},             // they differ: the unit address counts
      {0x0802, 0x03, 0x0800, 3, 0, 2},             // no such unit address: the number
      {0x0803, 0x03, 0x0800, 3, 0, std::nullopt},  // neither
      {0x0800, 0x07, 0x0800, 3, 0, std::nullopt},  // the number is the control device
      {0x0800, 0x00, 0x0800, 3, 0, std::nullopt},
      {0x0800, 0x00, 0x0800, 3, 1, 0},
      {0x07ff, 0xff, 0x0800, 3, 0, std::nullopt},  // below the base
      {0x0a05, 0x05, 0x0a03, 3, 0, 2},             // unit addresses go on from the base's
      {0x0999, 0x00, 0x08fe, 3, 0, 2},             // and begin again at 00
      {0x0999, 0x01, 0x08fe, 3, 0, std::nullopt},
      {0x0901, 0x01, 0x0800, 0x102, 0, 0x101},  // two devices with one unit address: the number says
      {0x0801, 0x01, 0x0800, 0x102, 0, 0x001},
      {0x0999, 0x01, 0x0800, 0x102, 0, 0x001},  // or the first
      {0x0999, 0x01, 0x0800, 0x102, 1, 0x101},  // that is not the control device
      {0x0999, 0x01, 0x0800, 0x101, 1, std::nullopt},
  };
  for (const DeviceMeant& row : rows) {
    const DataPathName name{
        {static_cast<std::uint16_t>(row.number)}, 0, static_cast<std::uint8_t>(row.unit_address)};
    EXPECT_EQ(data_device_index(name, {static_cast<std::uint16_t>(row.base)}, row.devices, row.control),
              row.index)
        << std::hex << row.number << " " << row.unit_address << " " << row.base << " " << row.control;
  }
}

}  // namespace
}  // namespace vmlan::qdio
