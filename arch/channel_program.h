// One channel program: fetches its CCWs, gathers a command's data areas and moves its data. No state of a
// subchannel, no device.
//
// Source: PoP (SA22-7832), chapter 15: "Channel-Command Word", "Command Chaining", "Data Chaining",
// "Transfer in Channel", "Indirect Data Addressing", "Skipping", figure "Action on incorrect length".
//
// Limits, so that no guest can hold the base up: a program ends with program check after
// max_channel_commands CCWs (real channels go on until halted), and a command moves at most
// max_transfer bytes, what is beyond counts as residual.
//
// A data chain is prefetched whole: an error in a later CCW of it ends the command before the device
// sees it. Data for the device is fetched whole too: the device never sees part of a refused area.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "arch/channel.h"
#include "arch/storage.h"

namespace vmlan::arch {

inline constexpr unsigned max_channel_commands = 1024;
inline constexpr std::uint32_t max_transfer = 0x10000;

// A contiguous piece of a command's data in the guest's storage.
struct DataArea {
  Address address = 0;
  std::uint32_t length = 0;
  bool skip = false;  // data that flows to the guest is not stored
};

// One CCW of a data chain.
struct DataLink {
  Address next = 0;  // address after the CCW
  std::uint32_t count = 0;
  std::uint8_t flags = 0;
};

// One command with its whole data chain.
struct ChannelCommand {
  std::uint8_t code = 0;
  bool program_controlled_interruption = false;
  bool has_bad_address = false;  // of 32 bits: a program check, unless the command is immediate
  std::vector<DataLink> links;
  std::vector<DataArea> areas;
  std::uint32_t length = 0;  // bytes of all areas, at most max_transfer

  bool has(std::uint8_t flag) const noexcept { return !links.empty() && (links.back().flags & flag) != 0; }
};

// What a finished command leaves in the SCSW.
struct LengthOutcome {
  Address ccw_address = 0;
  std::uint16_t residual = 0;
  bool incorrect_length = false;
};

class ChannelProgram {
 public:
  ChannelProgram() = default;
  ChannelProgram(GuestStorage storage, const Orb& orb) noexcept;

  // Fetches the next command. 0, or the channel-status bit that ends the program.
  std::uint8_t fetch();
  const ChannelCommand& command() const noexcept { return command_; }
  // One past the last CCW fetched.
  Address next_ccw() const noexcept { return next_; }

  // The data of a command that flows to the device. 0 or channel status.
  std::uint8_t gather(std::vector<std::byte>& data) const;
  // Stores what the device supplied, as far as the areas reach. 0 or channel status; what lies before the
  // refused byte has been stored.
  std::uint8_t scatter(std::span<const std::byte> data) const;
  // The device has moved `transferred` bytes; more than the command's length means it had more to give.
  LengthOutcome settle(std::uint32_t transferred) const noexcept;

 private:
  struct Fetched {
    Ccw1 ccw;
    std::uint8_t status = 0;
  };
  Fetched fetch_ccw() noexcept;
  Fetched fetch_through_transfers(bool first) noexcept;
  std::uint8_t add_link(const Ccw1& ccw);
  std::uint8_t add_indirect(const Ccw1& ccw, bool skip);
  void add_area(Address address, std::uint32_t length, bool skip);

  GuestStorage storage_;
  AccessKey key_ = AccessKey::zero;
  bool format1_ = true;
  bool format2_indirect_ = true;
  bool first_ = true;
  Address next_ = 0;
  unsigned fetched_ = 0;
  ChannelCommand command_;
};

}  // namespace vmlan::arch
