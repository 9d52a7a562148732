#include "hercules/nic_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "host/this_process.h"

namespace vmlan::hercules {

using arch::CommandEnding;
using namespace std::chrono_literals;

namespace {

// Device threads look this often whether their channel program is still wanted: CLEAR SUBCHANNEL and resets
// are not told to a device (Hercules 3.13).
constexpr auto wait_for_command = 20ms;
constexpr auto idle = 1000ms;
// What was lost is told at most this often.
constexpr auto between_reports = 1s;
// A guest gives input buffers with a signal; one that does not is found out this late.
constexpr auto look_again = 10ms;

// One number for all NICs of this process, another one for every other process.
std::uint64_t instance_of_process() {
  static const std::uint64_t instance = [] {
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    const auto seed = static_cast<std::uint64_t>(now) ^ static_cast<std::uint64_t>(host::process_number())
                                                            << 40U;
    return seed * 0x9e37'79b9'7f4a'7c15U;  // spreads the bits (Fibonacci hashing)
  }();
  return instance;
}

GuestNicSettings settings_of(const Statement& statement, const vnic_machine& machine) {
  GuestNicSettings settings;
  settings.device.kind = statement.kind;
  settings.device.base_device = {machine.device_number};
  settings.device.channel_path = machine.channel_path;
  settings.device.devices = statement.devices;
  settings.virtual_device = statement.nic.value_or(settings.device.base_device);
  return settings;
}

// Of a device that is switched off.
CommandEnding switched_off() { return CommandEnding::unit_check(); }

}  // namespace

NicClient::NicClient(const Statement& statement, const vnic_machine& machine)
    : statement_(statement),
      machine_(machine),
      path_(statement.system.value_or(BaseStarter::default_path())),
      base_(statement.devices),
      nic_(settings_of(statement, machine), base_.output(), trace_),
      may_start_base_(!statement.system.has_value()) {}

NicClient::~NicClient() { stop(); }

bool NicClient::start() {
  if (!statement_.trace.empty()) {
    const std::string error = trace_.open(statement_.trace, machine_.device_number);
    if (!error.empty()) {
      const auto text = fmt::format("HHC03817E Keyword 'trace': '{}': {}", statement_.trace, error);
      machine_.message(machine_.context, text.c_str());
      return false;
    }
  }
  if (!bell_.open()) return false;
  thread_ = std::thread([this] { run(); });
  host::name_thread(thread_, fmt::format("vnic-{:04X}", machine_.device_number));
  return true;
}

void NicClient::stop() {
  {
    const std::lock_guard guard(lock_);
    stopping_ = true;
  }
  changed_.notify_all();
  ring();
  if (thread_.joinable()) thread_.join();
}

void NicClient::set_storage(arch::GuestStorage storage) {
  const std::lock_guard guard(lock_);
  if (storage == storage_) return;
  storage_ = storage;
  let_go();
  nic_.set_storage(storage);
}

CommandEnding NicClient::write(unsigned index, std::uint8_t command, std::span<const std::byte> data) {
  const std::lock_guard guard(lock_);
  if (stopping_) return switched_off();
  const CommandEnding ending = nic_.write(index, command, data);
  if (nic_.take_ended()) changed_.notify_all();
  if (base_.wants_to_write()) ring();
  return ending;
}

CommandEnding NicClient::read(unsigned index, std::uint8_t command, std::span<std::byte> room) {
  const std::lock_guard guard(lock_);
  return stopping_ ? switched_off() : nic_.read(index, command, room);
}

CommandEnding NicClient::wait(unsigned index, std::span<std::byte> room) {
  std::unique_lock guard(lock_);
  if (stopping_) return switched_off();
  auto ending = nic_.ended(index, room);
  if (!ending && changed_.wait_for(guard, wait_for_command) == std::cv_status::no_timeout) {
    ending = nic_.ended(index, room);
  }
  return ending.value_or(CommandEnding::pending());
}

void NicClient::halt(unsigned index) {
  const std::lock_guard guard(lock_);
  nic_.halt(index);
  signalled_[index] = 0;
  to_do_[index] = 0;
  if (held_ && held_->device_index == index) let_go();
  ring();
}

bool NicClient::indicate_at(unsigned index, const std::optional<Indicators>& indicators) {
  const std::lock_guard guard(lock_);
  return nic_.indicate_at(index, stopping_ ? std::nullopt : indicators);
}

std::array<std::uint8_t, 32> NicClient::take_sense(unsigned index) {
  const std::lock_guard guard(lock_);
  auto sense = nic_.take_sense(index);
  if (stopping_) sense = {arch::sense::intervention_required};
  return sense;
}

void NicClient::signal_write(unsigned index, std::uint32_t queues) noexcept {
  if (index < signalled_.size() && signalled_[index].fetch_or(queues) == 0) ring();
}

void NicClient::ring() noexcept { bell_.ring(); }

std::string NicClient::describe() {
  const std::lock_guard guard(lock_);
  const Counters counters = nic_.counters();
  const auto nic = statement_.nic.value_or(arch::DeviceNumber{machine_.device_number});
  return fmt::format("{} NIC {:04X} {} sent {} received {} lost {}", statement_.user, nic.value,
                     base_.state() != BaseConnection::State::open ? "no system"
                     : lan_.empty()                               ? "not coupled"
                                                                  : lan_,
                     counters.sent, counters.received, counters.lost());
}

void NicClient::say(std::string text) { messages_.push_back(std::move(text)); }

link::Hello NicClient::hello() const {
  link::Hello hello;
  hello.instance = instance_of_process();
  hello.user = statement_.user;
  hello.base_device = statement_.nic.value_or(arch::DeviceNumber{machine_.device_number});
  hello.devices = statement_.devices;
  hello.kind = statement_.kind;
  hello.channel_path = machine_.channel_path;
  hello.mac_is_wish = statement_.mac.is_zero();
  hello.mac = hello.mac_is_wish ? mac_ : statement_.mac;
  hello.whole_super_frames = statement_.whole_super_frames;
  hello.lan_owner = statement_.lan_owner;
  hello.lan_name = statement_.lan_name;
  hello.vlan = statement_.vlan;
  hello.program = fmt::format("{}, device {:04X}", machine_.program, machine_.device_number);
  return hello;
}

std::chrono::milliseconds NicClient::sleep_for(Clock::time_point now) const {
  Clock::time_point until = now + idle;
  if (held_) until = std::min({until, give_up_, now + look_again});
  if (const auto next = reminders_.next(nic_.devices())) until = std::min(until, *next);
  if (base_.state() == BaseConnection::State::closed && !banished_) until = std::min(until, next_try_);
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(until - now), 0ms);
}

