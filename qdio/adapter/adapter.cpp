#include "qdio/adapter/adapter.h"

#include "qdio/adapter/adapter_session.h"

namespace vmlan::qdio {

Adapter::Adapter(const AdapterIdentity& identity, AdapterPort& port, ControlReplies& replies)
    : session_(std::make_unique<Session>(identity, port, replies)) {}

Adapter::~Adapter() = default;

void Adapter::receive(unsigned device_index, std::span<const std::byte> message) {
  session_->receive(device_index, message);
}

void Adapter::reset() { session_->reset(); }

void Adapter::lan_lost() { session_->notify(IpaCommand::stop_lan); }

void Adapter::lan_restored() { session_->notify(IpaCommand::start_lan); }

}  // namespace vmlan::qdio
