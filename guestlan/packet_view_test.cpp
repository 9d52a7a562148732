// What is read of a packet, wherever its sender's segments end, and the tag that comes out of it.
#include "guestlan/packet_view.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "guestlan/untag.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::guestlan {
namespace {

// A frame whose bytes lie in segments of these lengths, the last one takes the rest. Each is an allocation of
// its own: reading on behind one is an error that a sanitizer sees.
class CutFrame {
 public:
  CutFrame(const std::vector<std::byte>& bytes, std::initializer_list<std::size_t> lengths) {
    std::size_t at = 0;
    for (const std::size_t length : lengths) add(bytes, at, length);
    if (at < bytes.size()) add(bytes, at, bytes.size() - at);
    frame.length = static_cast<std::uint32_t>(bytes.size());
  }
  std::vector<std::byte> payload() const {
    std::vector<std::byte> all;
    for (unsigned index = 0; index < frame.segments; ++index)
      all.insert(all.end(), frame.segment[index].data,
                 frame.segment[index].data + frame.segment[index].length);
    return all;
  }

  qdio::Frame frame;

 private:
  void add(const std::vector<std::byte>& bytes, std::size_t& at, std::size_t length) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    parts_.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length));
    frame.segment[frame.segments++] = {parts_.back().data(), static_cast<std::uint32_t>(length)};
    at += length;
  }
  std::vector<std::vector<std::byte>> parts_;
};

std::vector<std::byte> numbered(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t index = 0; index < count; ++index) bytes[index] = std::byte(index + 1);
  return bytes;
}

TEST(Peek, GivesTheSameBytesWhereverTheSegmentsEnd) {
  const auto bytes = numbered(12);
  for (std::size_t first = 0; first <= 12; ++first) {
    for (std::size_t second = 0; first + second <= 12; ++second) {
      const CutFrame cut(bytes, {first, second});
      for (std::uint32_t offset = 0; offset <= 12; ++offset) {
        for (std::uint32_t length = 1; length <= 13; ++length) {
          std::vector<std::byte> seen(length);
          const bool there = peek(cut.frame, offset, seen.data(), length);
          ASSERT_EQ(there, offset + length <= 12) << first << ' ' << second << ' ' << offset << ' ' << length;
          if (there) {
            ASSERT_EQ(std::memcmp(seen.data(), bytes.data() + offset, length), 0)
                << first << ' ' << second << ' ' << offset << ' ' << length;
          }
        }
      }
    }
  }
}

TEST(Peek, EndsWhereTheFrameEnds) {
  CutFrame cut(numbered(12), {4, 4});
  cut.frame.segments = 2;  // the third is somebody else's
  std::array<std::byte, 5> into{};
  EXPECT_TRUE(peek(cut.frame, 3, into.data(), 5));
  EXPECT_FALSE(peek(cut.frame, 4, into.data(), 5));
  EXPECT_FALSE(peek(cut.frame, 7, into.data(), 2));
}

// `types` at 12, 16, 20...: as a tagged frame has them.
std::vector<std::byte> with_types(std::size_t length, const std::vector<unsigned>& types) {
  std::vector<std::byte> bytes(length);
  std::size_t at = 12;
  for (const unsigned type : types) {
    kit::put16(bytes.data() + at, static_cast<std::uint16_t>(type));
    at += 4;
  }
  return bytes;
}

TEST(IpInEthernet, LiesBehindAtMostOneTag) {
  struct Row {
    std::size_t length;
    std::vector<unsigned> types;
    std::uint32_t offset;
    unsigned type;
  };
  for (const Row& row : std::initializer_list<Row>{{64, {0x0800}, 14, 0x0800},
                                                   {64, {0x86dd}, 14, 0x86dd},
                                                   {64, {0x0806}, 14, 0x0806},
                                                   {64, {0x8100, 0x0800}, 18, 0x0800},
                                                   {64, {0x8100, 0x86dd}, 18, 0x86dd},
                                                   {14, {0x0800}, 14, 0x0800},
                                                   {18, {0x8100, 0x0800}, 18, 0x0800}}) {
    const CutFrame cut(with_types(row.length, row.types), {});
    const IpPosition position = ip_in_ethernet(cut.frame);
    EXPECT_EQ(position.offset, row.offset);
    EXPECT_EQ(position.type, row.type);
  }
  const CutFrame twice(with_types(64, {0x8100, 0x8100, 0x0800}), {});
  EXPECT_EQ(ip_in_ethernet(twice.frame).type, 0x8100U) << "and that is no IP";
  for (const auto& bytes : {with_types(16, {0x8100}), std::vector<std::byte>(13)}) {
    const CutFrame cut(bytes, {});
    EXPECT_EQ(ip_in_ethernet(cut.frame).type, 0U) << "cut short";
    EXPECT_EQ(ip_in_ethernet(cut.frame).offset, 0U);
  }
}

