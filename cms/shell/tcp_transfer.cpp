#include "cms/shell/tcp_transfer.h"

#include <algorithm>
#include <utility>

#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
TcpSend::TcpSend(Session& session, std::unique_ptr<arch::FileReader> file, const wire::IpAddress& address,
                 std::uint16_t port)
    : session_(session),
      connection_(*session.tcpip.stack()),
      file_(std::move(file)),
      progress_(session.machine.clock().now()) {
  connection_.connect(address, port);
}

int TcpSend::give_up(std::string_view reason) {
  connection_.abort();
  session_.say("DTCSND9002E {} port {}: {}; {} of {} bytes were acknowledged", to_string(connection_.peer()),
               connection_.peer_port(), reason, connection_.acknowledged(), file_->size());
  return failed;
}

bool TcpSend::read() {
  part_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(file_->size() - read_, file_part)));
  written_ = 0;
  read_ += part_.size();
  session_.moved += part_.size();
  return file_->read(part_) == part_.size();
}

bool TcpSend::send() {
  if (!connection_.connected()) return true;
  if (!std::exchange(announced_, true)) {
    session_.say("TCPSEND: Connected to {} port {}.", to_string(connection_.peer()), connection_.peer_port());
  }
  for (std::size_t moved = 0;; moved += part_.size()) {
    const bool more = read_ < file_->size();
    if (written_ < part_.size()) written_ += connection_.write(std::span(part_).subspan(written_), more);
    if (written_ < part_.size() || !more || moved >= file_part) break;
    if (!read()) return false;
  }
  connection_.push();
  const bool written = read_ == file_->size() && written_ == part_.size();
  if (written && !finished_) finished_ = connection_.finish_writing();
  connection_.take();
  return true;
}

std::optional<int> TcpSend::poll() {
  const arch::Time now = session_.machine.clock().now();
  if (interrupted_) return give_up("interrupted");
  if (connection_.event() != TcpConnection::Event::none) return give_up(to_string(connection_.event()));
  if (!send()) return give_up("the file can't be read");
  if (connection_.acknowledged() != acknowledged_) {
    acknowledged_ = connection_.acknowledged();
    progress_ = now;
  }
  if (connection_.peer_finished()) {
    if (acknowledged_ < file_->size()) return give_up("the receiver has ended the connection");
    connection_.close();
    session_.say("TCPSEND: {} bytes sent and received.", file_->size());
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
  session_.say("DTCRCV9002E Port {}: {} after {} bytes; nothing is stored", port_, reason, stored_);
  return failed;
}

int TcpReceive::fail_writing() {
  connection_.abort();
  session_.say("DMSDSK105S Error writing file {} on disk", file_.text());
  return io_error;
}

int TcpReceive::store() {
  // A disk that was detached or released meanwhile gets nothing.
  if (session_.disks.disk(file_.mode) != disk_ || !writer_->keep()) return fail_writing();
  connection_.close();
  session_.say("TCPRECV: {} bytes received, stored as {}.", stored_, file_.text());
  return 0;
}

bool TcpReceive::create() {
  disk_ = session_.disks.disk(file_.mode);
  if (disk_ != nullptr) writer_ = disk_->create(file_.disk_name());
  return writer_ != nullptr;
}

// false: the disk takes no more.
bool TcpReceive::receive() {
  if (connection_.received() == 0) return true;
  limit_ = now() + transfer_limit;
  const auto arrived = connection_.take();
  stored_ += arrived.size();
  session_.moved += arrived.size();
  return writer_->append(arrived);
}

std::optional<int> TcpReceive::poll() {
  if (listener_ == nullptr && !announced_) return give_up("the port can't be opened");
  if (interrupted_) return give_up("interrupted");
  if (connection_.connected() && !std::exchange(announced_, true)) {
    stop_listening();
    limit_ = now() + transfer_limit;
    session_.say("TCPRECV: Connection from {} port {}.", to_string(connection_.peer()),
                 connection_.peer_port());
    if (!create()) return fail_writing();
  }
  if (connection_.received() > largest_file - stored_) return give_up("more than a file may hold");
  if (!receive()) return fail_writing();
  if (connection_.event() != TcpConnection::Event::none) return give_up(to_string(connection_.event()));
  if (connection_.peer_finished()) return store();
  if (now() >= limit_) return give_up("nobody has sent anything");
  return std::nullopt;
}

}  // namespace vmlan::cms
