// Several real devices as one (IEEE 802.1AX, z/VM's port group): each flow goes through one of them, what
// comes through any is the LAN's, and when one fails the others carry on.
//
// With LACP those carry whose partner agrees, all of them the same one's; while none does, one that is up
// carries alone, as before there was talk of a partner. Without LACP all that are up carry.
//
// The members' ports are others', lent to this; whoever ends one takes it out first. Owns: nothing of them.
// Threads: the base's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/uplink/ethernet_device.h"
#include "host/uplink/lacp_port.h"
#include "host/uplink/uplink_port.h"

namespace vmlan::host {

class GroupDevice final : public EthernetDevice {
 public:
  // Its partner knows it by `system`.
  GroupDevice(std::string name, const wire::MacAddress& system, const arch::Clock& clock);
  ~GroupDevice() override;
  GroupDevice(const GroupDevice&) = delete;
  GroupDevice& operator=(const GroupDevice&) = delete;

  // A port that is on no LAN and in no group.
  void join(UplinkPort& port);
  void leave(UplinkPort& port);
  void set_lacp(bool on);

  struct MemberView {
    const UplinkPort* port;
    bool carries;
    std::string state;  // "Active", "Standby, no partner"
    std::uint64_t sent;
    std::uint64_t received;
  };
  std::vector<MemberView> members() const;

  void start(FrameReceiver& receiver) override { receiver_ = &receiver; }
  Sent send(std::span<const std::span<const std::byte>> pieces, const FrameWork& work) override;
  void flush() override;
  bool does_work() const override;
  std::size_t frame_limit() const override;
  State state() const override { return carriers_.empty() ? State::waiting : State::ready; }
  std::string name() const override { return "GROUP " + name_; }
  std::string trouble() const override;
  std::vector<std::string> details() const override;
  std::string group() const override { return name_; }

  void tend(arch::Time now) override;
  std::optional<arch::Time> deadline() const override;
  // Its members' descriptors are looked after as theirs.
  void add_to(std::vector<pollfd>&) override {}
  void happened(std::span<const pollfd>) override {}

 private:
  class Member;

  void take_slow_protocol(Member& member, std::span<const std::byte> frame);
  // Who carries from now on; those who are told of it are told with the next tend().
  void choose();
  Member* alone_after(const std::vector<Member*>& before) const;
  void tell_if_changed();

  std::string name_;
  wire::MacAddress system_;
  const arch::Clock& clock_;
  FrameReceiver* receiver_ = nullptr;
  bool lacp_ = true;
  bool changed_ = false;
  std::uint16_t next_port_ = 1;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<Member*> carriers_;
};

// Which of several links a frame takes: the same for all frames of a flow, that they stay in order.
std::uint64_t flow_of(std::span<const std::span<const std::byte>> pieces) noexcept;

}  // namespace vmlan::host
