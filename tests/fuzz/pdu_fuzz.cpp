// Control messages: the input is a row of them, each with a byte that says which control device it goes to
// and two bytes of length. They reach an adapter through a device and its subchannels, before and after a
// good handshake.
//
// First byte of the input: bit 0 HiperSockets, bit 1 layer 2, bit 2 a good handshake comes first.
#include <cstdint>

#include "tests/fuzz/input.h"
#include "tests/kit/bare_machine.h"
#include "tests/kit/linux_driver.h"
#include "tests/kit/recording_port.h"

namespace {

using namespace vmlan;

constexpr unsigned most_messages = 64;

void speak(kit::BareMachine& machine, kit::LinuxDriver& guest, fuzz::Input& input) {
  const unsigned how = input.byte();
  const unsigned device = how % 3;
  const auto message = input.take(input.half() % 4096U);
  machine.storage().write_bytes(guest.page(device), message);
  const kit::LinuxDriver::Command commands[] = {
      {0x01, 0x60, static_cast<std::uint16_t>(message.size()), guest.page(device)},
      {0x02, 0x20, 0x1000, guest.page(device)}};
  // With a READ chained behind it, as IDX ACTIVATE has, or alone.
  const bool chained = (how & 0x80U) != 0;
  guest.start(device, std::span(commands).first(chained ? 2 : 1));
  arch::Irb irb;
  for (unsigned each = 0; each < 3; ++each) guest.collect(each, irb);
  guest.fetch();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input({data, size});
  const unsigned flavour = input.byte();
  const bool iqd = (flavour & 1U) != 0;
  const auto kind = iqd ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
  qdio::Device::Settings settings;
  settings.kind = kind;
  settings.base_device = {0x0800};
  kit::RecordingPort port;
  kit::SingleAdapter link(port, kind);
  kit::BareMachine machine(settings, link);
  link.attach(machine.device());
  kit::LinuxDriver::Options options;
  options.iqd = iqd;
  options.layer2 = (flavour & 2U) != 0;
  kit::LinuxDriver guest(machine, options);
  guest.enable();
  if ((flavour & 4U) != 0) {
    guest.discover();
    guest.activate_idx();
    guest.shake_hands();
    guest.activate_data_manager();
  }
  for (unsigned count = 0; count < most_messages && !input.empty(); ++count) {
    speak(machine, guest, input);
    if (count % 16 == 3) link.adapter().lan_lost(port);
    if (count % 16 == 7) link.adapter().lan_restored(port);
  }
  return 0;
}
