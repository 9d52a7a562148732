// The full path on one core: the sending driver fills output buffers, one SIGA for a batch, the base takes,
// routes, copies, and the receiving driver reads. One datagram per buffer unless the name says packed.
//
//   full_path/SIZE   the driver copies the datagram into its buffer first, as a stack's driver does
//   ethernet/SIZE    full_path with ETHERNET transport: the datagram in a frame, found by its MAC address
//   in_place/SIZE    the datagram lies in the driver's buffer already; only headers are written
//   bare_loop/SIZE   the same bytes of state blocks, SBALs and buffers written and read as in full_path, by
//   plain
//                    loops without device, LAN and driver: the measure for full_path
//   memcpy/SIZE      memcpy of the same bytes between the same buffers: the measure for in_place
#include <benchmark/benchmark.h>

#include "tests/kit/world.h"

namespace vmlan::bench {
namespace {

using namespace kit;

constexpr unsigned batch = 64;  // datagrams per SIGA

World::Settings settings_for(std::size_t size) {
  World::Settings settings;
  // A QDIO NIC's MTU ends at 8992; larger datagrams exist on HiperSockets only.
  if (size > 8992) settings.type = guestlan::LanType::hipers;
  return settings;
}

void report(benchmark::State& state, std::uint64_t packets, std::size_t size) {
  state.SetItemsProcessed(static_cast<std::int64_t>(packets));
  state.SetBytesProcessed(static_cast<std::int64_t>(packets * size));
}

// `header` makes the transport header of a packet, as a stack does for each.
template <class Header>
void transfer(benchmark::State& state, World& world, const std::vector<std::byte>& datagram, bool fill,
              const Header& header) {
  User& alice = world.user(0);
  User& bob = world.user(1);
  const auto size = datagram.size();
  // Every buffer of both rings holds the datagram before the first measurement.
  Reader reader;
  const auto round = [&](bool copy) {
    for (unsigned count = 0; count < batch; ++count) {
      std::byte* payload = alice.driver->reserve(static_cast<std::uint32_t>(size));
      if (payload == nullptr) return false;
      if (copy) std::memcpy(payload, datagram.data(), size);
      alice.driver->commit(header(), static_cast<std::uint32_t>(size));
    }
    return alice.driver->flush() == arch::ConditionCode::zero && bob.driver->poll(reader) == batch;
  };
  for (unsigned warm = 0; warm < 4; ++warm) round(true);
  reader.packets = 0;
  for (auto step : state) {
    if (!round(fill)) {
      state.SkipWithError("a datagram was lost");
      break;
    }
  }
  benchmark::DoNotOptimize(reader.sum);
  report(state, reader.packets, size);
}

void transfer_ip(benchmark::State& state, const World::Settings& settings, bool fill) {
  World world(settings);
  User& alice = world.user(0);
  User& bob = world.user(1);
  const auto header = cms::layer3_header(bob.address, bob.address);
  transfer(
      state, world, packet(alice, bob, static_cast<std::size_t>(state.range(0))),
      fill, [&]() -> const auto& { return header; });
}

void ethernet(benchmark::State& state) {
  auto settings = settings_for(static_cast<std::size_t>(state.range(0)));
  settings.transport = qdio::Transport::ethernet;
  World world(settings);
  const auto sent = frame(world.user(0), world.user(1), static_cast<std::size_t>(state.range(0)));
  transfer(state, world, sent, true, [&] { return cms::layer2_header(sent); });
}

void full_path(benchmark::State& state) {
  transfer_ip(state, settings_for(static_cast<std::size_t>(state.range(0))), true);
}

void full_path_packed(benchmark::State& state) {
  auto settings = settings_for(static_cast<std::size_t>(state.range(0)));
  settings.one_datagram_per_buffer = false;
  transfer_ip(state, settings, true);
}

void in_place(benchmark::State& state) {
  transfer_ip(state, settings_for(static_cast<std::size_t>(state.range(0))), false);
}

// From the sender's buffers to the receiver's, in ring order, exactly where the queue engine copies: one ring
// of datagrams tells where they lie.
void plain_memcpy(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  World world(settings_for(size));
  User& alice = world.user(0);
  User& bob = world.user(1);
  const auto datagram = packet(alice, bob, size);
  const auto header = cms::layer3_header(bob.address, bob.address);
  std::vector<std::byte*> from;
  std::vector<std::byte*> to;
  for (unsigned count = 0; count < qdio::buffers_per_queue; ++count) {
    from.push_back(alice.driver->reserve(static_cast<std::uint32_t>(size)));
    std::memcpy(from.back(), datagram.data(), size);
    alice.driver->commit(header, static_cast<std::uint32_t>(size));
    alice.driver->flush();
    bob.driver->poll([&](const cms::ReceivedPacket& received) {
      to.push_back(const_cast<std::byte*>(received.payload.data()));
    });
  }
  if (to.size() != from.size()) state.SkipWithError("a datagram was lost");
  unsigned slot = 0;
  for (auto step : state) {
    for (unsigned count = 0; count < batch; ++count) {
      std::memcpy(to[slot], from[slot], size);
      slot = (slot + 1) % qdio::buffers_per_queue;
    }
    benchmark::ClobberMemory();
  }
  report(state, static_cast<std::uint64_t>(state.iterations()) * batch, size);
}

// What sender, base and receiver do to two users' storages, and nothing else.
class BareLoop {
 public:
  explicit BareLoop(std::size_t size) : size_(size) {
    for (Side* side : {&sender_, &receiver_}) {
      side->memory.use(side->storage.view(), arch::page_size, 0);
      const auto bytes = static_cast<std::uint32_t>(size + 64);
      side->memory.lay_out(qdio::AdapterKind::osd, {0x0602}, {128, 128, bytes, bytes});
    }
    const auto& input = receiver_.memory.input();
    for (unsigned slot = 0; slot < qdio::buffers_per_queue; ++slot) {
      input.set_element(slot, 0, {last, 0, 0, 0, input.capacity, input.address(slot)});
      input.set_state(slot, qdio::BufferState::input_empty);
    }
  }

