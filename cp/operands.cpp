#include "cp/operands.h"

#include "cp/system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {

Operand<arch::DeviceNumber> take_device(Request& request) {
  const auto device = parse_device(request.words.next());
  if (!device) return {{}, request.fail(Message::device_number_invalid)};
  return {*device, std::nullopt};
}

Operand<DeviceRange> take_devices(Request& request) {
  const auto word = request.words.next();
  const auto dash = word.find('-');
  const auto first = parse_device(std::string_view(word).substr(0, dash));
  const auto last = dash == std::string::npos ? first : parse_device(std::string_view(word).substr(dash + 1));
  if (!first || !last || *last < *first) return {{}, request.fail(Message::device_number_invalid)};
  return {{*first, *last}, std::nullopt};
}

Operand<std::string> take_name(Request& request) {
  auto name = request.words.next();
  if (name.empty()) return {{}, request.fail(Message::operand_missing)};
  if (!valid_name(name)) return {{}, request.fail(Message::invalid_operand, {name})};
  return {std::move(name), std::nullopt};
}

Operand<std::string> take_owner(Request& request) {
  if (request.words.take("*")) return {std::string(request.issuer), std::nullopt};
  auto owner = request.words.next();
  if (!valid_name(owner)) return {{}, request.fail(Message::userid_missing)};
  return {std::move(owner), std::nullopt};
}

Operand<VirtualNic*> take_nic(Request& request) {
  const auto device = take_device(request);
  if (!device) return {nullptr, device.error};
  if (auto* nic = request.own_machine().find_nic(device.value)) return {nic, std::nullopt};
  if (const auto* nic = request.own_machine().nic_of_device(device.value)) {
    const auto base = to_string(nic->base().settings().base_device);
    return {nullptr, request.fail(Message::part_of_nic, {to_string(device.value), base})};
  }
  const auto message = request.own_machine().device_in_use(device.value) ? Message::invalid_device_type
                                                                         : Message::device_does_not_exist;
  return {nullptr, request.fail(message, {to_string(device.value)})};
}

Operand<std::uint32_t> take_number(Request& request, std::uint32_t least, std::uint32_t most) {
  const auto word = request.words.next();
  const auto number = parse_decimal(word);
  if (word.empty()) return {0, request.fail(Message::operand_missing)};
  if (!number || *number < least || *number > most) {
    return {0, request.fail(Message::invalid_operand, {word})};
  }
  return {*number, std::nullopt};
}

std::optional<bool> take_on_off(Words& words) {
  if (words.take("ON")) return true;
  if (words.take("OFF")) return false;
  return std::nullopt;
}

bool may_act_for(const Request& request, std::string_view owner) {
  return request.has_class("B") || owner == request.issuer;
}

}  // namespace vmlan::cp
