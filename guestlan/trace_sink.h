// Where a trace of a LAN goes: a file, a connection. It never makes a LAN wait: what finds no room is lost
// and counted there.
//
// Threads: the base's.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vmlan::guestlan {

class TraceSink {
 public:
  using Date = std::chrono::system_clock::time_point;

  enum class Link : std::uint8_t {
    ethernet,
    control,  // what a guest and its adapter say: IDX, and MPC with IPA in it
  };
  struct Interface {
    std::string name;  // "ALICE.0600", "UPLINK.0A00", "ALICE.0600 control"
    std::string description;
    std::uint32_t snap_length = 0;  // bytes kept of a frame; 0: all
    Link link = Link::ethernet;
  };
  struct Record {
    std::uint32_t interface = 0;
    Date date;
    bool inbound = false;                                // into the interface, not out of it
    std::uint32_t length = 0;                            // of the frame, whole
    std::string_view comment;                            // empty: none
    std::span<const std::span<const std::byte>> pieces;  // what is kept of it
  };
  // At most; a record has a few more than a frame has segments.
  static constexpr std::size_t most_pieces = 20;

  virtual ~TraceSink() = default;
  // Its number: they count from 0.
  virtual std::uint32_t add_interface(const Interface& interface) = 0;
  // Asked before the work of a record is done. Without room: lose() instead of add().
  virtual bool has_room() const noexcept { return true; }
  virtual void lose(std::uint32_t /*interface*/, unsigned /*frames*/) noexcept {}
  // false: the sink takes nothing ever again; trouble() says why.
  virtual bool add(const Record& record) noexcept = 0;
  virtual std::string trouble() const = 0;
  // The trace pauses or ends: what was added is to be found where it goes, with how much was lost.
  virtual void settle(Date now) noexcept = 0;
  virtual std::uint64_t lost() const noexcept = 0;
  // For a person who looks for it.
  virtual std::string place() const = 0;
};

}  // namespace vmlan::guestlan
