// The users of a replay on their LAN, and the post between them: sends a batch of packets of one user through
// the full path and compares every byte where it arrives.
//
// Owns: the control program, its virtual clock, the users. Threads: the base's.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "apps/replay/replay_record.h"
#include "apps/replay/replay_tally.h"
#include "apps/replay/replay_user.h"
#include "arch/clock.h"
#include "cp/control_program.h"
#include "cp/virtual_machine.h"

namespace vmlan::apps {

// Numbers of the users by their address.
class ReplayAddresses {
 public:
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};

  // false: there are `limit` already.
  bool add(const wire::IpAddress& address, std::uint32_t limit);
  std::uint32_t find(const wire::IpAddress& address) const noexcept;
  const std::vector<wire::IpAddress>& all() const noexcept { return addresses_; }

 private:
  struct Hash {
    std::size_t operator()(const wire::IpAddress& address) const noexcept;
  };
  std::vector<wire::IpAddress> addresses_;
  std::unordered_map<wire::IpAddress, std::uint32_t, Hash> numbers_;
};

class ReplayLan final : public ReplayMail {
 public:
  ReplayLan(const ReplayAddresses& addresses, const ReplayBuffers& buffers, unsigned batch);
  ~ReplayLan() override;

  // Logs everybody on. Empty = they are ready; else why not.
  std::string log_on();

  // One packet of the trace, at its time since the start, when it is sent: with those of the same user before
  // it that have the very same time, or when flush() is called. A time before the last one's is late already.
  void add(const JudgedRecord& packet, arch::Time time, ReplayTally& tally);
  void flush(ReplayTally& tally);

  arch::Time now() const { return clock_.now(); }
  arch::VirtualClock& clock() noexcept { return clock_; }
  guestlan::Counters counters();

  // ReplayMail
  void send(cms::QdioDriver& driver) override;
  void received(std::uint32_t user, std::span<const std::byte> packet) override;

 private:
  // A packet on its way.
  struct Parcel {
    std::size_t offset = 0;  // in bytes_
    std::uint32_t length = 0;
    std::uint32_t next = 0;  // the next one for the same receiver, or `none`
    arch::Time time{0};
    wire::Layer3Header header;
  };
  struct Member {
    cp::VirtualMachine* machine = nullptr;
    ReplayUser* program = nullptr;
    std::uint32_t first_expected = none;
    std::uint32_t last_expected = none;
  };
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  class SilentConsoles;

  std::string log_on_user(std::uint32_t number);
  void expect(std::uint32_t receiver, std::uint32_t parcel);
  void foresee(const JudgedRecord& packet, std::uint32_t parcel);

  const ReplayAddresses& addresses_;
  ReplayBuffers buffers_;
  unsigned batch_limit_;
  arch::VirtualClock clock_;
  std::unique_ptr<SilentConsoles> consoles_;
  cp::ControlProgram system_;
  std::vector<Member> members_;

  // The batch.
  std::uint32_t sender_ = ReplayAddresses::nobody;
  arch::Time time_{0};
  std::vector<std::byte> bytes_;
  std::vector<Parcel> parcels_;
  std::vector<std::uint32_t> receivers_;  // those that expect something
  ReplayTally* tally_ = nullptr;          // during a flush
};

}  // namespace vmlan::apps
