// One pcapng file of all LANs of a replay: an interface for each NIC, what was dropped with its reason.
//
// The LANs' own traces write it, each with a part of the one file's interfaces. Nothing is left out: time
// stands still while the disk is waited for. Beyond guestlan::LanTrace::most_interfaces the NICs of a LAN
// share one.
//
// Owns: the file, the traces. Threads: the base's.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "apps/system/trace_output.h"
#include "guestlan/trace_lan.h"
#include "host/trace/background_file.h"

namespace vmlan::apps {

class ReplayCapture {
 public:
  static std::variant<std::unique_ptr<ReplayCapture>, std::string> create(const std::string& path,
                                                                          const arch::Clock& clock);
  ~ReplayCapture();

  // From now on. The LAN may go before this does.
  void watch(guestlan::Lan& lan);
  // Everything is written. Why not; empty: it is.
  std::string finish();

 private:
  class Part;
  ReplayCapture(std::unique_ptr<host::BackgroundFile> file, const arch::Clock& clock);

  const arch::Clock& clock_;
  std::unique_ptr<host::BackgroundFile> file_;
  PcapngTrace whole_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<std::unique_ptr<guestlan::LanTrace>> traces_;
};

}  // namespace vmlan::apps
