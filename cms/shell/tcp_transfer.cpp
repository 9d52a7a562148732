#include "cms/shell/tcp_transfer.h"

#include <utility>

#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
namespace {

constexpr int failed = 8;

}  // namespace

TcpSend::TcpSend(Session& session, arch::FileContents contents, const wire::IpAddress& address,
                 std::uint16_t port)
    : session_(session),
      connection_(*session.tcpip.stack()),
      contents_(std::move(contents)),
      progress_(session.machine.clock().now()) {
  connection_.connect(address, port);
}

int TcpSend::give_up(std::string_view reason) {
  connection_.abort();
  session_.say("DTCSND9002E {} port {}: {}; {} of {} bytes were acknowledged", to_string(connection_.peer()),
               connection_.peer_port(), reason, connection_.acknowledged(), contents_.size());
  return failed;
}

void TcpSend::send() {
  if (!connection_.connected()) return;
  if (!std::exchange(announced_, true)) {
    session_.say("TCPSEND: Connected to {} port {}.", to_string(connection_.peer()), connection_.peer_port());
  }
  if (written_ < contents_.size()) written_ += connection_.write(std::span(contents_).subspan(written_));
  if (written_ == contents_.size() && !finished_) finished_ = connection_.finish_writing();
  connection_.take();
}

std::optional<int> TcpSend::poll() {
  const arch::Time now = session_.machine.clock().now();
  if (interrupted_) return give_up("interrupted");
  if (connection_.event() != TcpConnection::Event::none) return give_up(to_string(connection_.event()));
  send();
  if (connection_.acknowledged() != acknowledged_) {
    acknowledged_ = connection_.acknowledged();
    progress_ = now;
  }
  if (connection_.peer_finished()) {
    if (acknowledged_ < contents_.size()) return give_up("the receiver has ended the connection");
    connection_.close();
    session_.say("TCPSEND: {} bytes sent and received.", contents_.size());
    return 0;
  }
  if (now >= progress_ + transfer_limit) return give_up("no answer");
  return std::nullopt;
}

TcpReceive::TcpReceive(Session& session, FileId file, std::uint16_t port, arch::Time wait)
    : session_(session),
      stack_(*session.tcpip.stack()),
      connection_(stack_),
      file_(std::move(file)),
      port_(port),
      limit_(session.machine.clock().now() + wait) {
  listen();
}

TcpReceive::~TcpReceive() { stop_listening(); }

void TcpReceive::listen() {
  LwipInstance& lwip = stack_.lwip();
  tcp_pcb* pcb = lwip->tcp_new_ip_type(IPADDR_TYPE_ANY);
  if (pcb == nullptr) return;
  const ip_addr_t any = IPADDR_ANY_TYPE_INIT;
  if (lwip->tcp_bind(pcb, &any, port_) == ERR_OK) listener_ = lwip->tcp_listen_with_backlog(pcb, 1);
  if (listener_ == nullptr) {
    lwip->tcp_abort(pcb);
    return;
  }
  lwip->tcp_arg(listener_, this);
  lwip->tcp_accept(listener_, on_accept);
  session_.say("TCPRECV: Listening on port {}.", port_);
  session_.say("                Enter #CP EXT to interrupt.");
}

void TcpReceive::stop_listening() {
  if (listener_ == nullptr) return;
  stack_.lwip()->tcp_close(std::exchange(listener_, nullptr));
}

err_t TcpReceive::on_accept(void* argument, tcp_pcb* accepted, err_t error) {
  auto& self = *static_cast<TcpReceive*>(argument);
  if (error != ERR_OK || accepted == nullptr) return ERR_VAL;
  if (self.connection_.open() || self.connection_.connected()) {
    self.stack_.lwip()->tcp_abort(accepted);
    return ERR_ABRT;
  }
  self.connection_.adopt(accepted);
  return ERR_OK;
}

int TcpReceive::give_up(std::string_view reason) {
  connection_.abort();
  session_.say("DTCRCV9002E Port {}: {} after {} bytes; nothing is stored", port_, reason, contents_.size());
  return failed;
}

int TcpReceive::store() {
  arch::Minidisk* disk = session_.disks.disk(file_.mode);
  if (disk == nullptr || !disk->write(file_.disk_name(), contents_)) {
    connection_.abort();
    session_.say("DMSDSK105S Error writing file {} on disk", file_.text());
    return 100;
  }
  connection_.close();
  session_.say("TCPRECV: {} bytes received, stored as {}.", contents_.size(), file_.text());
  return 0;
}

// false: too much has come.
bool TcpReceive::receive() {
  if (connection_.received() == 0) return true;
  limit_ = now() + transfer_limit;
  if (connection_.received() > largest_file - contents_.size()) return false;
  const auto arrived = connection_.take();
  contents_.insert(contents_.end(), arrived.begin(), arrived.end());
  return true;
}

std::optional<int> TcpReceive::poll() {
  if (listener_ == nullptr && !announced_) return give_up("the port can't be opened");
  if (interrupted_) return give_up("interrupted");
  if (connection_.connected() && !std::exchange(announced_, true)) {
    stop_listening();
    limit_ = now() + transfer_limit;
    session_.say("TCPRECV: Connection from {} port {}.", to_string(connection_.peer()),
                 connection_.peer_port());
  }
  if (!receive()) return give_up("more than a file may hold");
  if (connection_.event() != TcpConnection::Event::none) return give_up(to_string(connection_.event()));
  if (connection_.peer_finished()) return store();
  if (now() >= limit_) return give_up("nobody has sent anything");
  return std::nullopt;
}

}  // namespace vmlan::cms
