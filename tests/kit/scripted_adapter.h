// A machine with one QDIO NIC whose adapter is a script: it answers with bytes a real adapter and Linux 6.1
// qeth were seen to exchange, records what the driver writes, and misbehaves on request. It shares no code
// with the device of qdio/.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arch/machine.h"
#include "tests/kit/hex.h"
#include "tests/kit/scripted_answers.h"

namespace vmlan::kit {

class ScriptedAdapter final : public arch::Machine {
 public:
  using Bytes = std::vector<std::byte>;
  static constexpr unsigned read_device = 0;
  static constexpr unsigned write_device = 1;
  static constexpr unsigned data_device = 2;

  struct Written {
    unsigned device = 0;
    Bytes message;
  };

  // What it says; tests change it before the driver starts.
  std::string sense_id = "FF1731011732010040FA008041810004428200 40431B1000441F0000";
  std::string configuration =
      "D0010600F0F0F1F7F3F2F0F0F1C8D9C3E9E9F0F0F0F0F0F0F0F0F0F0F0F10802"
      "D0020000F0F0F1F7F3F0F0F0F1C8D9C3E9E9F0F0F0F0F0F0F0F0F0F0F0F20800"
      "F0000600F0F0F1F7F3F0F0F0F2C8D9C3E9E9F0F0F0F0F0F0F0F0F0F0F0F30800"
      "8000080000000000000000000000000000000000000000000000000000000000";
  std::string idx_read = "00008000 00000000 1A0101C0 D8C5E3F1 0201C8D9 C3F1C8C1 D3D3D6D3 C5400802 0002";
  std::string idx_write = "00008000 00000000 160101C0 D8C5E3F1 0201C8D9 C3F1C8C1 D3D3D6D3 C5400802 0002";
  std::string ulp_enable_pdu =
      "000C4102 00230000 00000000 | 000B0401 030405D8 C5E3F4 | 0018040A 00200000 05DC0008 C8E8C4F1 C7F10000 "
      "01000000";
  IpaCodes ipa_codes;
  int messages_answered = 1000;                     // messages on the write device that get an answer
  std::optional<unsigned> terminate_at_ulp_enable;  // IDX TERMINATE with this cause instead of an answer
  std::optional<unsigned> refused_layer;            // 03 or 08: the same, if that is the layer asked for
  bool establish_works = true;
  bool activate_stays = true;
  arch::ConditionCode siga_answer = arch::ConditionCode::zero;
  std::function<void(const arch::Siga&)> on_siga;

  // What happened.
  std::vector<Written> written;
  Bytes qdr;
  unsigned sigas = 0;
  bool active = false;

  // An unsolicited message, for the READ that is or will be armed.
  void send_event(unsigned command, unsigned return_code = 0) {
    Bytes message = from_hex(
        "00E00000 00000000 00000014 00000054 10000001 00000000 C17E0001 00000000 00000000"
        "00240014 00001405 0001010D 0000000000000000 01000014 00000040"
        "00010000 00000100 01010000 00000000 00000000");
    message[0x40] = std::byte(command);
    message[0x44] = std::byte(return_code >> 8U);
    message[0x45] = std::byte(return_code & 0xffU);
    queue_reply(std::move(message));
  }
  void present(unsigned device, std::uint8_t device_status, std::uint8_t channel_status = 0) {
    auto& unit = units_[device];
    unit.irb = {};
    unit.irb.status_control = arch::status_control::pending;
    unit.irb.device_status = device_status;
    unit.irb.channel_status = channel_status;
    unit.pending = true;
  }
  // Becomes a HiperSockets adapter with this frame-size code.
  void make_iqd(std::string_view size_code = "4000") {
    sense_id = "FF1731051732050040FA00804181000442820040431B1000441F0000";
    for (auto* reply : {&idx_read, &idx_write}) reply->replace(reply->find("0201"), 4, "0408");
    ulp_enable_pdu.replace(ulp_enable_pdu.find("05DC"), 4, size_code);
  }
  // The n-th message written, and its PDU, as text.
  std::string message(std::size_t index) const { return to_hex(written.at(index).message); }
  std::string pdu(std::size_t index) const {
    return to_hex(std::span(written.at(index).message).subspan(0x40));
  }
  // Commands of the IPA messages written, in order, with protocol version: "B2/4".
  std::vector<std::string> ipa_order() const {
    std::vector<std::string> order;
    for (const auto& one : written) {
      if (one.message.size() < 0x54 || one.message[0x18] != std::byte{0xc1}) continue;
      std::string name = to_hex(std::span(one.message).subspan(0x40, 1));
      if (name == "B3")
        name += ":" + to_hex(std::span(one.message).subspan(0x55, 3)) + "," + digit(one, 0x5b);
      if (name == "B8") name += ":" + digit(one, 0x63);
      order.push_back(name + "/" + digit(one, 0x4b));
    }
    return order;
  }
  // The last message with this IPA command, from its PDU on.
  std::string last_ipa(unsigned command) const {
    for (auto one = written.rbegin(); one != written.rend(); ++one) {
      if (one->message.size() >= 0x54 && one->message[0x40] == std::byte(command) &&
          one->message[0x18] == std::byte{0xc1}) {
        return to_hex(std::span(one->message).subspan(0x40));
      }
    }
    return {};
  }

