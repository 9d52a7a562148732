// Reads the records of a pcap or pcapng file, one after the other.
//
// Read are: pcap of either byte order, micro- or nanoseconds, also with Kuznetzov's longer record headers;
// pcapng with any number of sections and interfaces, each with its own link type, snap length and time
// resolution (libpcap ends at the first interface that differs). Blocks without packets are skipped.
//
// A file is hostile: it may be cut, lie about lengths, or change its mind in the middle. What can't be read
// ends the reading with a reason and a place, never the program; no length in it makes more than
// `longest_block` be kept.
//
// Source: the "savefile" format of libpcap; pcapng: IETF draft-ietf-opsawg-pcapng.
// Owns: the open file. Threads: one.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include "arch/clock.h"
#include "host/trace/link_types.h"
#include "wire/link_layer.h"

namespace vmlan::host {

struct CaptureRecord {
  arch::Time time{0};                 // since 1970-01-01 00:00 UTC
  std::uint32_t original_length = 0;  // on the wire; more than bytes.size() if the record was cut
  std::uint32_t link_number = 0;      // LINKTYPE_* of the interface it came from
  wire::LinkType link = wire::LinkType::unsupported;
  std::span<const std::byte> bytes;  // valid until the next record is read
};

struct CaptureError {
  std::string message;
};

class CaptureReader {
 public:
  static constexpr std::uint32_t longest_block = 16U << 20U;

  // The reader, or why it is no capture file (or none that is read here).
  static std::variant<CaptureReader, CaptureError> open(const std::string& path);
  // The same for an open file, which is closed in the end.
  static std::variant<CaptureReader, CaptureError> open(std::FILE* file);
  ~CaptureReader();
  CaptureReader(CaptureReader&&) noexcept;
  CaptureReader& operator=(CaptureReader&&) noexcept;

  enum class Next : std::uint8_t {
    record,
    end,
    damaged,  // what follows can't be read; damage() says why, position() where
  };
  Next next(CaptureRecord& record);
  const std::string& damage() const noexcept;
  // Bytes of the file in front of the record or block that is read next, and of the whole file (0: not
  // known).
  std::uint64_t position() const noexcept;
  std::uint64_t size() const noexcept;

  class Format;

 private:
  explicit CaptureReader(std::unique_ptr<Format> format);

  std::unique_ptr<Format> format_;
};

}  // namespace vmlan::host
