// Channel programs in hostile storage: the input is what lies in a small storage, with its keys; START,
// HALT, CLEAR and TEST in the order the input says. The device behind is a whole virtual NIC.
#include <cstdint>
#include <span>

#include "arch/subchannel.h"
#include "tests/fuzz/input.h"
#include "tests/kit/bare_machine.h"
#include "tests/kit/recording_port.h"

namespace {

using namespace vmlan;

constexpr std::uint64_t storage_size = 0x8000;
constexpr std::size_t most_instructions = 64;

qdio::Device::Settings settings() {
  qdio::Device::Settings settings;
  settings.base_device = {0x0800};
  return settings;
}

void issue(kit::BareMachine& machine, fuzz::Input& input) {
  const arch::SubchannelNumber number{static_cast<std::uint16_t>(input.byte() % 4)};
  arch::Irb irb;
  arch::Orb orb;
  const unsigned how = input.byte();
  switch (input.byte() % 8) {
    case 0:
      machine.halt_subchannel(number);
      break;
    case 1:
      machine.clear_subchannel(number);
      break;
    case 2:
      machine.signal_adapter({static_cast<arch::Siga::Function>(how & 3U), number, 0xf0000000U});
      break;
    case 3:
      machine.modify_subchannel(number, (how & 1U) != 0);
      break;
    case 4:
      machine.device().reply(number.value, qdio::Message(how));
      break;
    default:
      orb.key = arch::access_key(how >> 4U);
      orb.format1 = (how & 1U) == 0;
      orb.format2_indirect = (how & 2U) == 0;
      // Mostly at the beginning, where a mutation finds its way.
      orb.program = (how & 4U) == 0 ? 0 : input.half();
      machine.start_subchannel(number, orb);
  }
  machine.test_subchannel(number, irb);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input({data, size});
  kit::RecordingPort port;
  kit::SingleAdapter link(port);
  kit::BareMachine machine(settings(), link, storage_size);
  link.attach(machine.device());
  for (std::uint16_t number = 0; number < 3; ++number) machine.modify_subchannel({number}, true);

  const std::size_t instructions = input.byte() % most_instructions;
  fuzz::Input script(input.take(instructions * 5));
  for (std::uint64_t page = 0; page < storage_size; page += arch::page_size) {
    machine.storage().set_storage_key(page, input.byte());
  }
  const auto contents = input.rest();
  machine.storage().write_bytes(0, contents.first(std::min<std::size_t>(contents.size(), storage_size)));
  while (!script.empty()) issue(machine, script);
  machine.system_reset();
  return 0;
}