  // --- arch::Machine ---
  arch::GuestStorage storage() override { return storage_.view(); }
  const arch::Clock& clock() const override { return clock_; }
  std::string_view userid() const override { return "SCRIPTED"; }
  std::uint64_t seed() const override { return 1; }
  std::optional<arch::Schib> store_subchannel(arch::SubchannelNumber number) override {
    if (number.value < first_subchannel || number.value >= first_subchannel + 3) return std::nullopt;
    arch::Schib schib;
    schib.device.value = static_cast<std::uint16_t>(0x0800 + number.value - first_subchannel);
    schib.enabled = unit(number).enabled;
    return schib;
  }
  arch::ConditionCode modify_subchannel(arch::SubchannelNumber number, bool enabled) override {
    unit(number).enabled = enabled;
    return arch::ConditionCode::zero;
  }
  arch::ConditionCode start_subchannel(arch::SubchannelNumber number, const arch::Orb& orb) override {
    auto& device = unit(number);
    if (!device.enabled) return arch::ConditionCode::three;
    if (device.pending) return arch::ConditionCode::one;
    if (device.read_armed || (&device == &units_[data_device] && active)) return arch::ConditionCode::two;
    run(device, orb.program);
    return arch::ConditionCode::zero;
  }
  arch::ConditionCode halt_subchannel(arch::SubchannelNumber number) override { return stop(number, 2); }
  arch::ConditionCode clear_subchannel(arch::SubchannelNumber number) override { return stop(number, 1); }
  arch::ConditionCode test_subchannel(arch::SubchannelNumber number, arch::Irb& irb) override {
    auto& device = unit(number);
    irb = device.irb;
    if (!device.pending) return arch::ConditionCode::one;
    device.pending = false;
    return arch::ConditionCode::zero;
  }
  arch::ConditionCode signal_adapter(const arch::Siga& operands) override {
    ++sigas;
    if (on_siga) on_siga(operands);
    return siga_answer;
  }
  std::optional<arch::SubchannelNumber> test_pending_interruption() override { return std::nullopt; }
  void write_console(std::string_view) override {}
  std::optional<std::string> read_console() override { return std::nullopt; }
  arch::DiagnoseReply diagnose_8(std::string_view) override { return {}; }
  arch::Minidisk* minidisk(arch::DeviceNumber) override { return nullptr; }

  static arch::SubchannelNumber subchannel(unsigned device) {
    return {static_cast<std::uint16_t>(first_subchannel + device)};
  }

 private:
  static constexpr std::uint16_t first_subchannel = 5;
  struct Unit {
    bool enabled = false;
    bool pending = false;
    bool read_armed = false;
    arch::Address read_into = 0;
    arch::Irb irb;
  };

  Unit& unit(arch::SubchannelNumber number) { return units_.at(number.value - first_subchannel); }
  static std::string digit(const Written& one, std::size_t offset) {
    return std::to_string(std::to_integer<unsigned>(one.message[offset]));
  }

  arch::ConditionCode stop(arch::SubchannelNumber number, std::uint8_t function) {
    auto& device = unit(number);
    device.read_armed = false;
    if (&device == &units_[data_device]) active = false;
    if (&device == &units_[read_device]) replies_.clear();
    device.irb = {};
    device.irb.function_control = function;
    device.pending = true;
    return arch::ConditionCode::zero;
  }

