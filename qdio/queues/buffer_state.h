// The state byte of one QDIO buffer (storage-list-state block) and who may change it to what.
// Source: Linux, arch/s390/include/asm/qdio.h (SLSB_*).
#pragma once

#include <cstdint>
#include <string_view>

namespace vmlan::qdio {

enum class BufferState : std::uint8_t {
  // Program-owned input: not (yet) handed to the adapter.
  input_not_initialized = 0x80,
  // Adapter-owned input: the adapter may fill it.
  input_empty = 0x41,
  // Program-owned input: filled.
  input_primed = 0x82,
  // Program-owned input: seen, not yet processed (the driver's own marker).
  input_acknowledged = 0x81,
  // Program-owned input: the adapter could not fill it; SBALF 15 says why.
  input_error = 0x8f,
  input_halted = 0x8e,
  // Program-owned output: not (yet) used.
  output_not_initialized = 0xa0,
  // Adapter-owned output: to be transmitted.
  output_primed = 0x62,
  // Program-owned output: transmitted.
  output_empty = 0xa1,
  // Program-owned output: refused; SBALF 15 says why.
  output_error = 0xaf,
  // Program-owned output: completion follows through the completion queue.
  output_pending = 0xa3,
  output_halted = 0xae,
};

enum class Owner : std::uint8_t { program, adapter, nobody };

constexpr Owner owner(BufferState state) noexcept {
  switch (static_cast<std::uint8_t>(state) & 0xc0U) {
    case 0x80U:
      return Owner::program;
    case 0x40U:
      return Owner::adapter;
    default:
      return Owner::nobody;
  }
}

// May the adapter change `from` to `to`? Everything else is the program's own business.
constexpr bool may_follow(BufferState from, BufferState to) noexcept {
  switch (from) {
    case BufferState::input_empty:
      return to == BufferState::input_primed || to == BufferState::input_error ||
             to == BufferState::input_halted;
    case BufferState::output_primed:
      return to == BufferState::output_empty || to == BufferState::output_error ||
             to == BufferState::output_pending || to == BufferState::output_halted;
    default:
      return false;
  }
}

std::string_view to_string(BufferState state) noexcept;

}  // namespace vmlan::qdio
