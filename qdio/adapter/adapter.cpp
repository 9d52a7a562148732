#include "qdio/adapter/adapter.h"

#include "qdio/adapter/adapter_connection.h"

namespace vmlan::qdio {

Adapter::Adapter(const AdapterIdentity& identity, AdapterPorts& ports, ControlReplies& replies)
    : connection_(std::make_unique<Connection>(identity, ports, replies)) {}

Adapter::~Adapter() = default;

void Adapter::receive(unsigned device_index, std::span<const std::byte> message) {
  connection_->receive(device_index, message);
}

std::optional<unsigned> Adapter::read_device() const noexcept { return connection_->read_device(); }

std::optional<unsigned> Adapter::write_device() const noexcept { return connection_->write_device(); }

void Adapter::reset() { connection_->reset(); }

void Adapter::reset(AdapterPort& port) { connection_->reset(port); }

bool Adapter::has(const AdapterPort& port) const noexcept { return connection_->has(port); }

void Adapter::lan_lost(AdapterPort& port) { connection_->notify(port, IpaCommand::stop_lan); }

void Adapter::lan_restored(AdapterPort& port) { connection_->notify(port, IpaCommand::start_lan); }

}  // namespace vmlan::qdio