  void end(Unit& device, std::uint32_t count, std::size_t transferred, std::uint8_t status = 0x0c) {
    device.irb = {};
    device.irb.device_status = status;
    device.irb.residual = static_cast<std::uint16_t>(count - std::min<std::size_t>(count, transferred));
    device.pending = true;
  }

  void run(Unit& device, arch::Address program) {
    const auto index = static_cast<unsigned>(&device - units_.data());
    for (;; program += sizeof(arch::Ccw1)) {
      const auto ccw = storage().read<arch::Ccw1>(program).value;
      if (!execute(device, index, ccw)) return;
      if ((ccw.flags & arch::ccw_flag::chain_command) == 0) return;
      device.pending = false;
    }
  }

  // false: the command stays pending or failed.
  bool execute(Unit& device, unsigned index, const arch::Ccw1& ccw) {
    switch (ccw.command) {
      case 0x01:
        return write(device, index, ccw);
      case 0x02:
        return read(device, index, ccw);
      case 0x03:
        end(device, 0, 0);
        return true;
      case 0xe4:
        supply(device, ccw, from_hex(sense_id));
        return true;
      case 0xfa:
        supply(device, ccw, from_hex(configuration));
        return true;
      case 0x1b:
        qdr.resize(ccw.count);
        storage().read_bytes(ccw.data_address, qdr);
        end(device, ccw.count, qdr.size(), establish_works ? 0x0c : 0x0e);
        return establish_works;
      case 0x1f:
        active = activate_stays;
        if (!activate_stays) end(device, 0, 0);
        return false;
      default:
        end(device, ccw.count, 0, 0x0e);
        return false;
    }
  }

  void supply(Unit& device, const arch::Ccw1& ccw, const Bytes& bytes) {
    const auto length = std::min<std::size_t>(ccw.count, bytes.size());
    storage().write_bytes(ccw.data_address, std::span(bytes).first(length));
    end(device, ccw.count, length);
  }

  bool write(Unit& device, unsigned index, const arch::Ccw1& ccw) {
    Bytes message(ccw.count);
    storage().read_bytes(ccw.data_address, message);
    written.push_back({index, message});
    end(device, ccw.count, ccw.count);
    const bool idx = message.size() == 0x22;
    if (idx) idx_pending_ = from_hex(index == read_device ? idx_read : idx_write);
    if (!idx && messages_answered-- > 0) answer(message);
    return true;
  }

  bool read(Unit& device, unsigned index, const arch::Ccw1& ccw) {
    if (!idx_pending_.empty()) {
      supply(device, ccw, std::exchange(idx_pending_, {}));
      return true;
    }
    device.read_armed = true;
    device.read_into = ccw.data_address;
    if (index == read_device) deliver();
    return !device.read_armed;
  }

  void queue_reply(Bytes message) {
    replies_.push_back(std::move(message));
    deliver();
  }
  void deliver() {
    auto& device = units_[read_device];
    if (!device.read_armed || replies_.empty()) return;
    device.read_armed = false;
    storage().write_bytes(device.read_into, replies_.front());
    end(device, 4096, replies_.front().size());
    replies_.pop_front();
  }

  void answer(const Bytes& message) {
    const bool ipa = message[0x18] == std::byte{0xc1};
    const bool ulp_enable = message[0x18] == std::byte{0x41} && message[0x43] == std::byte{0x02};
    const bool refused = ulp_enable && refused_layer && message[0x50] == std::byte(*refused_layer);
    if (refused || (ulp_enable && terminate_at_ulp_enable)) {
      auto terminate = from_hex("0000C000 00000000");
      terminate[4] = std::byte(terminate_at_ulp_enable.value_or(0x41));
      return queue_reply(std::move(terminate));
    }
    queue_reply(ipa ? ipa_answer(message, ipa_codes) : control_answer(message, ulp_enable_pdu));
  }

  arch::MainStorage storage_{24U << 20U};
  arch::VirtualClock clock_;
  std::array<Unit, 3> units_;
  std::deque<Bytes> replies_;
  Bytes idx_pending_;
};

}  // namespace vmlan::kit
