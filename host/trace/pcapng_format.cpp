// pcapng: blocks, each with its type and its length in front and behind. A section header says which byte
// order follows and forgets the interfaces of the section before.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "host/trace/capture_format.h"
#include "host/trace/pcapng_blocks.h"

namespace vmlan::host {

namespace {

__extension__ using Uint128 = unsigned __int128;
__extension__ using Int128 = __int128;

constexpr std::size_t frame_of_a_block = 12;  // type, length, length again
constexpr std::size_t most_interfaces = 65'536;

using Bytes = std::span<const std::byte>;

struct Interface {
  std::uint32_t link_number = 0;
  std::uint32_t snap_length = 0;  // 0: no limit
  std::uint8_t resolution = 6;    // as if_tsresol has it: 10^-n, with the upper bit 2^-n
  std::int64_t offset_seconds = 0;
};

// Nothing: before 1970, or later than 2^63 ns hold. A time stamp may be anything.
std::optional<arch::Time> time_of(std::uint64_t units, const Interface& interface) noexcept {
  constexpr std::uint64_t per_second = 1'000'000'000;
  constexpr auto latest = static_cast<Int128>(std::numeric_limits<std::int64_t>::max());
  constexpr std::uint8_t binary = 0x80;
  const unsigned exponent = interface.resolution & 0x7fU;
  Uint128 nanoseconds = 0;
  if ((interface.resolution & binary) != 0) {
    nanoseconds = exponent > 100 ? 0 : static_cast<Uint128>(units) * per_second >> exponent;
  } else {
    nanoseconds = units;
    for (unsigned power = exponent; power < 9; ++power) nanoseconds *= 10;
    for (unsigned power = 9; power < exponent && nanoseconds > 0; ++power) nanoseconds /= 10;
  }
  const auto offset = static_cast<Int128>(interface.offset_seconds) * static_cast<Int128>(per_second);
  const auto sum = static_cast<Int128>(nanoseconds) + offset;
  if (sum < 0 || sum > latest) return std::nullopt;
  return arch::Time(static_cast<std::int64_t>(sum));
}

class PcapngFormat final : public CaptureReader::Format {
 public:
  using Format::Format;

  // Empty = it begins with a section header.
  std::string begin() {
    std::uint32_t type = 0;
    const auto next = read_block(type);
    if (next == Next::record && start_section()) return {};
    return damage().empty() ? "the file is too short for a capture" : damage();
  }

  CaptureReader::Next next(CaptureRecord& record) override {
    // Each pass reads on in the file: its size is the bound.
    for (;;) {
      std::uint32_t type = 0;
      if (const auto got = read_block(type); got != Next::record) return got;
      if (type == pcapng::section_header) {
        if (!start_section()) return Next::damaged;
        continue;
      }
      if (type == pcapng::interface_description) {
        if (!add_interface()) return Next::damaged;
        continue;
      }
      if (type != pcapng::enhanced_packet && type != pcapng::simple_packet && type != pcapng::old_packet)
        continue;
      return packet(type, record);
    }
  }

 private:
  using Next = CaptureReader::Next;

  // Everything between the two lengths of the next block, in block_.
  Next read_block(std::uint32_t& type) {
    advance(pending_);
    pending_ = 0;
    std::array<std::byte, 12> head;  // with the byte order of a section header
    Got got = read(head.data(), 8);
    if (got != Got::all) return ended(got);
    std::memcpy(&type, head.data(), sizeof(type));
    const bool section = type == pcapng::section_header;
    if (section) {
      if (got = read(&head[8], 4); got != Got::all) return ended(in_the_middle(got));
      other_order_ = false;
      if (word(&head[8]) != pcapng::byte_order_magic) other_order_ = true;
      if (word(&head[8]) != pcapng::byte_order_magic)
        return damaged("a section header without its byte order");
    }
    type = word(head.data());
    const std::uint32_t length = word(&head[4]);
    const std::size_t read_already = section ? 4 : 0;
    if (length < frame_of_a_block + read_already || length % 4 != 0) {
      return damaged(fmt::format("a block of {} bytes, which none can have", length));
    }
    if (length > CaptureReader::longest_block)
      return damaged(fmt::format("a block of {} bytes: too long", length));
    block_.resize(length - frame_of_a_block);
    std::copy_n(&head[8], read_already, block_.begin());
    std::array<std::byte, 4> again;
    const std::size_t rest = block_.size() - read_already;
    if (rest > 0) got = read(block_.data() + read_already, rest);
    if (got == Got::all) got = read(again.data(), again.size());
    if (got != Got::all) return ended(in_the_middle(got));
    if (word(again.data()) != length) return damaged("a block whose two lengths differ");
    pending_ = length;
    return Next::record;
  }

