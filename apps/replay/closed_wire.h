// What lies between a user's own stack and its driver: the links of the replay, if there are any.
//
// Without links a packet is written where the driver sends it from, and costs nothing here. With them it
// waits until it has passed its user's link and its LAN's, in the order of time with those of the open loop.
// It carries TCP in layer 3 only: the user's addresses are registered by the user, and nobody is looked for.
//
// Owns: packets that are under way. Threads: the base's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "apps/replay/closed_books.h"
#include "apps/replay/courier.h"
#include "cms/driver/qdio_driver.h"
#include "cms/stack/ip_link.h"

namespace vmlan::apps {

// Whose packets they are.
class ClosedWatcher {
 public:
  virtual ~ClosedWatcher() = default;
  // Its line in the books, if there are any.
  virtual ClosedBooks::Line left(std::span<const std::byte> packet) = 0;
  // false: it belongs to the open loop.
  virtual bool wants(std::span<const std::byte> packet) = 0;
};

class ClosedWire final : public cms::IpLink {
 public:
  using Mail = UserStack::Mail;
  struct Counters {
    std::uint64_t queue_full = 0;
    std::uint64_t lost_on_link = 0;
    std::uint64_t duplicated = 0;
  };

  ClosedWire(Courier& courier, ClosedWatcher& watcher, std::uint32_t user, std::uint32_t lan,
             std::uint32_t mtu, bool waits, ClosedBooks* books);

  // A turn: packets go by `driver`, what is not the stack's goes to `mail`; both stay until end_turn().
  void begin_turn(cms::QdioDriver& driver, const Mail& mail, arch::Time now);
  // What is due on links by `now`.
  void carry(arch::Time now);
  void end_turn();
  // When something happens on the links next.
  std::optional<arch::Time> next() const;
  // When the last packet that is under way comes to its next step.
  std::optional<arch::Time> last_arrival() const;
  const Counters& counters() const noexcept { return counters_; }
  // Something was given to the driver since the last call.
  bool has_sent() noexcept { return std::exchange(has_sent_, false); }

  // IpLink
  cms::LinkState state() const override { return {true, true, false, 1}; }
  bool ipv6_in_ethernet() const override { return false; }
  wire::MacAddress mac() const override { return mac_; }
  std::uint32_t mtu() const override { return mtu_; }
  std::uint32_t usual_mtu() const override { return mtu_; }
  std::byte* reserve(std::uint32_t length) override;
  void commit(const wire::Layer3Header& header, std::uint32_t length) override;
  void commit(const wire::Layer2Header& /*header*/, std::uint32_t /*length*/) override {}
  void flush() override;
  bool busy() const override { return busy_; }
  void poll(cms::PacketReceiver& receiver) override;
  bool more() const override { return driver_ != nullptr && driver_->more_data(); }
  qdio::IpaCode set_ip(const wire::IpAddress&, unsigned) override { return qdio::IpaCode::success; }
  qdio::IpaCode delete_ip(const wire::IpAddress&) override { return qdio::IpaCode::success; }
  qdio::IpaCode join(const wire::IpAddress&) override { return qdio::IpaCode::success; }
  qdio::IpaCode leave(const wire::IpAddress&) override { return qdio::IpaCode::success; }

 private:
  enum class Step : std::uint8_t { onto_lan, arrives };
  struct Packet {
    Step step;
    wire::Layer3Header header;
    std::vector<std::byte> bytes;
    ClosedBooks::Line line = 0;
    arch::Time left{0};
  };
  void pass(LinkModel& link, Packet packet);
  void lose(const Packet& packet, Ending ending);
  void give(const Packet& packet);

  Courier& courier_;
  ClosedWatcher& watcher_;
  std::uint32_t user_;
  std::uint32_t lan_;
  std::uint32_t mtu_;
  bool waits_;          // there are links
  ClosedBooks* books_;  // nullptr: nobody asked for them
  wire::MacAddress mac_;
  cms::QdioDriver* driver_ = nullptr;
  const Mail* mail_ = nullptr;
  arch::Time now_{0};
  std::vector<std::byte> room_;  // of a packet that goes onto a link
  std::map<std::pair<arch::Time, std::uint64_t>, Packet> under_way_;
  std::uint64_t order_ = 0;
  bool busy_ = false;
  bool has_sent_ = false;
  Counters counters_;
};

}  // namespace vmlan::apps
