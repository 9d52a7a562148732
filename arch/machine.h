// What a program in a virtual machine can see of it, and what the machine asks of a program.
//
// The control program implements Machine; a Program (CMS, a packet replayer, a test) knows nothing
// else. Neither side knows the other's type: cp runs any Program, cms runs on any Machine.
//
// Threads: a machine and its program run on one thread, in turns. An interruption only marks; the
// program sees it in its own turn and never inside somebody else's instruction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/channel.h"
#include "arch/clock.h"
#include "arch/minidisk.h"
#include "arch/storage.h"
#include "arch/types.h"

namespace vmlan::arch {

// SIGNAL ADAPTER operands (general registers 0-3).
struct Siga {
  enum class Function : std::uint32_t { write = 0, read = 1, synchronize = 2 };
  Function function = Function::write;
  SubchannelNumber subchannel;
  std::uint32_t mask = 0;  // queue q = 80000000 >> q
};

// Reply to DIAGNOSE X'08': the response lines and CP's return code (0 or a message number).
struct DiagnoseReply {
  int return_code = 0;
  std::vector<std::string> lines;
};

class Machine {
 public:
  virtual ~Machine() = default;

  virtual GuestStorage storage() = 0;
  virtual const Clock& clock() const = 0;
  // The identity CP gave this virtual machine, 1-8 characters.
  virtual std::string_view userid() const = 0;
  // A seed for this machine's own chance, the same in two runs of the same script.
  virtual std::uint64_t seed() const = 0;

  // STORE SUBCHANNEL; nothing when the number is not used. Numbers are handed out from 0 upwards.
  virtual std::optional<Schib> store_subchannel(SubchannelNumber number) = 0;
  // MODIFY SUBCHANNEL: the enable bit and the interruption parameter.
  virtual ConditionCode modify_subchannel(SubchannelNumber number, bool enabled) = 0;
  virtual ConditionCode start_subchannel(SubchannelNumber number, const Orb& orb) = 0;
  virtual ConditionCode halt_subchannel(SubchannelNumber number) = 0;
  virtual ConditionCode clear_subchannel(SubchannelNumber number) = 0;
  // TEST SUBCHANNEL: cc 0 = status stored in `irb` and cleared, cc 1 = none was pending.
  virtual ConditionCode test_subchannel(SubchannelNumber number, Irb& irb) = 0;
  virtual ConditionCode signal_adapter(const Siga& operands) = 0;
  // TEST PENDING INTERRUPTION: removes and returns the oldest one.
  virtual std::optional<SubchannelNumber> test_pending_interruption() = 0;

  // The virtual machine's console.
  virtual void write_console(std::string_view line) = 0;
  virtual std::optional<std::string> read_console() = 0;
  // DIAGNOSE X'08': a CP command issued by the program. The response is returned, not displayed.
  virtual DiagnoseReply diagnose_8(std::string_view command) = 0;

  // The minidisk at a virtual device number, or nullptr; valid until the device is detached.
  virtual Minidisk* minidisk(DeviceNumber device) = 0;
};

// What a program wants when its turn is over.
struct Wait {
  // Wakes at this time even without interruption; nothing = only an interruption or console input wakes.
  std::optional<Time> until;
  // true: the program has asked its console for input and has nothing else to do (VM READ).
  bool console_read = false;
};

class Program {
 public:
  virtual ~Program() = default;
  // One turn: handles everything that is pending, in bounded work, and says what it waits for.
  virtual Wait run() = 0;
  // The external interruption a user asks for with the CP command EXTERNAL (ends a running command).
  virtual void external_interrupt() {}
};

}  // namespace vmlan::arch
