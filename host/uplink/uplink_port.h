// Joins a real device to a LAN or virtual switch: frames of the LAN's transport on one side, Ethernet on the
// other.
//
// On a LAN with IP transport a datagram gets an Ethernet header in front, from the uplink's MAC address to
// its next hop's (host/uplink/neighbors.h), and what comes from outside loses its own. A device that answers
// for its neighbors itself gets the uplink's address at both ends. What guests send as Ethernet frames even
// there (passthru: IPv6 of an OSA) leaves as it is.
//
// With PRIQUEUING frames wait for the next time that the loop tends its sources: whatever users and
// descriptors had to send between two of those times leaves by priority.
//
// Owns: the device. Threads: the base's.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "guestlan/frame_sink.h"
#include "guestlan/uplink.h"
#include "host/uplink/ethernet_device.h"
#include "host/uplink/neighbors.h"
#include "wire/ethernet.h"

namespace vmlan::host {

class UplinkPort final : public guestlan::Uplink, private guestlan::FrameSink, private FrameReceiver {
 public:
  // `changed`: the device has come or gone, and the LAN has been told.
  using Changed = std::function<void(guestlan::Uplink&)>;
  // The device is looked after by the loop, which outlives this.
  UplinkPort(arch::DeviceNumber real_device, const wire::MacAddress& mac, EventLoop& loop,
             std::unique_ptr<EthernetDevice> device, Changed changed);
  ~UplinkPort() override;

  // guestlan::Uplink
  State state() const override;
  std::string name() const override { return device_->name(); }
  std::string group_name() const override { return device_->group(); }
  std::string trouble() const override { return device_->trouble(); }
  std::vector<std::string> details() const override { return device_->details(); }

  // Its device works for somebody else, who gets all that comes from it, until this is called again with
  // nullptr. Meanwhile the port joins no LAN.
  EthernetDevice& lend(FrameReceiver* borrower) noexcept {
    borrower_ = borrower;
    return *device_;
  }

 private:
  // Lets go what waits by priority.
  class Release final : public EventSource {
   public:
    explicit Release(UplinkPort& port) : port_(port) {}
    void tend(arch::Time /*now*/) override { port_.release(); }
    std::optional<arch::Time> deadline() const override {
      return port_.anything_waits() ? std::optional(arch::Time{0}) : std::nullopt;
    }
    void add_to(std::vector<pollfd>& /*polled*/) override {}
    void happened(std::span<const pollfd> /*polled*/) override {}

   private:
    UplinkPort& port_;
  };

  void joined() override;
  void began() override;
  void forget_registrations() override;

  // guestlan::FrameSink
  qdio::GiveResult give(const qdio::ReceiveHeader& header, const qdio::Frame& frame,
                        guestlan::WhenFull when_full) override;
  qdio::GiveResult give_unfinished(const wire::Layer3Header& header, const qdio::Offload& offload,
                                   const qdio::Frame& frame, guestlan::WhenFull when_full) override;
  void publish() override;

  // FrameReceiver
  void received(std::span<const std::byte> bytes, const FrameWork& work) override;
  void batch_received() override;
  void state_changed() override;

  // A packet of `frame`, or all of it; `header` is the receiver's.
  qdio::GiveResult send(const wire::Layer3Header& header, const qdio::Frame& frame,
                        std::span<const qdio::Segment> payload, FrameWork work);
  qdio::GiveResult send_datagram(const wire::Layer3Header& header, const qdio::Frame& frame,
                                 std::span<const std::span<const std::byte>> pieces, const FrameWork& work);
  qdio::GiveResult send_passthru(std::uint16_t tag, std::span<const std::span<const std::byte>> pieces,
                                 const FrameWork& work);
  bool is_guests(const Neighbors::Key& key) const;
  bool is_for_us(std::span<const std::byte> bytes) const noexcept;

  EventLoop& loop_;
  std::unique_ptr<EthernetDevice> device_;
  Changed changed_;
  FrameReceiver* borrower_ = nullptr;
  Neighbors neighbors_;
  Release release_{*this};
  guestlan::RemoteLosses losses_;  // of super-frames of which a part was taken, not counted yet
};

}  // namespace vmlan::host
