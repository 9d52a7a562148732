// Reads the records of a pcap or pcapng file, one after the other (libpcap).
//
// A file is hostile: it may be cut, lie about lengths, or change its mind in the middle; what libpcap can't
// read ends the reading with its own words, never the program.
//
// Owns: the open file. Threads: one.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include "arch/clock.h"
#include "wire/link_layer.h"

namespace vmlan::host {

struct CaptureRecord {
  arch::Time time{0};                 // since 1970-01-01 00:00 UTC
  std::uint32_t original_length = 0;  // on the wire; more than bytes.size() if the record was cut
  std::span<const std::byte> bytes;   // valid until the next record is read
};

struct CaptureError {
  std::string message;
};

class CaptureReader {
 public:
  // The reader, or why it is no capture file (or none this libpcap knows).
  static std::variant<CaptureReader, CaptureError> open(const std::string& path);
  // The same for an open file, which is closed in the end.
  static std::variant<CaptureReader, CaptureError> open(std::FILE* file);
  ~CaptureReader();
  CaptureReader(CaptureReader&&) noexcept;
  CaptureReader& operator=(CaptureReader&&) noexcept;

  wire::LinkType link_type() const noexcept { return link_type_; }
  // "EN10MB"; a number if it has no name.
  const std::string& link_name() const noexcept { return link_name_; }

  enum class Next : std::uint8_t {
    record,
    end,
    damaged,  // what follows can't be read; damage() says why
  };
  Next next(CaptureRecord& record);
  const std::string& damage() const noexcept { return damage_; }

 private:
  struct Handle;
  explicit CaptureReader(std::unique_ptr<Handle> handle);

  std::unique_ptr<Handle> handle_;
  wire::LinkType link_type_ = wire::LinkType::unsupported;
  std::string link_name_;
  std::string damage_;
};

}  // namespace vmlan::host
