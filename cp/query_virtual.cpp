// QUERY VIRTUAL. Source: CP Commands; OSA lines from a log of z/VM 6.3, disk lines ours.
#include <fmt/format.h>

#include "cp/commands.h"
#include "cp/logon.h"
#include "cp/operands.h"
#include "cp/system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

using Lines = std::vector<std::string>;

void append_device(Lines& lines, const VirtualNic& nic, unsigned index) {
  const auto& settings = nic.base().settings();
  const bool hipers = settings.kind == qdio::AdapterKind::iqd;
  const std::string_view type = hipers ? "HIPER" : "OSA";
  const auto device = settings.base_device.value + index;
  bool active = false;
  for (const auto& port : nic.base().ports()) {
    active = active || (port->device_index() == index && port->queues() != nullptr);
  }
  lines.push_back(fmt::format("{:<4} {:04X} ON NIC  {}  UNIT {:03X} SUBCHANNEL = {:04X}", type, device,
                              to_string(settings.base_device), index, nic.first_subchannel() + index));
  lines.push_back(fmt::format("     {:04X} DEVTYPE {:<11} VIRTUAL CHPID {:02X} {}", device, type,
                              settings.channel_path, hipers ? "IQD" : "OSD"));
  if (!hipers) {
    lines.push_back(fmt::format("     {:04X} MAC {} CURRENT", device, wire::to_string(settings.mac)));
  }
  lines.push_back(fmt::format("     {:04X} {:<20}{}", device, active ? "QDIO ACTIVE" : "QDIO-ELIGIBLE",
                              active ? "QIOASSIST ACTIVE" : "QIOASSIST-ELIGIBLE"));
}

void append_nics(Lines& lines, const VirtualMachine& user) {
  for (const auto& [base, nic] : user.nics()) {
    for (unsigned i = 0; i < nic->base().settings().devices; ++i) append_device(lines, *nic, i);
  }
}

std::string storage_line(const VirtualMachine& user) {
  const auto bytes = user.entry().storage;
  if (bytes % (std::uint64_t{1} << 30U) == 0) return fmt::format("STORAGE = {}G", bytes >> 30U);
  if (bytes % megabyte == 0) return fmt::format("STORAGE = {}M", bytes / megabyte);
  return fmt::format("STORAGE = {}K", bytes >> 10U);
}

std::string console_line(const VirtualMachine& user) {
  const auto device = to_string(user.entry().console);
  if (!user.connected()) return fmt::format("CONS {} DISCONNECTED  TERM START", device);
  return fmt::format("CONS {} ON {}  TERM START", device, user.terminal());
}

// "DASD 0191 MEMORY   R/W", "DASD 0192 HOST     R/O /srv/files", "DASD 0190 LINK     R/O MAINT 0190"
void append_disks(Lines& lines, const VirtualMachine& user) {
  const auto mode = [](bool read_only) { return read_only ? "R/O" : "R/W"; };
  const auto& entry = user.entry();
  bool work_disk_defined = false;
  for (const auto& disk : entry.disks) {
    work_disk_defined = work_disk_defined || disk.device == cms_work_disk;
    const bool memory = disk.host_path.empty();
    lines.push_back(fmt::format("DASD {} {:<8} {}{}{}", to_string(disk.device), memory ? "MEMORY" : "HOST",
                                mode(disk.read_only), memory ? "" : " ", disk.host_path));
  }
  for (const auto& link : entry.links) {
    work_disk_defined = work_disk_defined || link.device == cms_work_disk;
    lines.push_back(fmt::format("DASD {} {:<8} {} {} {}", to_string(link.device), "LINK",
                                mode(link.read_only), link.owner, to_string(link.owner_device)));
  }
  if (!work_disk_defined) {
    lines.push_back(fmt::format("DASD {} {:<8} {}", to_string(cms_work_disk), "MEMORY", mode(false)));
  }
}

void append_any_device(Lines& lines, const VirtualMachine& user, arch::DeviceNumber device) {
  if (!user.device_in_use(device)) return;
  if (const auto* nic = user.nic_of_device(device)) {
    return append_device(lines, *nic, device.value - unsigned{nic->base().settings().base_device.value});
  }
  if (device == user.entry().console) return lines.push_back(console_line(user));
  Lines disks;
  append_disks(disks, user);
  for (auto& line : disks) {
    if (line.compare(5, 4, to_string(device)) == 0) lines.push_back(std::move(line));
  }
}

}  // namespace

Reply query_virtual_all(Request& request) {
  if (!request.at_end()) return request.fail_option();
  Reply reply(storage_line(request.own_machine()));
  reply.lines.push_back(console_line(request.own_machine()));
  append_nics(reply.lines, request.own_machine());
  append_disks(reply.lines, request.own_machine());
  return reply;
}

Reply query_virtual_osa(Request& request) {
  if (!request.at_end()) return request.fail_option();
  Reply reply;
  append_nics(reply.lines, request.own_machine());
  return reply.lines.empty() ? request.fail(Message::no_nic) : reply;
}

Reply query_virtual_storage(Request& request) {
  if (!request.at_end()) return request.fail_option();
  return Reply(storage_line(request.own_machine()));
}

Reply query_virtual_device(Request& request) {
  if (request.at_end()) return query_virtual_all(request);
  const auto range = take_devices(request);
  if (!range) return *range.error;
  if (!request.at_end()) return request.fail_option();
  Reply reply;
  for (unsigned number = range.value.first.value; number <= range.value.last.value; ++number) {
    append_any_device(reply.lines, request.own_machine(), {static_cast<std::uint16_t>(number)});
  }
  const auto first = to_string(range.value.first);
  return reply.lines.empty() ? request.fail(Message::device_does_not_exist, {first}) : reply;
}

}  // namespace vmlan::cp
