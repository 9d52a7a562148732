// The module's side of a NIC: frames and super-frames of the base, halts, drops and losses of the base in
// between, over queues whose control blocks the input pokes. Each packet that was offered is counted once:
// received, or lost under a name.
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "hercules/guest_nic.h"
#include "link/unfinished_frame.h"
#include "tests/fuzz/input.h"
#include "tests/kit/queue_memory.h"

namespace {

using namespace vmlan;
using link::MessageType;

constexpr unsigned data_device = 2;
constexpr unsigned most_steps = 256;

class Guest {
 public:
  explicit Guest(qdio::AdapterKind kind) : nic_(settings(kind), to_base_, trace_), kind_(kind) {
    nic_.set_storage(memory_.storage());
  }
  void step(fuzz::Input& input) {
    switch (input.byte() % 10U) {
      case 0:
        start();
        break;
      case 1:
        nic_.halt(input.byte() % 3U);
        if ((input.byte() & 1U) != 0) drop();  // the client does so if it was the device's own
        break;
      case 2:
      case 3:
        offer_frame(input);
        break;
      case 4:
        offer_super_frame(input);
        break;
      case 5:
        if (!held_.empty()) offer(std::vector(held_), held_packets_);
        break;
      case 6:
        nic_.publish();
        memory_.empty_input(input.byte() % 129U);
        break;
      case 7:
        poke(input);
        nic_.transmit(data_device, 0x80000000U);
        to_base_.clear();
        break;
      case 8:
        joined_ ? nic_.base_lost() : nic_.base_joined();
        joined_ = !joined_;
        drop();
        break;
      default:
        nic_.write(input.byte() % 3U, 0x01, input.take(input.byte()));
        nic_.tell_losses();
        nic_.take_interrupts();
        break;
    }
    check();
  }

 private:
  static hercules::GuestNicSettings settings(qdio::AdapterKind kind) {
    hercules::GuestNicSettings settings;
    settings.device.kind = kind;
    settings.device.base_device = {0x0a00};
    settings.virtual_device = {0x0600};
    return settings;
  }
  void start() {
    memory_.qdr_bytes()[0] = kind_ == qdio::AdapterKind::iqd ? std::byte{2} : std::byte{0};
    nic_.write(data_device, 0x1b, std::span<const std::byte>(memory_.qdr_bytes(), sizeof(qdio::Qdr)));
    nic_.write(data_device, 0x1f, {});
  }
  void offer_frame(fuzz::Input& input) {
    drop();
    std::vector<std::byte> body(33U + input.half() % 5000U);
    body[0] = std::byte{1};
    held_type_ = MessageType::frame;
    offer(body, 1);
  }
  void offer_super_frame(fuzz::Input& input) {
    drop();
    std::vector<std::byte> body(link::unfinished_head + 40U + input.half() % 4000U);
    const auto head = input.take(link::unfinished_head + 60U);
    std::copy_n(head.begin(), std::min(head.size(), body.size()), body.begin());
    const auto frame = link::parse_unfinished(body);
    qdio::FinishedPackets packets(frame.offload, &frame.payload, 1, frame.payload.length);
    std::uint64_t count = 0;
    for (unsigned number = 0; packets.usable() && number < packets.count(); ++number) {
      count += packets.packet(number).counts;
    }
    held_type_ = MessageType::unfinished_frame;
    offer(body, packets.usable() ? count : 1);
  }
  // Offered until the guest has all of it, or it is dropped.
  void offer(std::vector<std::byte> body, std::uint64_t packets) {
    const bool taken = nic_.receive({held_type_, data_device, body});
    nic_.take_progress();
    held_packets_ = packets;
    held_.clear();
    if (taken) {
      offered_ += packets;
    } else {
      held_ = std::move(body);
    }
  }
  void drop() {
    nic_.drop();
    if (!held_.empty()) offered_ += held_packets_;
    held_.clear();
  }
  void check() {
    if (!held_.empty()) return;
    const auto counters = nic_.counters();
    if (counters.received + counters.no_buffer + counters.too_long + counters.not_active != offered_) {
      std::abort();
    }
  }
  void poke(fuzz::Input& input) {
    const unsigned queue = input.byte() % 2U;
    const unsigned buffer = input.byte() % qdio::buffers_per_queue;
    const unsigned where = input.byte();
    memory_.element(queue, buffer, where / 16U)[where % 16U] = static_cast<std::byte>(input.byte());
    memory_.set_state(queue, buffer, queue == 0 ? 0x41U : 0x62U);
  }

  kit::QueueMemory memory_{1, 2, 512};
  link::SendBuffer to_base_{512U * 1024U};
  hercules::Trace trace_;
  hercules::GuestNic nic_;
  qdio::AdapterKind kind_;
  bool joined_ = false;
  MessageType held_type_ = MessageType::frame;
  std::vector<std::byte> held_;  // empty: none
  std::uint64_t held_packets_ = 0;
  std::uint64_t offered_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(std::span(data, size));
  Guest guest((input.byte() & 1U) == 0 ? qdio::AdapterKind::osd : qdio::AdapterKind::iqd);
  for (unsigned step = 0; step < most_steps && !input.empty(); ++step) guest.step(input);
  return 0;
}
