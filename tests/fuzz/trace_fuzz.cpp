// Capture files: every record is read and judged for the replay.
#include <cstdio>
#include <cstdlib>
#include <variant>

#include "apps/replay/replay_record.h"
#include "host/trace/capture_reader.h"

using namespace vmlan;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr unsigned most_records = 10'000;  // a small file can hold no more
  if (size == 0) return 0;                   // fmemopen refuses
  std::FILE* file = fmemopen(const_cast<std::uint8_t*>(data), size, "rb");
  if (file == nullptr) return 0;
  auto opened = host::CaptureReader::open(file);
  if (std::holds_alternative<host::CaptureError>(opened)) return 0;
  auto& reader = std::get<host::CaptureReader>(opened);
  host::CaptureRecord record;
  for (unsigned count = 0; count < most_records && reader.next(record) == host::CaptureReader::Next::record;
       ++count) {
    const auto judged = apps::judge_record(record);
    if (!judged.is_packet) continue;
    // What is sent lies in the record, whole.
    const auto* begin = record.bytes.data();
    const auto* end = begin + record.bytes.size();
    if (judged.packet.data() < begin || judged.packet.data() + judged.packet.size() > end) std::abort();
    if (judged.packet.size() < 20) std::abort();
  }
  return 0;
}
