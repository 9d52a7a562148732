// Frames of a socket on which each is a datagram, many with one system call.
//
// Owns: room for them, which costs memory only as far as it is used. Threads: one at a time. Errors: errno.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace vmlan::host {

class DatagramBatch {
 public:
  static constexpr unsigned most = 32;

  // For frames of at most so many bytes; of a longer one the first bytes come, one more than that.
  explicit DatagramBatch(std::size_t longest)
      : room_(longest + 1), bytes_(std::make_unique_for_overwrite<std::byte[]>(room_ * most)) {
    for (unsigned index = 0; index < most; ++index) {
      pieces_[index] = {bytes_.get() + index * room_, room_};
      messages_[index].msg_hdr.msg_iov = &pieces_[index];
      messages_[index].msg_hdr.msg_iovlen = 1;
    }
  }

  // How many came, without waiting; fewer than `most`: there are no more now. -1: errno.
  int receive(int socket) noexcept {
    return ::recvmmsg(socket, messages_.data(), most, MSG_DONTWAIT, nullptr);
  }
  std::span<const std::byte> frame(unsigned index) const noexcept {
    return {bytes_.get() + index * room_, messages_[index].msg_len};
  }

 private:
  std::size_t room_;
  std::unique_ptr<std::byte[]> bytes_;
  std::array<iovec, most> pieces_{};
  std::array<mmsghdr, most> messages_{};
};

}  // namespace vmlan::host
