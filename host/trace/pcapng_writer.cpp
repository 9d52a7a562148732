#include "host/trace/pcapng_writer.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>

#include "host/trace/pcapng_blocks.h"

namespace vmlan::host {

namespace {

using Took = BlockOutput::Took;

// Bytes one behind the other in a fixed place that is large enough for what is put there.
template <std::size_t size>
class BlockBytes {
 public:
  void half(std::uint16_t value) noexcept { number(value, 2); }
  void word(std::uint32_t value) noexcept { number(value, 4); }
  void double_word(std::uint64_t value) noexcept { number(value, 8); }
  // As blocks have times: the upper half first.
  void time(PcapngWriter::Date date) noexcept {
    const auto value = static_cast<std::uint64_t>(date.count());
    word(static_cast<std::uint32_t>(value >> 32U));
    word(static_cast<std::uint32_t>(value));
  }
  void text(std::uint16_t code, std::string_view text) noexcept {
    if (text.empty()) return;
    text = text.substr(0, PcapngWriter::longest_text);
    half(code);
    half(static_cast<std::uint16_t>(text.size()));
    for (const char each : text) {
      const bool printable = each >= ' ' && each <= '~';
      bytes_[length_++] = static_cast<std::byte>(printable ? each : '.');
    }
    pad(text.size());
  }
  void pad(std::size_t length) noexcept {
    for (std::size_t at = length; at % 4 != 0; ++at) bytes_[length_++] = std::byte{0};
  }
  // The last option, and the length that ends a block of so many bytes besides these.
  void end(std::size_t other_bytes = 0) noexcept {
    half(pcapng::option::end);
    half(0);
    word(static_cast<std::uint32_t>(other_bytes + length_ + 4));
  }
  // The block's first length, once its last is there.
  void set_length() noexcept { std::memcpy(&bytes_[4], &bytes_[length_ - 4], 4); }

  std::span<const std::byte> written() const noexcept { return std::span(bytes_).first(length_); }
  std::size_t length() const noexcept { return length_; }

 private:
  void number(std::uint64_t value, unsigned bytes) noexcept {
    assert(length_ + bytes <= size);
    for (unsigned index = 0; index < bytes; ++index) {
      bytes_[length_++] = static_cast<std::byte>(value & 0xffU);
      value >>= 8U;
    }
  }

