// Reads the records of a pcap or pcapng file, one after the other, in one pass.
//
// Read are: pcap of either byte order, micro- or nanoseconds, also with Kuznetzov's longer record headers and
// Ixia's longer file header; pcapng with any number of sections and interfaces, each with its own link type,
// snap length and time resolution (libpcap ends at the first interface that differs). Blocks without packets
// are skipped. From a file, standard input or a pipe, compressed or not (byte_source.h).
//
// A file is hostile: it may be cut, lie about lengths, or change its mind in the middle. What can't be read
// ends the reading with a reason and a place, never the program; no length in it makes more than
// twice `longest_block` be kept. A time that can't be said is no damage: the record has its flaw.
//
// Source: the "savefile" format of libpcap; pcapng: IETF draft-ietf-opsawg-pcapng.
// Owns: the open file. Threads: one; a compressed file is unpacked by one of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "arch/clock.h"
#include "host/trace/byte_source.h"
#include "wire/link_layer.h"

namespace vmlan::host {

enum class TimeFlaw : std::uint8_t {
  none,
  carried,      // the fraction was a second or more and has been added: the time is good
  before_1970,  // from here on the time is that of the record before it, or 1970
  after_2262,   // 2^63 ns after 1970
  no_time,      // pcapng's simple packets have none
};
inline constexpr std::size_t time_flaws = 5;

struct CaptureRecord {
  arch::Time time{0};                 // since 1970-01-01 00:00 UTC
  std::uint32_t original_length = 0;  // on the wire; more than bytes.size() if the record was cut
  std::uint32_t interface = 0;        // counted from 0 through all sections of the file
  std::uint32_t link_number = 0;      // LINKTYPE_* of that interface
  wire::LinkType link = wire::LinkType::unsupported;
  TimeFlaw time_flaw = TimeFlaw::none;
  std::span<const std::byte> bytes;  // valid until the next record is read

  // Its own.
  bool has_time() const noexcept { return time_flaw <= TimeFlaw::carried; }
};

struct CaptureError {
  std::string message;
  bool interrupted = false;  // by a signal, while the file's first bytes were waited for
};

struct CaptureOptions {
  // At the end of a file more is waited for. Not of a compressed one, which is refused; pipes end by
  // themselves.
  bool follow = false;
};

class CaptureReader {
 public:
  static constexpr std::uint32_t longest_block = 16U << 20U;

  // The reader, or why it is no capture file (or none that is read here). "-" is standard input. Waits for
  // the file's header (of a pipe: for its writer), until a signal that catch_interruptions() has caught.
  static std::variant<CaptureReader, CaptureError> open(const std::string& path, CaptureOptions options = {});
  static std::variant<CaptureReader, CaptureError> open(std::unique_ptr<ByteSource> source,
                                                        CaptureOptions options = {});
  ~CaptureReader();
  CaptureReader(CaptureReader&&) noexcept;
  CaptureReader& operator=(CaptureReader&&) noexcept;

  enum class Next : std::uint8_t {
    record,
    end,
    damaged,      // what follows can't be read; damage() says why, position() where
    not_yet,      // not all of a record is there now: of a pipe, a followed or a compressed file
    interrupted,  // of wait_for_next() only
  };
  // Never waits, but for a disk.
  Next next(CaptureRecord& record);
  // Can be read (POLLIN) when asking again after not_yet is worth it. -1: not_yet never comes. Always the
  // same.
  int descriptor() const noexcept;
  // Waits instead of not_yet, until such a signal.
  Next wait_for_next(CaptureRecord& record);

  const std::string& damage() const noexcept;
  // Bytes in front of the record or block that is read next; unpacked ones.
  std::uint64_t position() const noexcept;
  // Of the file as it is stored: how much has been read, ahead of the records, and all of it (0: not known).
  std::uint64_t bytes_read() const noexcept;
  std::uint64_t size() const noexcept;
  // "gzip", "zstd", "xz", "bzip2", "lz4"; empty: not compressed.
  std::string_view compression() const noexcept { return compression_; }

  class Format;

 private:
  explicit CaptureReader(std::unique_ptr<Format> format, std::string_view compression);

  std::unique_ptr<Format> format_;
  std::string_view compression_;
};

}  // namespace vmlan::host
