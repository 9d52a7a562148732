// IDX, MPC and IPA messages, and Linux' order of them.
#include <algorithm>
#include <cstring>

#include "tests/kit/golden.h"
#include "tests/kit/linux_driver.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::kit {

namespace {

constexpr std::uint8_t chain_and_sli = 0x60;
constexpr std::uint16_t read_count = 0x1000;
constexpr std::size_t envelope_size = 0x40;
constexpr std::uint8_t type_cm = 0x81;
constexpr std::uint8_t type_ulp = 0x41;
constexpr std::uint8_t type_ipa = 0xc1;
constexpr std::uint8_t protocol_control = 0x7e;
constexpr std::uint8_t protocol_layer2 = 0x08;
constexpr std::uint8_t protocol_layer3 = 0x03;

std::uint16_t get16(const std::byte* at) { return static_cast<std::uint16_t>(get32(at) >> 16U); }

// Bytes of a message, zero beyond its end as in Linux' buffer.
Bytes zero_extended(Bytes message) {
  message.resize(std::max<std::size_t>(message.size(), read_count));
  return message;
}

template <class Field>
void copy_at(Bytes& message, std::size_t offset, const Field& field) {
  std::copy(field.begin(), field.end(), message.begin() + static_cast<std::ptrdiff_t>(offset));
}

std::array<std::byte, 4> token_at(const Bytes& body, std::size_t offset) {
  std::array<std::byte, 4> token{};
  if (body.size() >= offset + token.size()) std::memcpy(token.data(), body.data() + offset, token.size());
  return token;
}

}  // namespace

bool LinuxDriver::idx(unsigned device, std::string_view which) {
  Bytes request = golden("handshake", "idx." + std::string(which) + ".request");
  if (options_.iqd) copy_at(request, 0x10, golden("handshake", "idx.level.iqd.request"));
  put16(&request[0x1e], static_cast<std::uint16_t>(options_.base_device + data_device));
  request[0x20] = configuration.at(0x3f);
  request[0x21] = configuration.at(0x1f);
  storage_.write_bytes(page(device), request);
  const std::array<Command, 2> commands = {
      {{0x01, chain_and_sli, 0x22, page(device)}, {0x02, 0x20, read_count, page(device)}}};
  if (start(device, commands) != arch::ConditionCode::zero) return fail("IDX ACTIVATE refused");
  arch::Irb irb;
  if (!collect(device, irb) || irb.device_status != 0x0c || irb.channel_status != 0) {
    return fail("IDX ACTIVATE got no answer");
  }
  Bytes reply(read_count - irb.residual);
  storage_.read_bytes(page(device), reply);
  dialogue.push_back({device, request, {}});
  dialogue.push_back({device, {}, reply});
  if (reply.size() < 0x16 || (reply[0x08] & std::byte{3}) != std::byte{2}) return fail("IDX ACTIVATE denied");
  const Bytes level =
      options_.iqd ? golden("handshake", "idx.level.iqd.reply") : Bytes{std::byte{2}, std::byte{1}};
  if (!std::equal(level.begin(), level.end(), reply.begin() + 0x10)) return fail("wrong function level");
  if (device == read_device) issuer_ = token_at(reply, 0x0c);
  return true;
}

bool LinuxDriver::activate_idx() {
  transport_sequence_ = pdu_sequence_ = 0;
  ipa_sequence_ = 0;
  acknowledged_ = {};
  return idx(read_device, "read") && idx(write_device, "write") && arm_read();
}

bool LinuxDriver::arm_read() {
  const Command command{0x02, 0x20, read_count, page(read_device)};
  return want(start(read_device, std::span(&command, 1)) == arch::ConditionCode::zero, "READ refused");
}

Bytes LinuxDriver::fetch() {
  arch::Irb irb;
  if (!collect(read_device, irb)) return {};
  Bytes message(read_count - irb.residual);
  storage_.read_bytes(page(read_device), message);
  if (irb.device_status != 0x0c || irb.channel_status != 0) {
    fail("READ ended in error");
    return {};
  }
  dialogue.push_back({read_device, {}, message});
  arm_read();
  return message;
}

bool LinuxDriver::write_control(std::span<const std::byte> message) {
  storage_.write_bytes(page(write_device), message);
  dialogue.push_back({write_device, Bytes(message.begin(), message.end()), {}});
  std::uint16_t got = 0;
  const Command command{0x01, 0x20, static_cast<std::uint16_t>(message.size()), page(write_device)};
  return run(write_device, command, got);
}