  bool start_section() {
    constexpr std::size_t smallest = 16;
    if (block_.size() < smallest) {
      damaged("a section header that is too short");
      return false;
    }
    if (const unsigned major = half(&block_[4]); major != 1) {
      damaged(fmt::format("a section of pcapng version {}, which is not read", major));
      return false;
    }
    interfaces_.clear();
    return true;
  }

  bool add_interface() {
    constexpr std::size_t smallest = 8;
    if (block_.size() < smallest || interfaces_.size() >= most_interfaces) {
      damaged(block_.size() < smallest ? "an interface description that is too short"
                                       : "too many interfaces");
      return false;
    }
    Interface interface;
    interface.link_number = half(block_.data());
    interface.snap_length = word(&block_[4]);
    // What they say of its times may be behind the damage.
    if (!read_options(Bytes(block_).subspan(smallest), interface)) {
      damaged("an interface description whose options can't be read");
      return false;
    }
    interfaces_.push_back(interface);
    return true;
  }

  // False: they can't be read.
  bool read_options(Bytes options, Interface& interface) const noexcept {
    while (options.size() >= 4) {
      const std::uint16_t code = half(options.data());
      const std::size_t length = half(options.data() + 2);
      options = options.subspan(4);
      if (code == pcapng::option::end) return true;
      if (length > options.size()) return false;
      if (code == pcapng::option::time_resolution && length == 1)
        interface.resolution = std::to_integer<std::uint8_t>(options[0]);
      if (code == pcapng::option::time_offset && length == 8) {
        const std::uint64_t first = word(options.data());
        const std::uint64_t second = word(options.data() + 4);
        const bool big = (std::endian::native == std::endian::big) != other_order_;
        interface.offset_seconds =
            static_cast<std::int64_t>(big ? first << 32U | second : second << 32U | first);
      }
      options = options.subspan(std::min((length + 3) / 4 * 4, options.size()));
    }
    return true;
  }

  Next packet(std::uint32_t type, CaptureRecord& record) {
    const bool simple = type == pcapng::simple_packet;
    const std::size_t head = simple ? 4 : 20;
    if (block_.size() < head) return damaged("a packet block that is too short");
    const std::uint32_t number = simple                       ? 0
                                 : type == pcapng::old_packet ? half(block_.data())
                                                              : word(block_.data());
    if (number >= interfaces_.size()) {
      return damaged(
          fmt::format("a packet of interface {}, of which the section has {}", number, interfaces_.size()));
    }
    const Interface& interface = interfaces_[number];
    const std::size_t room = block_.size() - head;
    std::size_t length = 0;
    if (simple) {
      record.original_length = word(block_.data());
      length = std::min<std::size_t>(record.original_length, room);
      if (interface.snap_length != 0) length = std::min<std::size_t>(length, interface.snap_length);
    } else {
      const auto time = time_of(std::uint64_t{word(&block_[4])} << 32U | word(&block_[8]), interface);
      if (!time) return damaged("a packet whose time is before 1970 or after 2262");
      last_time_ = *time;
      length = word(&block_[12]);
      record.original_length = word(&block_[16]);
      if (length > room) return damaged("a packet that is longer than its block");
      record.original_length = std::max(record.original_length, static_cast<std::uint32_t>(length));
    }
    record.time = last_time_;  // a simple packet has none of its own
    record.link_number = interface.link_number;
    record.link = link_type_of(interface.link_number);
    record.bytes = Bytes(block_).subspan(head, length);
    return Next::record;
  }

  std::vector<Interface> interfaces_;
  arch::Time last_time_{0};
  std::uint64_t pending_ = 0;  // length of the block that is being looked at
};

}  // namespace

OpenedFormat open_pcapng(File file) {
  auto format = std::make_unique<PcapngFormat>(std::move(file));
  if (auto why = format->begin(); !why.empty()) return CaptureError{std::move(why)};
  return format;
}

}  // namespace vmlan::host