  bool round(const std::vector<std::byte>& datagram, const wire::Layer3Header& header, Reader& reader) {
    for (unsigned count = 0; count < batch; ++count) send((next_ + count) % slots, datagram, header);
    bool good = true;
    for (unsigned count = 0; count < batch; ++count) good = carry((next_ + count) % slots) && good;
    for (unsigned count = 0; count < batch; ++count) good = receive((next_ + count) % slots, reader) && good;
    next_ = (next_ + batch) % slots;
    return good;
  }

 private:
  static constexpr auto last = qdio::element_flag::last_entry;
  static constexpr unsigned slots = qdio::buffers_per_queue;
  static constexpr auto header_size = wire::transport_header_size;
  struct Side {
    arch::MainStorage storage{32U << 20U};
    cms::QueueMemory memory;
  };

  void send(unsigned slot, const std::vector<std::byte>& datagram, const wire::Layer3Header& header) {
    const auto& ring = sender_.memory.output();
    std::byte* buffer = ring.buffer(slot);
    std::memcpy(buffer + header_size, datagram.data(), size_);
    std::memcpy(buffer, &header, header_size);
    const auto total = static_cast<std::uint32_t>(header_size + size_);
    ring.set_element(slot, 0, {last, 0, 0, 0, total, ring.address(slot)});
    ring.set_state(slot, qdio::BufferState::output_primed);
  }

  bool carry(unsigned slot) {
    const auto& from = sender_.memory.output();
    const auto& to = receiver_.memory.input();
    if (from.state(slot) != qdio::BufferState::output_primed) return false;
    if (to.state(slot) != qdio::BufferState::input_empty) return false;
    const auto sent = qdio::Element::load(from.sbal(slot));
    const auto empty = qdio::Element::load(to.sbal(slot));
    if (sent.length > empty.length) return false;
    const auto source = sender_.storage.view().established(sent.address);
    std::byte* target = receiver_.storage.view().established(empty.address);
    std::memcpy(target, source, header_size);
    std::memcpy(target + header_size, source + header_size, sent.length - header_size);
    to.set_head(slot, 0, {last, 0, sent.length});
    to.set_state(slot, qdio::BufferState::input_primed);
    from.set_state(slot, qdio::BufferState::output_empty);
    return true;
  }

  bool receive(unsigned slot, Reader& reader) {
    const auto& ring = receiver_.memory.input();
    if (sender_.memory.output().state(slot) != qdio::BufferState::output_empty) return false;
    if (ring.state(slot) != qdio::BufferState::input_primed) return false;
    const std::byte* buffer = ring.buffer(slot);
    reader(cms::ReceivedPacket(buffer, {buffer + header_size, ring.head(slot, 0).length() - header_size}));
    ring.set_head(slot, 0, {last, 0, ring.capacity});
    ring.set_state(slot, qdio::BufferState::input_empty);
    return true;
  }

  std::size_t size_;
  Side sender_;
  Side receiver_;
  unsigned next_ = 0;
};

void bare_loop(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  World world(settings_for(size));
  const auto datagram = packet(world.user(0), world.user(1), size);
  const auto header = cms::layer3_header(world.user(1).address, world.user(1).address);
  BareLoop loop(size);
  Reader reader;
  for (auto step : state) {
    if (!loop.round(datagram, header, reader)) state.SkipWithError("a datagram was lost");
  }
  benchmark::DoNotOptimize(reader.sum);
  report(state, reader.packets, size);
}

BENCHMARK(full_path)->Arg(64)->Arg(1500)->Arg(8192)->Arg(57344);
BENCHMARK(ethernet)->Arg(64)->Arg(1500)->Arg(8192)->Arg(57344);
BENCHMARK(full_path_packed)->Arg(64)->Arg(1500);
BENCHMARK(bare_loop)->Arg(64)->Arg(1500);
BENCHMARK(in_place)->Arg(64)->Arg(1500)->Arg(8192)->Arg(16384)->Arg(32768)->Arg(57344);
BENCHMARK(plain_memcpy)->Name("memcpy")->Arg(64)->Arg(1500)->Arg(8192)->Arg(16384)->Arg(32768)->Arg(57344);

}  // namespace
}  // namespace vmlan::bench