// Linux goes by the low bytes of the offsets.
Bytes LinuxDriver::body_of(const Bytes& message) {
  const Bytes all = zero_extended(message);
  const auto low = [&](std::size_t offset) { return std::to_integer<std::size_t>(all[offset]); };
  const std::size_t response = low(0x0b);
  const std::size_t header = response + low(response + 0x11);
  const std::size_t body = low(header + 0x07);
  return body < message.size() ? Bytes(message.begin() + static_cast<std::ptrdiff_t>(body), message.end())
                               : Bytes{};
}

Bytes LinuxDriver::with(Bytes body, std::size_t offset, std::span<const std::uint8_t> data) {
  body.resize(std::max(body.size(), offset + data.size()));
  std::transform(data.begin(), data.end(), body.begin() + static_cast<std::ptrdiff_t>(offset),
                 [](std::uint8_t byte) { return std::byte{byte}; });
  return body;
}

Bytes LinuxDriver::envelope(std::uint8_t type, std::uint8_t protocol, const Token& token, const Bytes& pdu) {
  Bytes message = golden("handshake", "cm_enable.request");
  message.resize(envelope_size);
  put32(&message[0x04], ++transport_sequence_);
  put32(&message[0x0c], static_cast<std::uint32_t>(envelope_size + pdu.size()));
  message[0x18] = std::byte{type};
  message[0x19] = std::byte{protocol};
  put32(&message[0x1c], pdu_sequence_++);
  copy_at(message, 0x20, acknowledged_);
  put16(&message[0x26], static_cast<std::uint16_t>(pdu.size()));
  put16(&message[0x29], static_cast<std::uint16_t>(pdu.size()));
  copy_at(message, 0x2c, token);
  put16(&message[0x3a], static_cast<std::uint16_t>(pdu.size()));
  message.insert(message.end(), pdu.begin(), pdu.end());
  return message;
}

Bytes LinuxDriver::exchange(std::uint8_t type, const Token& token, const Bytes& pdu) {
  const std::uint8_t ipa_protocol = options_.layer2 ? protocol_layer2 : protocol_layer3;
  if (!write_control(envelope(type, type == type_ipa ? ipa_protocol : protocol_control, token, pdu)))
    return {};
  const Bytes reply = fetch();
  if (reply.empty()) return {};
  acknowledged_ = token_at(zero_extended(reply), 0x1c);
  return body_of(reply);
}

bool LinuxDriver::shake_hands() {
  const auto pdu = [](std::string_view name) {
    return golden("handshake", std::string(name) + ".request.pdu");
  };
  Bytes enable = golden("handshake", "cm_enable.request");
  enable.erase(enable.begin(), enable.begin() + envelope_size);
  cm_filter_ = token_at(exchange(type_cm, issuer_, enable), 0x13);
  Bytes setup = pdu("cm_setup");
  copy_at(setup, 0x1a, cm_filter_);
  cm_connection_ = token_at(exchange(type_cm, issuer_, setup), 0x1a);

  Bytes ulp_enable = pdu("ulp_enable");
  ulp_enable[0x10] = std::byte{options_.layer2 ? protocol_layer2 : protocol_layer3};
  const Bytes enabled = exchange(type_ulp, cm_connection_, ulp_enable);
  if (enabled.size() < 0x2c || get16(&enabled[0x17]) < 0x18) return fail("ULP_ENABLE got no link type");
  ulp_filter_ = token_at(enabled, 0x13);
  size_code = get16(&enabled[0x1f]);
  link_type = std::to_integer<std::uint8_t>(enabled[0x2b]);

  Bytes ulp_setup = pdu("ulp_setup");
  copy_at(ulp_setup, 0x1a, ulp_filter_);
  put16(&ulp_setup[0x28], static_cast<std::uint16_t>(options_.base_device + data_device));
  ulp_setup[0x2a] = configuration.at(0x3f);
  ulp_setup[0x2b] = configuration.at(0x1f);
  ulp_connection_ = token_at(exchange(type_ulp, cm_connection_, ulp_setup), 0x1a);
  return want(ulp_connection_ != Token{}, "ULP_SETUP got no answer");
}

bool LinuxDriver::activate_data_manager() {
  Bytes activate = golden("handshake", "dm_act.request.pdu");
  copy_at(activate, 0x11, ulp_connection_);
  return want(!exchange(type_ulp, cm_connection_, activate).empty(), "DM_ACT got no answer");
}

Bytes LinuxDriver::ipa(Bytes body) {
  put16(&body.at(0x02), ipa_sequence_);
  body.at(0x08) = options_.layer2 ? std::byte{2} : std::byte{1};
  const std::byte command = body[0];
  const Bytes reply = exchange(type_ipa, ulp_connection_, body);
  if (reply.size() < 16) return {};
  if (reply[0] != command || reply[1] != std::byte{0} || get16(&reply[2]) != ipa_sequence_) {
    fail("IPA reply does not match its command");
    return {};
  }
  ++ipa_sequence_;
  return reply;
}

