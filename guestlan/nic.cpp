#include "guestlan/nic.h"

#include <algorithm>

#include "arch/prefetch.h"

namespace vmlan::guestlan {

// One data device in use, and the adapter of the session that names it first: a session may have further data
// devices, whose ports are then that adapter's.
class Nic::DataPath final : public qdio::ControlReplies, public qdio::AdapterPorts {
 public:
  DataPath(Nic& nic, unsigned data_index, DataPort& port)
      : nic_(nic), data_index_(data_index), port_(port), adapter_(identity(nic), *this, *this) {}

  unsigned data_index() const noexcept { return data_index_; }
  DataPort& port() noexcept { return port_; }
  qdio::Adapter& adapter() noexcept { return adapter_; }

  Role control_role(unsigned device_index) const {
    if (adapter_.read_device() == device_index) return Role::control_read;
    if (adapter_.write_device() == device_index) return Role::control_write;
    return Role::unassigned;
  }
  bool controlled_by(unsigned device_index) const { return control_role(device_index) != Role::unassigned; }
  // One of the session's channels is active, and the other one is not yet.
  bool waits_for_its_other_channel() const {
    return adapter_.read_device().has_value() != adapter_.write_device().has_value();
  }

  qdio::AdapterPort* port_of(const qdio::DataPathName& name, unsigned device_index) override {
    const auto& settings = nic_.settings();
    const auto index = qdio::data_device_index(name, settings.base_device, settings.devices, device_index);
    return index ? &nic_.path_of_data_device(*index).port() : nullptr;
  }

  void reply(unsigned device_index, qdio::Message message) override {
    nic_.reply(device_index, std::move(message));
  }

 private:
  static qdio::AdapterIdentity identity(const Nic& nic) {
    qdio::AdapterIdentity identity;
    identity.kind = nic.settings_.kind;
    identity.base_device = nic.settings_.base_device;
    identity.channel_path = nic.settings_.channel_path;
    return identity;
  }

