// JoinedConnection: frames of the guest, and its queues.
#include "apps/serve/joined_connection.h"
#include "guestlan/data_port.h"

namespace vmlan::apps {

void LinkDesk::JoinedConnection::forward(const link::MessageView& message) {
  auto& port = nic()->port_of_data_device(message.device_index);
  qdio::Frame frame;
  frame.segments = 1;
  frame.segment[0] = {message.body.data(), static_cast<std::uint32_t>(message.body.size())};
  if (qdio::judge(frame)) {
    unpublished_ = true;
    const auto* lan = port.lan();
    const std::uint64_t work = lan != nullptr ? lan->group_work() : 0;
    desk_.sender_ = id_;
    port.transmit(frame);
    desk_.sender_.reset();
    if (lan != nullptr) work_ += lan->group_work() - work;
  } else {
    port.count_malformed(1);
  }
}

void LinkDesk::JoinedConnection::count_losses(const link::MessageView& message) {
  const auto told = link::parse_losses(message.body);
  guestlan::RemoteLosses losses;
  losses.no_system = told.no_system;
  losses.malformed = told.malformed;
  losses.no_empty_buffer = told.no_empty_buffer;
  losses.unusable_buffer = told.unusable_buffer;
  losses.not_active = told.not_active;
  nic()->port_of_data_device(message.device_index).count_losses(losses);
}

void LinkDesk::JoinedConnection::start_queues(unsigned device_index) {
  auto& sink = sinks_[device_index];
  const bool lossless = hello_.kind == qdio::AdapterKind::iqd;
  sink = std::make_unique<LinkSink>(desk_, id_, device_index, lossless);
  nic()->port_of_data_device(device_index).remote_queues(sink.get());
}

void LinkDesk::JoinedConnection::stop_queues(unsigned device_index) {
  nic()->port_of_data_device(device_index).remote_queues(nullptr);
  sinks_.erase(device_index);
}

}  // namespace vmlan::apps
