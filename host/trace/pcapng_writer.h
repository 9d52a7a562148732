// Writes the blocks of a pcapng file: one section, interfaces as they come, each packet once, statistics at
// the end. Where the bytes go, and whether there is room for them, is its output's affair.
//
// A packet that finds no room is lost, counted for its interface, and told of by the next packet of that
// interface (epb_dropcount) and by the statistics (isb_ifdrop): there is never half a block. Always
// little-endian, times in nanoseconds: the same calls give the same bytes on every computer.
//
// Source: IETF draft-ietf-opsawg-pcapng.
// Owns: the interfaces' counts. Threads: one.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vmlan::host {

// Takes the pieces of a block, all of them or none.
class BlockOutput {
 public:
  enum class Took : std::uint8_t {
    all,
    no_room,  // now
    full,     // nor ever again
  };
  virtual ~BlockOutput() = default;
  // For a block of ordinary size; false: take() would be in vain.
  virtual bool has_room() const noexcept { return true; }
  virtual Took take(std::span<const std::span<const std::byte>> pieces) noexcept = 0;
};

class PcapngWriter {
 public:
  using Date = std::chrono::nanoseconds;  // since 1970-01-01 00:00 UTC
  using Piece = std::span<const std::byte>;

  static constexpr std::uint16_t link_ethernet = 1;
  static constexpr std::uint16_t link_user0 = 147;

  // Texts are cut where they are too long, and what is no printable ASCII in them becomes a period.
  static constexpr std::size_t longest_text = 200;
  struct Section {
    std::string_view hardware;
    std::string_view system;
    std::string_view application;
  };
  struct Interface {
    std::string name;
    std::string description;  // empty: none
    std::uint16_t link = link_ethernet;
    std::uint32_t snap_length = 0;  // 0: whole packets
  };
  struct Packet {
    std::uint32_t interface = 0;
    Date date{0};
    bool inbound = false;
    std::uint32_t original_length = 0;
    std::string_view comment;  // empty: none
  };

  // The section header and, whatever becomes of it, the interfaces are written when there is room.
  PcapngWriter(BlockOutput& output, const Section& section);

  // Its number.
  std::uint32_t add_interface(Interface interface);
  // `pieces`: at most most_pieces of them, what is kept of the packet.
  static constexpr std::size_t most_pieces = 20;
  BlockOutput::Took add(const Packet& packet, std::span<const Piece> pieces) noexcept;
  // The same as add() without room, of so many.
  void lose(std::uint32_t interface, unsigned packets) noexcept;
  // Statistics of each interface so far. May be written more than once: the last ones count.
  BlockOutput::Took add_statistics(Date date) noexcept;

  std::uint64_t written() const noexcept { return written_; }
  std::uint64_t lost() const noexcept { return lost_; }

 private:
  struct Counted {
    Interface description;
    std::uint64_t received = 0;  // lost ones included
    std::uint64_t lost = 0;
    std::uint64_t lost_since_last = 0;
  };
  BlockOutput::Took announce_section() noexcept;
  BlockOutput::Took announce_up_to(std::uint32_t number) noexcept;
  BlockOutput::Took give(const Packet& packet, std::span<const Piece> pieces,
                         const Counted& interface) noexcept;

  BlockOutput& output_;
  std::vector<std::byte> section_;  // until it is written
  std::vector<Counted> interfaces_;
  std::uint32_t announced_ = 0;  // of the interfaces, in their order
  std::uint64_t written_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace vmlan::host
