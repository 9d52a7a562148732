#include "cms/stack/tcp_connection.h"

#include <algorithm>
#include <utility>

#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {

std::string_view to_string(TcpConnection::Event event) noexcept {
  switch (event) {
    case TcpConnection::Event::none:
      return "no error";
    case TcpConnection::Event::refused:
      return "connection refused";
    case TcpConnection::Event::reset:
      return "connection reset";
    case TcpConnection::Event::timed_out:
      return "connection timed out";
    case TcpConnection::Event::no_route:
      return "no route to the host";
    case TcpConnection::Event::no_memory:
      return "no memory for the connection";
  }
  return "unknown error";
}

TcpConnection::~TcpConnection() { abort(); }

void TcpConnection::set_callbacks() {
  LwipInstance& lwip = stack_.lwip();
  lwip->tcp_arg(pcb_, this);
  lwip->tcp_recv(pcb_, on_received);
  lwip->tcp_sent(pcb_, on_sent);
  lwip->tcp_err(pcb_, on_error);
}

void TcpConnection::connect(const wire::IpAddress& address, std::uint16_t port) {
  peer_ = address;
  peer_port_ = port;
  const ip_addr_t target = to_lwip(address);
  pcb_ = stack_.lwip()->tcp_new_ip_type(target.type);
  if (pcb_ == nullptr) {
    event_ = Event::no_memory;
    return;
  }
  set_callbacks();
  const err_t error = stack_.lwip()->tcp_connect(pcb_, &target, port, on_connected);
  if (error == ERR_OK) return;
  event_ = error == ERR_RTE ? Event::no_route : Event::no_memory;
  abort();
}

void TcpConnection::adopt(tcp_pcb* accepted) {
  pcb_ = accepted;
  peer_ = from_lwip(accepted->remote_ip);
  peer_port_ = accepted->remote_port;
  connected_ = true;
  set_callbacks();
}

std::size_t TcpConnection::write(std::span<const std::byte> bytes, bool more) {
  std::size_t written = 0;
  while (pcb_ != nullptr && written < bytes.size()) {
    const std::size_t room = std::min<std::size_t>(tcp_sndbuf(pcb_), 0xffff);
    const std::size_t part = std::min(bytes.size() - written, room);
    if (part == 0) break;
    const bool follows = more || written + part < bytes.size();
    const auto flags = static_cast<u8_t>(TCP_WRITE_FLAG_COPY | (follows ? TCP_WRITE_FLAG_MORE : 0));
    if (stack_.lwip()->tcp_write(pcb_, bytes.data() + written, static_cast<u16_t>(part), flags) != ERR_OK)
      break;
    written += part;
  }
  return written;
}

void TcpConnection::push() {
  if (pcb_ != nullptr) stack_.lwip()->tcp_output(pcb_);
}

bool TcpConnection::finish_writing() {
  return pcb_ != nullptr && stack_.lwip()->tcp_shutdown(pcb_, 0, 1) == ERR_OK;
}

std::vector<std::byte> TcpConnection::take() {
  std::size_t credit = arrived_.size();
  while (pcb_ != nullptr && credit > 0) {
    const auto part = static_cast<u16_t>(std::min<std::size_t>(credit, 0xffff));
    stack_.lwip()->tcp_recved(pcb_, part);
    credit -= part;
  }
  return std::exchange(arrived_, {});
}

void TcpConnection::close() {
  if (pcb_ == nullptr) return;
  LwipInstance& lwip = stack_.lwip();
  tcp_pcb* pcb = std::exchange(pcb_, nullptr);
  lwip->tcp_arg(pcb, nullptr);
  lwip->tcp_recv(pcb, nullptr);
  lwip->tcp_sent(pcb, nullptr);
  lwip->tcp_err(pcb, nullptr);
  if (lwip->tcp_close(pcb) != ERR_OK) lwip->tcp_abort(pcb);
}

void TcpConnection::abort() {
  if (pcb_ == nullptr) return;
  tcp_pcb* pcb = std::exchange(pcb_, nullptr);
  stack_.lwip()->tcp_err(pcb, nullptr);
  stack_.lwip()->tcp_abort(pcb);
}

err_t TcpConnection::on_connected(void* argument, tcp_pcb*, err_t) {
  static_cast<TcpConnection*>(argument)->connected_ = true;
  return ERR_OK;
}

err_t TcpConnection::on_received(void* argument, tcp_pcb*, pbuf* packet, err_t) {
  auto& self = *static_cast<TcpConnection*>(argument);
  if (packet == nullptr) {
    self.peer_finished_ = true;
    return ERR_OK;
  }
  for (const pbuf* part = packet; part != nullptr; part = part->next) {
    const auto* bytes = static_cast<const std::byte*>(part->payload);
    self.arrived_.insert(self.arrived_.end(), bytes, bytes + part->len);
  }
  self.stack_.lwip()->pbuf_free(packet);
  return ERR_OK;
}

err_t TcpConnection::on_sent(void* argument, tcp_pcb*, u16_t length) {
  static_cast<TcpConnection*>(argument)->acknowledged_ += length;
  return ERR_OK;
}

void TcpConnection::on_error(void* argument, err_t error) {
  auto& self = *static_cast<TcpConnection*>(argument);
  self.pcb_ = nullptr;  // lwIP has freed it
  if (error == ERR_RST) {
    self.event_ = self.connected_ ? Event::reset : Event::refused;
  } else {
    self.event_ = Event::timed_out;
  }
}

}  // namespace vmlan::cms