  Nic& nic_;
  unsigned data_index_;
  DataPort& port_;
  qdio::Adapter adapter_;
};

wire::MacAddress NicSettings::mac_of_station(unsigned station) const noexcept {
  wire::MacAddress address = mac;
  address.bytes[1] ^= static_cast<std::uint8_t>(station);
  address.bytes[2] ^= static_cast<std::uint8_t>(station >> 8U);
  return address;
}

Nic::Nic(NicSettings settings) : settings_(std::move(settings)) {}

Nic::~Nic() { uncouple(); }

void Nic::set_mac(const wire::MacAddress& mac) {
  settings_.mac = mac;
  for (const auto& port : ports_) port->take_mac_of_nic();
}

void Nic::set_mac_protection(MacProtection protection) noexcept {
  settings_.mac_protect = protection;
  for (const auto& port : ports_) port->set_mac_protection(protection);
}

void Nic::take_whole_super_frames(bool on) noexcept {
  settings_.whole_super_frames = on;
  for (const auto& port : ports_) port->take_whole_super_frames(on);
}

void Nic::set_port_rules(const std::optional<PortRules>& rules) {
  rules_ = rules;
  for (const auto& port : ports_) port->set_rules(port_rules());
}

void Nic::listen_as(const PortWishes& wishes) {
  if (wishes.promiscuous == true) return;
  for (const auto& port : ports_) port->listen(false);
}

CoupleResult Nic::couple(Lan& lan, bool authorized) {
  const bool hipers = settings_.kind == qdio::AdapterKind::iqd;
  if (lan_ != nullptr) return CoupleResult::already_coupled;
  if (hipers != (lan.attributes().type == LanType::hipers)) return CoupleResult::wrong_type;
  if (!authorized && !lan.authorizes(settings_.owner)) return CoupleResult::not_authorized;
  const auto limit = lan.attributes().max_connections;
  if (limit && lan.nics().size() >= *limit) return CoupleResult::lan_full;

  lan_ = &lan;
  coupled_at_ = total();
  lan.add(*this);
  for (const auto& path : paths_) {
    path->port().join(lan);
    // A session of the other transport finds no LAN here: its driver is told once more, and may try another.
    const bool here = path->port().lan_online();
    for (const auto& session : paths_) {
      qdio::Adapter& adapter = session->adapter();
      if (here) {
        adapter.lan_restored(path->port());
      } else {
        adapter.lan_lost(path->port());
      }
    }
  }
  return CoupleResult::coupled;
}

void Nic::uncouple() {
  if (lan_ == nullptr) return;
  for (const auto& path : paths_) {
    path->port().leave();
    for (const auto& session : paths_) session->adapter().lan_lost(path->port());
  }
  lan_->remove(*this);
  lan_ = nullptr;
  directory_ = {};
  set_port_rules(std::nullopt);
}

Nic::Role Nic::role(unsigned device_index) const {
  const DataPath* path = path_of(device_index);
  if (path == nullptr) return Role::unassigned;
  return path->controlled_by(device_index) ? path->control_role(device_index) : Role::data;
}

Counters Nic::total() const {
  Counters sum;
  for (const auto& port : ports_) sum += port->counters();
  return sum;
}

Counters Nic::since_coupled() const {
  Counters now = total();
  now -= coupled_at_;
  return now;
}

Nic::DataPath& Nic::path_of_data_device(unsigned device_index) {
  for (const auto& path : paths_) {
    if (path->data_index() == device_index) return *path;
  }
  ports_.push_back(std::make_unique<DataPort>(*this, device_index));
  DataPort& port = *ports_.back();
  if (lan_ != nullptr) port.join(*lan_);
  paths_.push_back(std::make_unique<DataPath>(*this, device_index, port));
  return *paths_.back();
}

Nic::DataPath* Nic::path_of(unsigned device_index) const {
  for (const auto& path : paths_) {
    if (path->controlled_by(device_index)) return path.get();
  }
  for (const auto& path : paths_) {
    if (path->data_index() == device_index) return path.get();
  }
  return nullptr;
}

DataPort* Nic::find_port(unsigned device_index) const {
  for (const auto& path : paths_) {
    if (path->data_index() == device_index) return &path->port();
  }
  return nullptr;
}

void Nic::end_control_role(unsigned device_index, const DataPath* session) {
  for (const auto& path : paths_) {
    if (path.get() != session && path->controlled_by(device_index)) path->adapter().reset();
  }
}

void Nic::end_data_role(unsigned device_index, const DataPath* session) {
  DataPort* port = find_port(device_index);
  if (port == nullptr) return;
  for (const auto& path : paths_) {
    if (path.get() != session && path->adapter().has(*port)) path->adapter().reset(*port);
  }
}

DataPort& Nic::port_of_data_device(unsigned device_index) { return path_of_data_device(device_index).port(); }

void Nic::reply(unsigned device_index, qdio::Message message) {
  if (replies_ == nullptr) return;
  if (lan_ != nullptr) lan_->show_control(*this, true, message);
  replies_->reply(device_index, std::move(message));
}

void Nic::send(unsigned device_index, std::span<const std::byte> message) {
  if (lan_ != nullptr) lan_->show_control(*this, false, message);
  if (const auto activate = qdio::parse_idx_activate(message)) {
    return activate_channel(device_index, *activate, message);
  }
  // A PDU from a device that activated nothing gets no answer, as from a real channel.
  if (DataPath* path = path_of(device_index)) path->adapter().receive(device_index, message);
}

// Of a device's two channels the second one may name the data devices in another order than the first one.
Nic::DataPath& Nic::session_of(unsigned device_index, const std::vector<unsigned>& data_devices) {
  for (const auto& path : paths_) {
    if (!path->waits_for_its_other_channel() || path->controlled_by(device_index)) continue;
    const bool names_all = std::all_of(data_devices.begin(), data_devices.end(), [&](unsigned data_device) {
      const DataPort* port = find_port(data_device);
      return port != nullptr && path->adapter().has(*port);
    });
    if (names_all) return *path;
  }
  return path_of_data_device(data_devices.front());
}

void Nic::activate_channel(unsigned device_index, const qdio::IdxActivate& activate,
                           std::span<const std::byte> message) {
  std::vector<unsigned> data_devices;
  for (const qdio::DataPathName& name : activate.data_paths) {
    const auto index = qdio::data_device_index(name, settings_.base_device, settings_.devices, device_index);
    if (index) data_devices.push_back(*index);
  }
  if (data_devices.empty()) {
    return reply(device_index, qdio::refuse_idx_activate(message));
  }
  DataPath& session = session_of(device_index, data_devices);
  end_control_role(device_index, &session);
  end_data_role(device_index, nullptr);
  for (const unsigned data_device : data_devices) {
    end_control_role(data_device, nullptr);
    end_data_role(data_device, &session);
  }
  session.adapter().receive(device_index, message);
}

void Nic::queues_started(unsigned device_index, qdio::DataQueues& queues) {
  end_control_role(device_index, nullptr);
  DataPort& port = path_of_data_device(device_index).port();
  port.queues_started(queues);
  if (by_device_.size() <= device_index) by_device_.resize(device_index + 1);
  by_device_[device_index] = &port;
}

void Nic::queues_stopped(unsigned device_index) { path_of_data_device(device_index).port().queues_stopped(); }

void Nic::bring_near(unsigned step) const noexcept {
  if (step == 0) {
    __builtin_prefetch(this);
    return arch::prefetch_object(by_device_);
  }
  if (step == 1) {
    __builtin_prefetch(by_device_.data());
    return __builtin_prefetch(ports_.data());
  }
  if (ports_.empty()) return;
  const DataPort& port = *ports_.front();
  if (step == 2) return port.prefetch();
  const auto* queues = port.queues();
  if (queues == nullptr) return;
  switch (step) {
    case 3:
      return queues->prefetch();
    case 4:
      queues->prefetch_output_state();
      return queues->prefetch_state(0);
    case 5:
      queues->prefetch_output_sbal();
      return queues->prefetch_sbal(0);
    default:
      return queues->prefetch_buffer(0);
  }
}

void Nic::transmit(unsigned device_index, qdio::DataQueues& queues, std::uint32_t mask) {
  by_device_[device_index]->transmit(queues, mask);
}

void Nic::reset(unsigned device_index) {
  for (const auto& path : paths_) {
    if (path->controlled_by(device_index)) return path->adapter().reset();
  }
  DataPort* port = find_port(device_index);
  if (port == nullptr) return;
  for (const auto& path : paths_) {
    if (path->adapter().has(*port)) return path->adapter().reset(*port);
  }
  port->reset();
}

}  // namespace vmlan::guestlan
