// Capture files: every record is read and judged for the replay; and what is read is the same whether the
// file is there at once or comes bit by bit.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "apps/replay/replay_record.h"
#include "host/trace/capture_reader.h"
#include "tests/kit/memory_source.h"
#include "wire/tunnel.h"

using namespace vmlan;

namespace {

using Next = host::CaptureReader::Next;

constexpr std::size_t most_records = 10'000;  // a small file can hold no more

using Piece = std::span<const std::byte>;

void require_within(Piece piece, Piece whole) {
  if (piece.empty()) return;
  if (piece.data() < whole.data() || piece.data() + piece.size() > whole.data() + whole.size()) std::abort();
}

void judge(const host::CaptureRecord& record) {
  require_within(wire::link_payload(record.link, record.bytes).bytes, record.bytes);
  apps::Judge judge(apps::JudgeOptions{});
  const auto& judged = judge.begin(record);
  if (!judged.is_packet) return;
  // What is sent lies in the record, whole.
  require_within(judged.packet, record.bytes);
  if (judged.packet.size() < 20) std::abort();
  const auto inner = wire::inner_packet(judged.version, judged.packet);
  if (inner.end != wire::TunnelEnd::found) return;
  require_within(inner.packet, judged.packet);
  if (inner.packet.empty() || inner.depth == 0) std::abort();
}

// What a reading has found.
struct Found {
  std::vector<std::tuple<std::string, std::int64_t, std::uint32_t, std::uint32_t, host::TimeFlaw>> records;
  std::string end;  // why there is no further one
  std::uint64_t position = 0;
  bool operator==(const Found&) const = default;
};

Found read(std::string_view bytes, std::size_t piece) {
  Found found;
  auto source = std::make_unique<kit::MemorySource>(bytes, piece);
  auto& memory = *source;
  auto opened = host::CaptureReader::open(std::move(source));
  if (const auto* error = std::get_if<host::CaptureError>(&opened)) {
    found.end = error->message;
    return found;
  }
  auto& reader = std::get<host::CaptureReader>(opened);
  if (piece < bytes.size()) memory.pause_between_pieces();
  host::CaptureRecord record;
  auto next = Next::record;
  while (found.records.size() < most_records) {
    next = reader.next(record);
    if (next == Next::not_yet) continue;
    if (next != Next::record) break;
    judge(record);
    if (record.bytes.size() > host::CaptureReader::longest_block) std::abort();
    if (record.original_length < record.bytes.size()) std::abort();
    found.records.emplace_back(
        std::string(reinterpret_cast<const char*>(record.bytes.data()), record.bytes.size()),
        record.time.count(), record.interface, record.link_number, record.time_flaw);
  }
  if ((next == Next::damaged) == reader.damage().empty()) std::abort();
  // Damage stays.
  if (next == Next::damaged && reader.next(record) != Next::damaged) std::abort();
  if (reader.position() > bytes.size()) std::abort();
  found.end = reader.damage();
  found.position = reader.position();
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // Unpacking is libarchive's work, which has fuzz targets of its own.
  if (!host::compression_of(std::as_bytes(std::span(bytes))).empty()) return 0;
  const auto whole = read(bytes, size);
  const std::size_t piece = size == 0 ? 1 : 1 + data[size - 1] % 64U;
  if (read(bytes, piece) != whole) std::abort();
  return 0;
}
