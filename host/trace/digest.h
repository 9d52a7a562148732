// SHA-256, by which a report names the very file that it is about. Source: FIPS 180-4.
//
// Needs libcrypto; where vmlan was built without it there is none. Owns: the sum in progress. Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace vmlan::host {

class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;

  // false: this vmlan has none.
  static bool is_there() noexcept;

  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::span<const std::byte> bytes) noexcept;
  // Begins anew behind it. All zeros where there is none.
  Digest finish() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string hexadecimal(const Sha256::Digest& digest);
// Of a plain file as it is stored, compressed or not. Nothing: it can't be read, is no plain file, there is
// no SHA-256, or `stop`, which is asked before each 256 KiB, says so.
inline constexpr std::size_t digest_piece = std::size_t{1} << 18U;
std::optional<Sha256::Digest> digest_of_file(const std::string& path, const std::function<bool()>& stop = {});

}  // namespace vmlan::host