TEST(VlanTag, IsTheTwoBytesBehindItsType) {
  auto bytes = with_types(64, {0x8100, 0x0800});
  kit::put16(bytes.data() + 14, 0xe123);
  const CutFrame tagged(bytes, {13});
  EXPECT_EQ(vlan_tag_of(tagged.frame), 0xe123);
  EXPECT_EQ(vlan_of(tagged.frame), 0x123U);
  bytes.resize(16);
  EXPECT_EQ(vlan_tag_of(CutFrame(bytes, {}).frame), 0xe123);
  bytes.resize(15);
  EXPECT_EQ(vlan_tag_of(CutFrame(bytes, {}).frame), std::nullopt);
  const CutFrame untagged(with_types(64, {0x0800}), {});
  EXPECT_EQ(vlan_tag_of(untagged.frame), std::nullopt);
  EXPECT_EQ(vlan_of(untagged.frame), 0U);
}

TEST(Destination, IsReadOfAWholeHeaderOfThePromisedVersion) {
  constexpr std::uint32_t at = 3;
  struct Row {
    wire::IpVersion version;
    std::size_t header;
    std::size_t destination;
    std::size_t size;
    unsigned first_byte;
  };
  for (const Row& row :
       {Row{wire::IpVersion::v4, 20, 16, 4, 0x45}, Row{wire::IpVersion::v6, 40, 24, 16, 0x60}}) {
    auto bytes = numbered(at + row.header);
    bytes[at] = std::byte(row.first_byte);
    wire::IpAddress found;
    ASSERT_TRUE(destination_at(CutFrame(bytes, {at}).frame, at, row.version, found));
    const std::byte* expected = bytes.data() + at + row.destination;
    EXPECT_EQ(std::memcmp(found.bytes.data() + 16 - row.size, expected, row.size), 0);
    EXPECT_EQ(found.version(), row.version);
    bytes.pop_back();
    EXPECT_FALSE(destination_at(CutFrame(bytes, {}).frame, at, row.version, found)) << "a byte too short";
    bytes.push_back(std::byte{1});
    bytes[at] = std::byte(row.first_byte ^ 0x20U);  // the other one's
    EXPECT_FALSE(destination_at(CutFrame(bytes, {}).frame, at, row.version, found));
  }
}

TEST(CutFront, LeavesTheRestWhereverTheSegmentsEnd) {
  const auto bytes = numbered(12);
  for (std::size_t first = 0; first <= 12; ++first) {
    for (std::size_t second = 0; first + second <= 12; ++second) {
      for (std::uint32_t length = 0; length < 12; ++length) {
        CutFrame cut(bytes, {first, second});
        cut_front(cut.frame, length);
        const std::vector<std::byte> rest(bytes.begin() + length, bytes.end());
        ASSERT_EQ(cut.payload(), rest) << first << ' ' << second << ' ' << length;
        ASSERT_EQ(cut.frame.length, rest.size());
        ASSERT_GT(cut.frame.segment[0].length, 0U) << "the first segment has something, for peek()";
      }
    }
  }
}

// --- untag

CutFrame tagged_datagram(std::size_t length, unsigned type, std::initializer_list<std::size_t> lengths) {
  auto bytes = with_types(length, {0x8100, type});
  kit::put16(bytes.data() + 14, 0xe064);
  CutFrame cut(bytes, lengths);
  cut.frame.layer3.flags = type == 0x86dd ? 0x96 : 0x16;
  cut.frame.layer3.extended_flags = 0x34;
  cut.frame.layer3.length = static_cast<std::uint16_t>(length);
  return cut;
}

