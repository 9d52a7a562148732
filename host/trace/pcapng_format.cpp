// pcapng: blocks, each with its type and its length in front and behind. A section header says which byte
// order follows and forgets the interfaces of the section before.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

#include "host/trace/capture_format.h"
#include "host/trace/pcapng_blocks.h"
#include "host/trace/pcapng_interface.h"

namespace vmlan::host {

namespace {

constexpr std::size_t frame_of_a_block = 12;  // type, length, length again
constexpr std::size_t most_interfaces = 65'536;

class PcapngFormat final : public CaptureReader::Format {
 public:
  using Format::Format;
  using Next = CaptureReader::Next;

  Next begin() override {
    Block block;
    if (const Next next = look_at_block(block); next != Next::record) return next;
    if (!start_section(block.body)) return Next::damaged;
    window_.take(block.length);
    return Next::record;
  }

  Next next(CaptureRecord& record) override {
    // Each pass reads on in the file: its size is the bound.
    for (;;) {
      Block block;
      if (const Next next = look_at_block(block); next != Next::record) return next;
      if (is_packet(block.type)) {
        const Next next = packet(block, record);
        if (next == Next::record) window_.take(block.length);
        return next;
      }
      if (block.type == pcapng::section_header && !start_section(block.body)) return Next::damaged;
      if (block.type == pcapng::interface_description && !add_interface(block.body)) return Next::damaged;
      window_.take(block.length);
    }
  }

 private:
  using Bytes = std::span<const std::byte>;

  struct Block {
    std::uint32_t type = 0;
    std::uint32_t length = 0;  // of all of it
    Bytes body;                // what is between its two lengths
  };

  static bool is_packet(std::uint32_t type) noexcept {
    return type == pcapng::enhanced_packet || type == pcapng::simple_packet || type == pcapng::old_packet;
  }

  // The next block, whole. It stays the next one.
  Next look_at_block(Block& block) {
    const std::byte* at = window_.peek(frame_of_a_block);
    if (at == nullptr) return missing();
    block.type = word(at);
    const bool section = block.type == pcapng::section_header;  // the same in either byte order
    if (section && !find_order(at + 8)) return damaged("a section header without its byte order");
    block.length = word(at + 4);
    if (block.length < frame_of_a_block + (section ? 4 : 0) || block.length % 4 != 0) {
      return damaged(fmt::format("a block of {} bytes, which none can have", block.length));
    }
    if (block.length > CaptureReader::longest_block) {
      return damaged(fmt::format("a block of {} bytes: too long", block.length));
    }
    at = window_.peek(block.length);
    if (at == nullptr) return missing();
    if (word(at + block.length - 4) != block.length) return damaged("a block whose two lengths differ");
    block.body = {at + 8, block.length - frame_of_a_block};
    return Next::record;
  }

  bool find_order(const std::byte* magic) noexcept {
    other_order_ = false;
    if (word(magic) != pcapng::byte_order_magic) other_order_ = true;
    return word(magic) == pcapng::byte_order_magic;
  }

  bool start_section(Bytes body) {
    constexpr std::size_t smallest = 16;
    if (body.size() < smallest) {
      damaged("a section header that is too short");
      return false;
    }
    if (const unsigned major = half(&body[4]); major != 1) {
      damaged(fmt::format("a section of pcapng version {}, which is not read", major));
      return false;
    }
    first_interface_ += static_cast<std::uint32_t>(interfaces_.size());
    interfaces_.clear();
    return true;
  }

  bool add_interface(Bytes body) {
    const bool big_endian = (std::endian::native == std::endian::big) != other_order_;
    const auto interface = PcapngInterface::parse(body, big_endian);
    const bool too_many = interfaces_.size() >= most_interfaces ||
                          first_interface_ >= std::numeric_limits<std::uint32_t>::max() - most_interfaces;
    if (!interface || too_many) {
      damaged(body.size() < PcapngInterface::smallest ? "an interface description that is too short"
              : !interface                            ? "an interface description whose options can't be read"
                                                      : "too many interfaces");
      return false;
    }
    interfaces_.push_back(*interface);
    return true;
  }

  Next packet(const Block& block, CaptureRecord& record) {
    const bool simple = block.type == pcapng::simple_packet;
    const std::size_t head = simple ? 4 : 20;
    const Bytes body = block.body;
    if (body.size() < head) return damaged("a packet block that is too short");
    const std::uint32_t number = simple                             ? 0
                                 : block.type == pcapng::old_packet ? half(body.data())
                                                                    : word(body.data());
    if (number >= interfaces_.size()) {
      return damaged(
          fmt::format("a packet of interface {}, of which the section has {}", number, interfaces_.size()));
    }
    const PcapngInterface& interface = interfaces_[number];
    const std::size_t room = body.size() - head;
    std::size_t length = 0;
    if (simple) {
      record.original_length = word(body.data());
      length = std::min<std::size_t>(record.original_length, room);
      if (interface.snap_length != 0) length = std::min<std::size_t>(length, interface.snap_length);
      record.time_flaw = TimeFlaw::no_time;
    } else {
      length = word(&body[12]);
      if (length > room) return damaged("a packet that is longer than its block");
      record.original_length = std::max(word(&body[16]), static_cast<std::uint32_t>(length));
      const std::uint64_t units = std::uint64_t{word(&body[4])} << 32U | word(&body[8]);
      record.time_flaw = interface.time.time_of(units, last_time_);
    }
    record.time = last_time_;
    record.interface = first_interface_ + number;
    record.link_number = interface.link_number;
    record.link = interface.link;
    record.bytes = body.subspan(head, length);
    return Next::record;
  }

  std::vector<PcapngInterface> interfaces_;
  std::uint32_t first_interface_ = 0;  // of the section, counted in the file
  arch::Time last_time_{0};
};

}  // namespace

std::unique_ptr<CaptureReader::Format> make_pcapng(ReadWindow window) {
  return std::make_unique<PcapngFormat>(std::move(window));
}

}  // namespace vmlan::host
