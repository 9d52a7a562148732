// The other end of a stream uplink for tests: a bare socket, and frames as bytes of the stream.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "host/temporary_folder.h"
#include "host/uplink/qemu_stream.h"
#include "host/uplink/test_receiver.h"

namespace vmlan::host {

inline Bytes framed(const Bytes& frame) {
  const auto header = StreamFrames::header_of(frame.size());
  Bytes stream(header.begin(), header.end());
  stream.insert(stream.end(), frame.begin(), frame.end());
  return stream;
}

class StreamTest : public ::testing::Test {
 protected:
  std::unique_ptr<StreamDevice> listening() {
    return opened(StreamDevice::open(path, StreamDevice::Role::listens));
  }
  std::unique_ptr<StreamDevice> connecting() {
    return opened(StreamDevice::open(path, StreamDevice::Role::connects));
  }
  Descriptor knock() const { return std::get<Descriptor>(connect_unix(path, Trust::anybodys)); }
  UnixListener listener() const { return std::get<UnixListener>(UnixListener::listen(path)); }
  // What a peer has been sent by now.
  static Bytes taken(const Descriptor& socket) {
    Bytes bytes(std::size_t{1} << 20U);
    bytes.resize(receive_now(socket, bytes).bytes);
    return bytes;
  }
  static bool has_ended(const Descriptor& socket) {
    std::array<std::byte, 1> one;
    return receive_now(socket, one).ended;
  }

  TemporaryFolder folder = *TemporaryFolder::make();
  std::string path = (folder.path() / "s").string();
};

}  // namespace vmlan::host
