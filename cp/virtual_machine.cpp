#include "cp/virtual_machine.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "cp/command.h"
#include "cp/system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

// FNV-1a: a user's chance depends on its name, not on who logged on before.
std::uint64_t seed_of(std::string_view userid, std::uint64_t system_seed) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ system_seed;
  for (const char c : userid) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return arch::Prng(hash).next();
}

}  // namespace

VirtualMachine::VirtualMachine(System& system, std::shared_ptr<const UserEntry> entry, std::uint64_t sequence)
    : system_(system),
      entry_(std::move(entry)),
      storage_(system.storages, entry_->storage),
      seed_(seed_of(entry_->userid, system.options().seed)),
      line_end_(entry_->line_end),
      logged_on_at_(system.clock().now()) {
  turn_.machine = this;
  turn_.sequence = sequence;
}

VirtualMachine::~VirtualMachine() {
  assert(!in_turn_);
  set_program(nullptr);
  system_.turns.remove(turn_);
}

// --- The program --------------------------------------------------------------------------------------

void VirtualMachine::set_program(std::unique_ptr<arch::Program> program) {
  if (std::exchange(command_runs_, false) && !in_turn_) system_.cut_off.emplace(userid());
  // Its own run() may be on the stack: then it lives until that returns.
  if (in_turn_ && !ended_program_) ended_program_ = std::move(program_);
  program_ = std::move(program);
  reads_console_ = false;
  external_pending_ = false;
  system_.turns.set_deadline(turn_, std::nullopt);
  if (may_run()) system_.turns.make_ready(turn_);
}

bool VirtualMachine::run_turn() {
  if (!may_run()) return false;
  const auto start = clock().now();
  in_turn_ = true;
  const arch::Wait wait = program_->run();
  in_turn_ = false;
  processor_time_ += clock().now() - start;
  if (ended_program_) {
    ended_program_.reset();
    return true;
  }
  settle(wait);
  return true;
}

void VirtualMachine::settle(const arch::Wait& wait) {
  reads_console_ = wait.console_read;
  if (reads_console_ && typed_.empty()) command_runs_ = false;
  system_.turns.set_deadline(turn_, wait.until);
  if (external_pending_) {
    external_pending_ = false;
    external_interrupt();
  }
  const bool input = reads_console_ && !typed_.empty();
  if (may_run() && (input || !interruptions_.empty() || !ends_due_.empty())) system_.turns.make_ready(turn_);
}

void VirtualMachine::leave_cp_mode() {
  cp_mode_ = false;
  if (may_run()) system_.turns.make_ready(turn_);
}

void VirtualMachine::set_run_in_cp_mode(bool on) {
  run_in_cp_mode_ = on;
  if (may_run()) system_.turns.make_ready(turn_);
}

void VirtualMachine::external_interrupt() {
  if (program_ == nullptr) return;
  if (in_turn_) {
    external_pending_ = true;
    return;
  }
  program_->external_interrupt();
  if (may_run()) system_.turns.make_ready(turn_);
}

void VirtualMachine::reset_devices() {
  for (const auto& [base, nic] : nics_) {
    // The one in front of an emulator's guest is that guest's to reset.
    if (!nic->handed_over()) nic->system_reset();
  }
  interruptions_.clear();
  ends_due_.clear();
  typed_.clear();
}

void VirtualMachine::system_reset() {
  reset_devices();
  set_program(nullptr);
}

// --- The console --------------------------------------------------------------------------------------

void VirtualMachine::type_ahead(std::string line) {
  typed_.push_back(std::move(line));
  command_runs_ = program_ != nullptr;
  if (may_run()) system_.turns.make_ready(turn_);
}

void VirtualMachine::write_console(std::string_view line) { system_.tell(userid(), line); }

std::optional<std::string> VirtualMachine::read_console() {
  if (typed_.empty()) return std::nullopt;
  auto line = std::move(typed_.front());
  typed_.pop_front();
  return line;
}

arch::DiagnoseReply VirtualMachine::diagnose_8(std::string_view command) {
  auto reply = execute(system_, *this, printable(command));
  // What ends the program by its own wish has done what was typed.
  if (system_.logoff_pending(userid()) || !connected() || in_cp_mode()) command_runs_ = false;
  return {reply.code, std::move(reply.lines)};
}

const arch::Clock& VirtualMachine::clock() const { return system_.clock(); }

arch::Minidisk* VirtualMachine::minidisk(arch::DeviceNumber device) {
  return system_.disks.find(userid(), device, DiskPool::Rights::user);
}

// --- Devices ------------------------------------------------------------------------------------------

VirtualNic* VirtualMachine::find_nic(arch::DeviceNumber base) const {
  const auto found = nics_.find(base);
  return found == nics_.end() ? nullptr : found->second.get();
}

VirtualNic* VirtualMachine::nic_of_device(arch::DeviceNumber device) const {
  auto after = nics_.upper_bound(device);
  if (after == nics_.begin()) return nullptr;
  auto* nic = std::prev(after)->second.get();
  return nic->has_device(device) ? nic : nullptr;
}

guestlan::Nic* VirtualMachine::nic(arch::DeviceNumber base) const {
  auto* found = find_nic(base);
  return found == nullptr ? nullptr : &found->base();
}

VirtualNic& VirtualMachine::add_nic(const guestlan::NicSettings& settings, std::uint16_t first_subchannel) {
  const auto end = std::size_t{first_subchannel} + settings.devices;
  arch::SubchannelInterrupts& interrupts = *this;
  auto nic = std::make_unique<VirtualNic>(settings, first_subchannel, storage_.view(), interrupts);
  if (subchannels_.size() < end) subchannels_.resize(end);
  for (unsigned i = 0; i < settings.devices; ++i) subchannels_[first_subchannel + i] = {nic.get(), i};
  return *nics_.emplace(settings.base_device, std::move(nic)).first->second;
}