unsigned LinuxDriver::ipa_code(const Bytes& body) {
  const Bytes reply = ipa(body);
  return reply.empty() ? 0xffffU : get16(&reply[4]);
}

bool LinuxDriver::simple(std::string_view name) {
  if (ipa_code(golden("ipa", name)) == 0) return true;
  return fail(std::string(name) + " failed");
}

bool LinuxDriver::set_up_ip_assists() {
  if (!simple("start_lan")) return false;
  const Bytes v4 = ipa(golden("ipa", "query_assists.v4"));
  const Bytes v6 = ipa(golden("ipa", "query_assists.v6"));
  if (v4.size() < 20 || v6.size() < 20) return fail("QIPASSIST got no answer");
  assists_v4 = get32(&v4[0x0c]);
  assists_v6 = get32(&v6[0x0c]);
  if (!simple("query_adapter")) return false;
  return options_.layer2 ? set_up_layer2() : set_up_layer3();
}

bool LinuxDriver::set_up_layer2() {
  // Whatever they answer: Linux goes on.
  Bytes bridge_port = golden("ipa", "query_bridge_port");
  if (options_.iqd) bridge_port[0] = std::byte{0xbe};
  ipa(bridge_port);
  const Bytes read = ipa(golden("ipa", "read_mac"));
  if (read.size() < 0x3e || get16(&read[4]) != 0 || get16(&read[0x24]) != 0) return fail("no MAC address");
  const bool is_virtual = (read[0x28] & std::byte{0x80}) != std::byte{0};
  if (!options_.iqd && !is_virtual) return fail("the MAC address is not the NIC's own");
  std::copy_n(read.begin() + 0x38, mac.size(), mac.begin());
  Bytes set_mac = golden("ipa", "set_mac");
  copy_at(set_mac, 0x18, mac);
  if (ipa_code(set_mac) != 0) return fail("SETVMAC failed");
  ipa(golden("ipa", "query_vnicc"));
  return simple("set_group_mac");
}

bool LinuxDriver::set_up_layer3() {
  const Bytes read = ipa(golden("ipa", "read_mac"));
  if (read.size() < 0x3e || get16(&read[4]) != 0) return fail("no MAC address");
  std::copy_n(read.begin() + 0x38, mac.size(), mac.begin());

  struct Step {
    std::uint32_t assist;
    bool osd_only;
    std::string_view name;
  };
  static constexpr Step steps[] = {
      {0x00000001, false, "start_arp"},        {0x00010000, false, "start_source_mac"},
      {0x00004000, false, "start_vlan"},       {0x00000040, false, "start_multicast"},
      {0x00000020, true, "start_ipv6.v4"},     {0x00000020, true, "start_ipv6.v6"},
      {0x00000020, true, "start_passthru"},    {0x00000010, false, "filter_start"},
      {0x00000010, false, "filter_configure"}, {0x00000010, false, "filter_enable"},
  };
  for (const Step& step : steps) {
    if ((assists_v4 & step.assist) == 0 || (step.osd_only && options_.iqd)) continue;
    if (!simple(step.name)) return false;
  }
  if (!simple("set_routing.v4") || !simple("set_routing.v6")) return false;
  const Bytes created = ipa(golden("ipa", "create_address"));
  if (created.size() < 0x1c || get16(&created[4]) != 0) return fail("CREATE_ADDR failed");
  if (options_.iqd) std::copy_n(created.begin() + 0x14, mac.size(), mac.begin());
  return want((mac[0] & std::byte{1}) == std::byte{0} && mac != decltype(mac){}, "no valid MAC address");
}

bool LinuxDriver::bring_up() {
  const unsigned buffers = options_.iqd ? 128 : 64;
  return enable() && discover() && activate_idx() && shake_hands() && establish_queues() &&
         activate_queues() && activate_data_manager() && set_up_ip_assists() && give_input_buffers(buffers);
}

bool LinuxDriver::shut_down() {
  const auto stopped = [&](unsigned device, arch::ConditionCode code, std::uint8_t function) {
    arch::Irb irb;
    if (code != arch::ConditionCode::zero || !collect(device, irb)) return fail("a channel does not stop");
    return want(irb.function_control == function, "stopped channel shows other functions");
  };
  const auto data_number = subchannel(data_device);
  const bool data_stopped = options_.iqd ? stopped(data_device, machine_.halt_subchannel(data_number), 2)
                                         : stopped(data_device, machine_.clear_subchannel(data_number), 1);
  return data_stopped && stopped(read_device, machine_.clear_subchannel(subchannel(read_device)), 1) &&
         stopped(write_device, machine_.clear_subchannel(subchannel(write_device)), 1);
}

}  // namespace vmlan::kit
