#include "arch/channel_program.h"

#include <algorithm>
#include <bit>

namespace vmlan::arch {

namespace {

constexpr std::uint8_t transfer_in_channel = 0x08;
constexpr std::uint8_t reserved_flag = 0x01;
constexpr Address address_limit_31 = 0x80000000;
constexpr Address address_limit_24 = 0x01000000;

constexpr std::uint8_t as_channel_status(ProgramCheck check) noexcept {
  switch (check) {
    case ProgramCheck::none:
      return 0;
    case ProgramCheck::protection:
      return channel_status::protection_check;
    default:
      return channel_status::program_check;
  }
}

constexpr bool is_transfer(const Ccw1& ccw) noexcept { return (ccw.command & 0x0fU) == transfer_in_channel; }

// A control command that moved nothing ended at once (PoP, "Immediate operation").
constexpr bool is_control(std::uint8_t command) noexcept { return (command & 0x03U) == 0x03U; }

}  // namespace

ChannelProgram::ChannelProgram(GuestStorage storage, const Orb& orb) noexcept
    : storage_(storage),
      key_(orb.key),
      format1_(orb.format1),
      format2_indirect_(orb.format2_indirect),
      next_(orb.program) {}

ChannelProgram::Fetched ChannelProgram::fetch_ccw() noexcept {
  Fetched fetched;
  const Address limit = format1_ ? address_limit_31 : address_limit_24;
  if (++fetched_ > max_channel_commands || next_ % sizeof(Ccw1) != 0 || next_ >= limit) {
    fetched.status = channel_status::program_check;
    return fetched;
  }
  if (format1_) {
    const auto ccw = storage_.read<Ccw1>(next_, key_);
    fetched = {ccw.value, as_channel_status(ccw.check)};
  } else {
    const auto ccw = storage_.read<Ccw0>(next_, key_);
    const auto& address = ccw.value.data_address;
    fetched.ccw = {ccw.value.command, ccw.value.flags, ccw.value.count,
                   static_cast<std::uint32_t>(address[0] << 16U | address[1] << 8U | address[2])};
    fetched.status = as_channel_status(ccw.check);
  }
  next_ += sizeof(Ccw1);
  return fetched;
}

ChannelProgram::Fetched ChannelProgram::fetch_through_transfers(bool first) noexcept {
  Fetched fetched = fetch_ccw();
  if (fetched.status != 0 || !is_transfer(fetched.ccw)) return fetched;
  const Ccw1& transfer = fetched.ccw;
  const bool clean = !format1_ || (transfer.command == transfer_in_channel && transfer.flags == 0 &&
                                   transfer.count == 0 && transfer.data_address < address_limit_31);
  if (first || !clean) return {transfer, channel_status::program_check};
  next_ = transfer.data_address;
  fetched = fetch_ccw();
  // A transfer must not lead to another one.
  if (fetched.status == 0 && is_transfer(fetched.ccw)) fetched.status = channel_status::program_check;
  return fetched;
}

std::uint8_t ChannelProgram::fetch() {
  command_.links.clear();
  command_.areas.clear();
  command_.length = 0;
  command_.program_controlled_interruption = false;
  command_.has_bad_address = false;

  Fetched fetched = fetch_through_transfers(first_);
  first_ = false;
  command_.code = fetched.ccw.command;
  if (fetched.status != 0) return fetched.status;
  // xxxx0000 is no command.
  if ((command_.code & 0x0fU) == 0) return channel_status::program_check;
  for (;;) {
    if (const auto status = add_link(fetched.ccw); status != 0) return status;
    if (!command_.has(ccw_flag::chain_data)) return 0;
    fetched = fetch_through_transfers(false);
    if (fetched.status != 0) return fetched.status;
  }
}

std::uint8_t ChannelProgram::add_link(const Ccw1& ccw) {
  // Suspension is never allowed (no ORB of ours does), MIDAWs neither.
  if ((ccw.flags & (ccw_flag::suspend | reserved_flag)) != 0) return channel_status::program_check;
  const std::uint16_t count = ccw.count;
  // A count of zero is good for a format-1 CCW that chains no data.
  if (count == 0 && (!format1_ || (ccw.flags & ccw_flag::chain_data) != 0)) {
    return channel_status::program_check;
  }
  if (ccw.data_address >= address_limit_31) command_.has_bad_address = true;
  if ((ccw.flags & ccw_flag::program_controlled_interruption) != 0) {
    command_.program_controlled_interruption = true;
  }
  command_.links.push_back({next_, count, ccw.flags});
  if (command_.has_bad_address) return 0;
  const bool skip = (ccw.flags & ccw_flag::skip) != 0 && flows_to_guest(command_.code);
  if ((ccw.flags & ccw_flag::indirect_data_address) != 0) return add_indirect(ccw, skip);
  add_area(ccw.data_address, count, skip);
  return 0;
}

std::uint8_t ChannelProgram::add_indirect(const Ccw1& ccw, bool skip) {
  const unsigned word = format2_indirect_ ? 8 : 4;
  const std::uint32_t block = format2_indirect_ ? 4096 : 2048;
  if (ccw.data_address % word != 0) return channel_status::program_check;
  Address entry = ccw.data_address;
  std::uint32_t left = ccw.count;
  for (bool first = true; left > 0; first = false, entry += word) {
    Address address = 0;
    ProgramCheck check = ProgramCheck::none;
    if (format2_indirect_) {
      const auto indirect = storage_.read<be64>(entry, key_);
      address = indirect.value;
      check = indirect.check;
    } else {
      const auto indirect = storage_.read<be32>(entry, key_);
      address = indirect.value.value();
      check = indirect.check;
    }
    if (check != ProgramCheck::none) return as_channel_status(check);
    if (!format2_indirect_ && address >= address_limit_31) return channel_status::program_check;
    // All but the first one name the beginning of a block.
    if (!first && address % block != 0) return channel_status::program_check;
    const auto length = std::min(left, block - static_cast<std::uint32_t>(address % block));
    add_area(address, length, skip);
    left -= length;
  }
  return 0;
}

void ChannelProgram::add_area(Address address, std::uint32_t length, bool skip) {
  length = std::min(length, max_transfer - command_.length);
  if (length == 0) return;
  command_.areas.push_back({address, length, skip});
  command_.length += length;
}

std::uint8_t ChannelProgram::gather(std::vector<std::byte>& data) const {
  data.resize(command_.length);
  std::size_t done = 0;
  for (const DataArea& area : command_.areas) {
    const auto into = std::span(data).subspan(done, area.length);
    if (const auto check = storage_.read_bytes(area.address, into, key_); check != ProgramCheck::none) {
      return as_channel_status(check);
    }
    done += area.length;
  }
  return 0;
}

std::uint8_t ChannelProgram::scatter(std::span<const std::byte> data) const {
  for (const DataArea& area : command_.areas) {
    const auto piece = data.first(std::min<std::size_t>(data.size(), area.length));
    if (piece.empty()) break;
    data = data.subspan(piece.size());
    if (area.skip) continue;
    if (const auto check = storage_.write_bytes(area.address, piece, key_); check != ProgramCheck::none) {
      return as_channel_status(check);
    }
  }
  return 0;
}

LengthOutcome ChannelProgram::settle(std::uint32_t transferred) const noexcept {
  LengthOutcome outcome;
  const bool more = transferred > command_.length;
  std::uint32_t left = std::min(transferred, command_.length);
  for (const DataLink& link : command_.links) {
    const std::uint32_t used = std::min(left, link.count);
    left -= used;
    outcome.ccw_address = link.next;
    outcome.residual = static_cast<std::uint16_t>(link.count - used);
    if (left > 0) continue;
    const bool chains_data = (link.flags & ccw_flag::chain_data) != 0;
    // The last byte of a CCW that chains data: the next one is in use already, with its whole count.
    if (chains_data && outcome.residual == 0) continue;
    const bool suppressed = !chains_data && (link.flags & ccw_flag::suppress_length) != 0;
    const bool immediate = !format1_ && is_control(command_.code) && transferred == 0;
    outcome.incorrect_length = (outcome.residual != 0 || more) && !suppressed && !immediate;
    break;
  }
  return outcome;
}

}  // namespace vmlan::arch