  std::array<std::byte, size> bytes_;
  std::size_t length_ = 0;
};

constexpr std::size_t text_option = 4 + (PcapngWriter::longest_text + 3) / 4 * 4;
constexpr std::size_t packet_head = 28;

}  // namespace

PcapngWriter::PcapngWriter(BlockOutput& output, const Section& section) : output_(output) {
  BlockBytes<36 + 3 * text_option> block;
  block.word(pcapng::section_header);
  block.word(0);
  block.word(pcapng::byte_order_magic);
  block.half(1);  // version 1.0
  block.half(0);
  block.double_word(std::numeric_limits<std::uint64_t>::max());  // a section of unknown length
  block.text(pcapng::option::hardware, section.hardware);
  block.text(pcapng::option::system, section.system);
  block.text(pcapng::option::application, section.application);
  block.end();
  block.set_length();
  section_.assign(block.written().begin(), block.written().end());
}

std::uint32_t PcapngWriter::add_interface(Interface interface) {
  interfaces_.push_back({std::move(interface)});
  return static_cast<std::uint32_t>(interfaces_.size() - 1);
}

Took PcapngWriter::announce_section() noexcept {
  if (section_.empty()) return Took::all;
  const std::array<Piece, 1> pieces{section_};
  const Took took = output_.take(pieces);
  if (took != Took::all) return took;
  written_ += section_.size();
  section_.clear();
  return took;
}

// With every interface before it: they are numbered by their order.
Took PcapngWriter::announce_up_to(std::uint32_t number) noexcept {
  if (const Took took = announce_section(); took != Took::all) return took;
  for (; announced_ <= number; ++announced_) {
    const Interface& interface = interfaces_[announced_].description;
    BlockBytes<32 + 2 * text_option> block;
    block.word(pcapng::interface_description);
    block.word(0);
    block.half(interface.link);
    block.half(0);
    block.word(interface.snap_length);
    block.text(pcapng::option::name, interface.name);
    block.text(pcapng::option::description, interface.description);
    block.half(pcapng::option::time_resolution);
    block.half(1);
    block.word(9);  // nanoseconds, and the padding
    block.end();
    block.set_length();
    const std::array<Piece, 1> pieces{block.written()};
    if (const Took took = output_.take(pieces); took != Took::all) return took;
    written_ += block.length();
  }
  return Took::all;
}

Took PcapngWriter::add(const Packet& packet, std::span<const Piece> pieces) noexcept {
  assert(packet.interface < interfaces_.size() && pieces.size() <= most_pieces);
  Counted& interface = interfaces_[packet.interface];
  ++interface.received;
  Took took = Took::all;
  if (announced_ <= packet.interface) took = announce_up_to(packet.interface);
  if (took == Took::all) took = give(packet, pieces, interface);
  if (took == Took::all) {
    interface.lost_since_last = 0;
  } else {
    --interface.received;
    lose(packet.interface, 1);
  }
  return took;
}

void PcapngWriter::lose(std::uint32_t number, unsigned packets) noexcept {
  Counted& interface = interfaces_[number];
  interface.received += packets;
  interface.lost += packets;
  interface.lost_since_last += packets;
  lost_ += packets;
}

Took PcapngWriter::give(const Packet& packet, std::span<const Piece> pieces,
                        const Counted& interface) noexcept {
  std::size_t kept = 0;
  for (const Piece& piece : pieces) kept += piece.size();

  BlockBytes<40 + text_option> tail;
  tail.pad(kept);
  tail.text(pcapng::option::comment, packet.comment);
  tail.half(pcapng::option::flags);
  tail.half(4);
  tail.word(packet.inbound ? 1 : 2);
  if (interface.lost_since_last > 0) {
    tail.half(pcapng::option::drop_count);
    tail.half(8);
    tail.double_word(interface.lost_since_last);
  }
  tail.end(packet_head + kept);
  const std::size_t length = packet_head + kept + tail.length();

  BlockBytes<packet_head> head;
  head.word(pcapng::enhanced_packet);
  head.word(static_cast<std::uint32_t>(length));
  head.word(packet.interface);
  head.time(packet.date);
  head.word(static_cast<std::uint32_t>(kept));
  head.word(packet.original_length);

  std::array<Piece, most_pieces + 2> all;
  all[0] = head.written();
  std::copy(pieces.begin(), pieces.end(), all.begin() + 1);
  all[pieces.size() + 1] = tail.written();
  const Took took = output_.take(std::span(all).first(pieces.size() + 2));
  if (took == Took::all) written_ += length;
  return took;
}

Took PcapngWriter::add_statistics(Date date) noexcept {
  if (interfaces_.empty()) return announce_section();
  const auto last = static_cast<std::uint32_t>(interfaces_.size() - 1);
  if (const Took took = announce_up_to(last); took != Took::all) return took;
  for (std::uint32_t number = 0; number <= last; ++number) {
    BlockBytes<56> block;
    block.word(pcapng::interface_statistics);
    block.word(0);
    block.word(number);
    block.time(date);
    block.half(pcapng::option::received);
    block.half(8);
    block.double_word(interfaces_[number].received);
    block.half(pcapng::option::dropped);
    block.half(8);
    block.double_word(interfaces_[number].lost);
    block.end();
    block.set_length();
    const std::array<Piece, 1> pieces{block.written()};
    if (const Took took = output_.take(pieces); took != Took::all) return took;
    written_ += block.length();
  }
  return Took::all;
}

}  // namespace vmlan::host