TEST(Untag, MovesTheTagIntoTheHeaderAndTheVersionWithIt) {
  for (const unsigned type : {0x0800U, 0x86ddU}) {
    auto cut = tagged_datagram(60, type, {13, 4});
    cut.frame.layer3.flags =
        type == 0x86dd ? 0x16 : 0x96;  // what the sender said of the version does not count
    ASSERT_TRUE(untag(cut.frame));
    EXPECT_EQ(cut.frame.layer3.flags, type == 0x86dd ? 0x86 : 0x06) << "a datagram, its cast kept";
    EXPECT_EQ(cut.frame.layer3.extended_flags, 0x31) << "VLAN in the header; its other wishes kept";
    EXPECT_EQ(cut.frame.layer3.vlan_id, 0xe064) << "with its priority";
    EXPECT_EQ(cut.frame.layer3.length, 42U);
    EXPECT_EQ(cut.frame.length, 42U);
    EXPECT_EQ(cut.payload().size(), 42U);
  }
}

TEST(Untag, LeavesWhatIsNoTaggedDatagramAsItIs) {
  struct Row {
    const char* why;
    std::vector<std::byte> bytes;
  };
  for (const Row& row :
       {Row{"no tag", with_types(60, {0x0800})}, Row{"ARP", with_types(60, {0x8100, 0x0806})},
        Row{"two tags", with_types(60, {0x8100, 0x8100, 0x0800})},
        Row{"nothing behind it", with_types(18, {0x8100, 0x86dd})},
        Row{"cut short", with_types(17, {0x8100})}}) {
    CutFrame cut(row.bytes, {});
    cut.frame.layer3.flags = 0x96;
    cut.frame.layer3.extended_flags = 0x04;
    EXPECT_FALSE(untag(cut.frame)) << row.why;
    EXPECT_EQ(cut.frame.layer3.flags, 0x96) << row.why;
    EXPECT_EQ(cut.frame.layer3.extended_flags, 0x04) << row.why;
    EXPECT_EQ(cut.frame.layer3.vlan_id, 0U) << row.why;
    EXPECT_EQ(cut.payload(), row.bytes) << row.why;
  }
  auto least = tagged_datagram(19, 0x86dd, {});
  EXPECT_TRUE(untag(least.frame));
  EXPECT_EQ(least.frame.length, 1U);
}

TEST(Untag, TakesTheTagOffTheHeadersOfASuperFrameToo) {
  for (const unsigned headers : {18U, 19U, 78U}) {
    auto cut = tagged_datagram(100, 0x86dd, {});
    cut.frame.layer3.id = static_cast<std::uint8_t>(wire::TransportId::layer3_tso);
    cut.frame.tso.header_length = static_cast<std::uint16_t>(headers);
    EXPECT_EQ(untag(cut.frame), headers > 18);
    EXPECT_EQ(cut.frame.tso.header_length, headers > 18 ? headers - 18 : 18U);
    EXPECT_EQ(cut.frame.length, headers > 18 ? 82U : 100U);
  }
  auto ordinary = tagged_datagram(100, 0x86dd, {});
  ordinary.frame.tso.header_length = 5;
  EXPECT_TRUE(untag(ordinary.frame)) << "of others, the extension is anything";
}

TEST(Untag, IsForPassthruFramesThatSayThatTheyAreTagged) {
  struct Row {
    unsigned flags;
    unsigned extended;
    bool tagged;
  };
  for (const Row& row : {Row{0x96, 0x04, true}, Row{0x10, 0x3c, true}, Row{0x96, 0x01, false},
                         Row{0x86, 0x04, false}, Row{0, 0, false}}) {
    qdio::Frame frame;
    frame.layer3.flags = static_cast<std::uint8_t>(row.flags);
    frame.layer3.extended_flags = static_cast<std::uint8_t>(row.extended);
    EXPECT_EQ(is_tagged_inside(frame), row.tagged) << row.flags << ' ' << row.extended;
  }
}

}  // namespace
}  // namespace vmlan::guestlan