void VirtualMachine::remove_nic(arch::DeviceNumber base) {
  const auto found = nics_.find(base);
  if (found == nics_.end()) return;
  auto& nic = *found->second;
  const auto settings = nic.base().settings();
  system_.uncouple(nic.base());
  for (unsigned i = 0; i < settings.devices; ++i) subchannels_[nic.first_subchannel() + i] = {};
  while (!subchannels_.empty() && subchannels_.back().nic == nullptr) subchannels_.pop_back();
  nics_.erase(found);
  system_.vmlan.macs.release(settings);
}

bool VirtualMachine::device_in_use(arch::DeviceNumber device) const {
  const auto& entry = *entry_;
  const auto has_number = [&](const auto& definition) { return definition.device == device; };
  return device == entry.console || nic_of_device(device) != nullptr ||
         std::any_of(entry.disks.begin(), entry.disks.end(), has_number) ||
         std::any_of(entry.links.begin(), entry.links.end(), has_number) || device == cms_work_disk;
}

std::uint8_t VirtualMachine::free_channel_path() const {
  for (unsigned path = 0; path <= 0xff; ++path) {
    const bool taken = std::any_of(nics_.begin(), nics_.end(), [&](const auto& nic) {
      return nic.second->base().settings().channel_path == path;
    });
    if (!taken) return static_cast<std::uint8_t>(path);
  }
  return 0;  // all in use: NICs may share a channel path
}

std::optional<std::uint16_t> VirtualMachine::free_subchannels(unsigned count) const {
  constexpr std::size_t subchannel_numbers = 0x10000;
  std::size_t start = 0;
  for (std::size_t number = 0; number < subchannels_.size() && number - start < count; ++number) {
    if (subchannels_[number].nic != nullptr) start = number + 1;
  }
  if (start + count > subchannel_numbers) return std::nullopt;
  return static_cast<std::uint16_t>(start);
}

// --- Input/output instructions ------------------------------------------------------------------------

arch::Subchannel* VirtualMachine::subchannel(arch::SubchannelNumber number) {
  take_ends();
  if (number.value >= subchannels_.size()) return nullptr;
  const auto& slot = subchannels_[number.value];
  return slot.nic == nullptr || slot.nic->handed_over() ? nullptr : &slot.nic->subchannel(slot.device_index);
}

std::optional<arch::Schib> VirtualMachine::store_subchannel(arch::SubchannelNumber number) {
  const auto* found = subchannel(number);
  if (found == nullptr) return std::nullopt;
  return found->store();
}

arch::ConditionCode VirtualMachine::modify_subchannel(arch::SubchannelNumber number, bool enabled) {
  auto* found = subchannel(number);
  return found == nullptr ? arch::ConditionCode::three : found->modify(enabled);
}

arch::ConditionCode VirtualMachine::start_subchannel(arch::SubchannelNumber number, const arch::Orb& orb) {
  auto* found = subchannel(number);
  return found == nullptr ? arch::ConditionCode::three : found->start(orb);
}

arch::ConditionCode VirtualMachine::halt_subchannel(arch::SubchannelNumber number) {
  auto* found = subchannel(number);
  return found == nullptr ? arch::ConditionCode::three : found->halt();
}

arch::ConditionCode VirtualMachine::clear_subchannel(arch::SubchannelNumber number) {
  auto* found = subchannel(number);
  return found == nullptr ? arch::ConditionCode::three : found->clear();
}

arch::ConditionCode VirtualMachine::test_subchannel(arch::SubchannelNumber number, arch::Irb& irb) {
  auto* found = subchannel(number);
  return found == nullptr ? arch::ConditionCode::three : found->test(irb);
}

arch::ConditionCode VirtualMachine::signal_adapter(const arch::Siga& operands) {
  const auto number = operands.subchannel.value;
  if (number >= subchannels_.size()) return arch::ConditionCode::three;
  const auto& slot = subchannels_[number];
  if (slot.nic == nullptr || slot.nic->handed_over()) return arch::ConditionCode::three;
  return slot.nic->device().signal_adapter(slot.device_index, static_cast<std::uint32_t>(operands.function),
                                           operands.mask);
}

std::optional<arch::SubchannelNumber> VirtualMachine::test_pending_interruption() {
  take_ends();
  if (interruptions_.empty()) return std::nullopt;
  const auto number = interruptions_.front();
  interruptions_.erase(interruptions_.begin());
  return number;
}

void VirtualMachine::pending(arch::SubchannelNumber number) {
  interruptions_.push_back(number);
  if (may_run()) system_.turns.make_ready(turn_);
}

// A chain that goes on may make other ends due; it ends with its channel program, which is bounded.
void VirtualMachine::take_ends() {
  while (!ends_due_.empty()) {
    const auto number = ends_due_.front().value;
    ends_due_.erase(ends_due_.begin());
    if (number >= subchannels_.size() || subchannels_[number].nic == nullptr) continue;
    subchannels_[number].nic->device().end_command(subchannels_[number].device_index);
  }
}

void VirtualMachine::end_due(arch::SubchannelNumber number) {
  ends_due_.push_back(number);
  if (may_run()) system_.turns.make_ready(turn_);
}

void VirtualMachine::withdrawn(arch::SubchannelNumber number) { std::erase(interruptions_, number); }

}  // namespace vmlan::cp