void NicClient::run() {
  std::vector<std::string> messages;
  std::unique_lock guard(lock_);
  while (!stopping_) {
    const host::Bell::Watched watched{base_.socket(), !held_, base_.wants_to_write()};
    const auto limit = sleep_for(Clock::now());
    guard.unlock();
    bell_.wait(watched, limit);
    guard.lock();
    if (stopping_) break;

    turn();
    if (nic_.take_ended()) changed_.notify_all();
    std::uint64_t interrupts = nic_.take_interrupts();
    messages.swap(messages_);
    guard.unlock();
    for (unsigned index = 0; interrupts != 0; ++index, interrupts >>= 1U) {
      if ((interrupts & 1U) != 0) machine_.interrupt(machine_.context, index);
    }
    for (const std::string& text : messages) machine_.message(machine_.context, text.c_str());
    messages.clear();
    guard.lock();
  }
  base_.close();
}

void NicClient::turn() {
  const auto now = Clock::now();
  if (starter_.reap()) say_settings_are_wrong();
  stop_stale_queues();
  connect_if_due(now);
  transmit();
  write();
  if (nic_.take_overrun()) disconnect("it does not read", 0ms);
  if (base_.state() != BaseConnection::State::closed) receive(now);
  if (now >= next_report_ && nic_.tell_losses()) next_report_ = now + between_reports;
  write();
  remind(now);
  // Queues that were left over: again at once, or when the socket has taken what is in their way.
  const bool left_over =
      std::any_of(to_do_.begin(), to_do_.end(), [](std::uint32_t queues) { return queues != 0; });
  if (left_over && base_.output().has_room(link::max_body)) ring();
}

void NicClient::write() {
  if (base_.state() == BaseConnection::State::closed || base_.write()) return;
  hear_last_words();
  if (base_.state() != BaseConnection::State::closed) disconnect("the connection broke", 0ms);
}

// A base that closes may have said why: what came before that is still to be read. No frame is waited with.
void NicClient::hear_last_words() {
  constexpr unsigned most_turns = 16;
  for (unsigned turns = 0; turns < most_turns && base_.state() != BaseConnection::State::closed; ++turns) {
    let_go();
    receive(Clock::now());
  }
}

// HiperSockets' driver looks at its output by itself, after each packet.
void NicClient::remind(Clock::time_point now) {
  if (statement_.kind == qdio::AdapterKind::iqd) return;
  for (unsigned index = 0; index < nic_.devices(); ++index) {
    if (nic_.take_completed(index)) reminders_.output_completed(index, now);
    if (nic_.take_given(index)) reminders_.input_given(index);
    if (reminders_.due(index, now)) nic_.remind(index);
  }
}

// A reset that nobody told us of: the storage is no longer this channel program's.
void NicClient::stop_stale_queues() {
  for (unsigned index = 0; index < nic_.devices(); ++index) {
    if (nic_.active(index) && machine_.active(machine_.context, index) == 0) nic_.halt(index);
  }
}

void NicClient::transmit() {
  for (unsigned index = 0; index < nic_.devices(); ++index) {
    const std::uint32_t queues = signalled_[index].exchange(0) | to_do_[index];
    to_do_[index] = 0;
    if (queues == 0 || !nic_.active(index)) continue;
    to_do_[index] = nic_.transmit(index, queues);
  }
}

}  // namespace vmlan::hercules
