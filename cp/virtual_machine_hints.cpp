// What a datagram of a user that was idle for long will need, brought to the processor before it does.
#include "arch/prefetch.h"
#include "cp/virtual_machine.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {

void VirtualMachine::bring_near(unsigned step) const noexcept {
  if (step == 0) return arch::prefetch_object(*this);
  if (step == 1) return __builtin_prefetch(subchannels_.data());
  if (subchannels_.empty() || subchannels_.front().nic == nullptr) return;
  subchannels_.front().nic->bring_near(step - 2);
}

}  // namespace vmlan::cp
