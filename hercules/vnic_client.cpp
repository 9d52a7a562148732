// The C interface over NicClient: types converted, nothing else.
#include "hercules/vnic_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "hercules/nic_client.h"
#include "hercules/statement.h"

using vmlan::arch::CommandEnding;
using vmlan::hercules::NicClient;
using vmlan::hercules::Statement;

struct vnic_client {
  NicClient client;
};

namespace {

vnic_ending to_c(const CommandEnding& ending) noexcept {
  return {ending.ended ? 0 : 1, ending.device_status, ending.transferred};
}

std::span<std::byte> bytes(unsigned char* data, std::uint32_t size) noexcept {
  return std::as_writable_bytes(std::span(data, size));
}

void say(const vnic_machine& machine, const std::string& text) noexcept {
  machine.message(machine.context, text.c_str());
}

std::variant<Statement, std::string> parse(int argc, char* argv[]) {
  const std::vector<std::string_view> operands(argv, argv + std::max(argc, 0));
  return vmlan::hercules::parse_statement(operands);
}

}  // namespace

vnic_statement vnic_statement_read(const vnic_machine* machine, int argc, char* argv[]) noexcept {
  const auto parsed = parse(argc, argv);
  if (const auto* error = std::get_if<std::string>(&parsed)) {
    say(*machine, *error);
    return {};
  }
  const auto& statement = std::get<Statement>(parsed);
  return {statement.devices, statement.kind == vmlan::qdio::AdapterKind::iqd ? 1 : 0,
          statement.channel_path.has_value() ? 1 : 0, statement.channel_path.value_or(0)};
}

vnic_client* vnic_client_open(const vnic_machine* machine, int argc, char* argv[]) noexcept {
  const auto parsed = parse(argc, argv);
  const auto* statement = std::get_if<Statement>(&parsed);
  if (statement == nullptr) {
    say(*machine, std::get<std::string>(parsed));
    return nullptr;
  }
  std::unique_ptr<vnic_client> client(new vnic_client{{*statement, *machine}});
  return client->client.start() ? client.release() : nullptr;
}

void vnic_client_stop(vnic_client* client) noexcept { client->client.stop(); }

void vnic_client_free(vnic_client* client) noexcept { const std::unique_ptr<vnic_client> owned(client); }

void vnic_client_storage(vnic_client* client, const vnic_storage* storage) noexcept {
  client->client.set_storage(
      {reinterpret_cast<std::byte*>(storage->base), storage->size, storage->keys, storage->key_shift});
}

vnic_ending vnic_client_write(vnic_client* client, unsigned index, unsigned char command,
                              const unsigned char* data, std::uint32_t size) noexcept {
  return to_c(client->client.write(index, command, std::as_bytes(std::span(data, size))));
}

vnic_ending vnic_client_read(vnic_client* client, unsigned index, unsigned char command, unsigned char* data,
                             std::uint32_t size) noexcept {
  return to_c(client->client.read(index, command, bytes(data, size)));
}

vnic_ending vnic_client_wait(vnic_client* client, unsigned index, unsigned char* data,
                             std::uint32_t size) noexcept {
  return to_c(client->client.wait(index, bytes(data, size)));
}

void vnic_client_wake(vnic_client* client) noexcept { client->client.wake(); }

void vnic_client_reset(vnic_client* client, unsigned index) noexcept { client->client.halt(index); }

int vnic_client_indicate_at(vnic_client* client, unsigned index, const vnic_indicators* indicators) noexcept {
  std::optional<vmlan::hercules::Indicators> at;
  if (indicators != nullptr) {
    at = {indicators->device, vmlan::arch::access_key(indicators->device_key), indicators->summary,
          vmlan::arch::access_key(indicators->summary_key)};
  }
  return client->client.indicate_at(index, at) ? 1 : 0;
}

void vnic_client_sense(vnic_client* client, unsigned index, unsigned char sense[32]) noexcept {
  const auto taken = client->client.take_sense(index);
  std::memcpy(sense, taken.data(), taken.size());
}

void vnic_client_signal(vnic_client* client, unsigned index, vnic_signal signal,
                        std::uint32_t queues) noexcept {
  if (signal == VNIC_SIGNAL_WRITE) {
    client->client.signal_write(index, queues);
  } else {
    client->client.signal_read();
  }
}

namespace {
std::mutex cards;
}

void vnic_cards_lock() noexcept { cards.lock(); }
void vnic_cards_unlock() noexcept { cards.unlock(); }

void vnic_client_describe(vnic_client* client, char* text, std::size_t size) noexcept {
  if (size == 0) return;
  const std::string line = client->client.describe();
  const std::size_t length = std::min(line.size(), size - 1);
  std::memcpy(text, line.data(), length);
  text[length] = '\0';
}
