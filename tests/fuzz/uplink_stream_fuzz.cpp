// What a stranger behind an uplink sends. QEMU's stream, however it is cut: the frames that a plain reader
// finds, then a fault or a rest. Virtio's header in front of a frame: work that leads nowhere beyond the
// frame and survives being written again. The first byte says which, and how the stream is cut.
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <vector>

#include "host/uplink/qemu_stream_frames.h"
#include "host/uplink/virtio_header.h"
#include "tests/fuzz/input.h"

namespace {

using namespace vmlan;
using host::FrameWork;

// Short, so that a fuzzer's stream reaches it.
constexpr std::size_t longest = 600;

struct Found {
  std::vector<std::vector<std::byte>> frames;
  bool fault = false;
};

Found read_plainly(std::span<const std::byte> stream) {
  Found found;
  while (stream.size() >= 4) {
    std::size_t length = 0;
    for (const auto byte : stream.first(4)) length = length * 256 + std::to_integer<std::size_t>(byte);
    found.fault = length == 0 || length > longest;
    if (found.fault || stream.size() < 4 + length) break;
    const auto frame = stream.subspan(4, length);
    found.frames.emplace_back(frame.begin(), frame.end());
    stream = stream.subspan(4 + length);
  }
  return found;
}

void judge_stream(std::span<const std::byte> stream, std::size_t cut) {
  const auto expected = read_plainly(stream);
  host::StreamFrames frames(longest, 0);
  std::size_t count = 0;
  while (!stream.empty() && !frames.fault()) {
    const auto room = frames.room();
    assert(!room.empty());
    const auto part = stream.first(std::min({cut, stream.size(), room.size()}));
    std::copy(part.begin(), part.end(), room.begin());
    frames.received(part.size());
    stream = stream.subspan(part.size());
    while (const auto frame = frames.next()) {
      assert(count < expected.frames.size() && std::ranges::equal(*frame, expected.frames[count]));
      ++count;
    }
    assert(!frames.has_whole());
  }
  assert(count == expected.frames.size() && frames.fault().has_value() == expected.fault);
}

bool is_same(const FrameWork& a, const FrameWork& b) {
  return a.checksum == b.checksum && a.checksum_start == b.checksum_start &&
         a.checksum_offset == b.checksum_offset && a.segmentation == b.segmentation &&
         a.segment_size == b.segment_size && a.header_length == b.header_length;
}

void judge_header(fuzz::Input input) {
  host::VirtioHeader header;
  const auto bytes = input.take(sizeof(header));
  std::memcpy(&header, bytes.data(), bytes.size());
  const auto rest = input.rest();
  // Of exactly that size: AddressSanitizer sees what is read behind it.
  const std::vector<std::byte> frame(rest.begin(), rest.end());
  const auto work = host::work_of(header, frame);
  if (!work) return;
  assert(host::fits(*work, frame.size()));
  assert(!work->checksum || std::size_t{work->checksum_start} + work->checksum_offset + 2 <= frame.size());
  assert(!work->checksum || !work->checksum_good);
  if (work->segmentation != FrameWork::Segmentation::none)
    assert(work->checksum && work->segment_size > 0 && work->header_length < frame.size());
  const auto again = host::work_of(host::header_of(*work), frame);
  assert(again && is_same(*work, *again));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(std::span(data, size));
  const unsigned choice = input.byte();
  if ((choice & 1U) != 0)
    judge_stream(input.rest(), 1 + (choice >> 1U));
  else
    judge_header(input);
  return 0;
}
