// Two devices joined back to back: what one receives the other one sends, whole.
#pragma once

#include <algorithm>
#include <string>

#include "host/child_process.h"
#include "host/event_loop.h"
#include "host/uplink/ethernet_device.h"
#include "host/uplink/test_namespace.h"

namespace vmlan::host {

class RelayEnd final : public FrameReceiver {
 public:
  explicit RelayEnd(EthernetDevice& other) : other_(other) {}
  void received(std::span<const std::byte> frame, const FrameWork& work) override {
    longest = std::max(longest, frame.size());
    if (work.segmentation != FrameWork::Segmentation::none) ++super_frames;
    const std::span<const std::byte> pieces[] = {frame};
    if (other_.send(pieces, work) != EthernetDevice::Sent::sent) ++lost;
  }
  void batch_received() override { other_.flush(); }
  void state_changed() override {}

  std::size_t longest = 0;
  unsigned super_frames = 0;
  unsigned lost = 0;

 private:
  EthernetDevice& other_;
};

class Relay {
 public:
  Relay(EthernetDevice& a, EthernetDevice& b) : loop_(clock_), from_a(b), from_b(a) {
    a.start(from_a);
    b.start(from_b);
    loop_.add(a);
    loop_.add(b);
  }
  // Until the child has closed its output, or ten seconds have passed.
  std::string output_of(ChildProcess& child) {
    const auto end = clock_.now() + std::chrono::seconds(20);
    while (child.take_output() && clock_.now() < end) loop_.pass(clock_.now() + std::chrono::milliseconds(2));
    return child.output();
  }

 private:
  RealClock clock_;
  EventLoop loop_;

 public:
  RelayEnd from_a;
  RelayEnd from_b;
};

// A machine with one interface, `name`: 10.9.0.NUMBER and fd09::NUMBER.
inline void settle(const OtherNamespace& machine, const std::string& name, const std::string& number) {
  machine.run("ip link set " + name + " up");
  machine.run("ip addr add 10.9.0." + number + "/24 dev " + name);
  machine.run("ip addr add fd09::" + number + "/64 dev " + name + " nodad");
}

// Moves `mebibytes` by kernel TCP from one to the other; what the receiver says at the end. `host`: the
// receiver's.
inline std::string tcp_through(Relay& relay, const OtherNamespace& from, const OtherNamespace& to,
                               const std::string& host, const std::string& mebibytes) {
  const std::string server =
      "import socket,hashlib;s=socket.create_server((\"" + host + "\",7001),family=socket.getaddrinfo(\"" +
      host +
      "\",1)[0][0]);s.settimeout(15);c=s.accept()[0];c.settimeout(15);h=hashlib.sha256();n=0\n"
      "while True:\n d=c.recv(1<<20)\n if not d: break\n n+=len(d);h.update(d)\nprint(n,h.hexdigest())";
  const std::string client = "import socket,hashlib,time,random;b=random.Random(1).randbytes(1<<20)*" +
                             mebibytes +
                             ";print(len(b),hashlib.sha256(b).hexdigest())\n"
                             "for i in range(50):\n try:\n  s=socket.create_connection((\"" +
                             host +
                             "\",7001),15);break\n"
                             " except ConnectionRefusedError: time.sleep(.1)\n"
                             "s.settimeout(15);s.sendall(b);s.close()";
  auto receiver = beside(to.in("/usr/bin/python3 -c '" + server + "'"));
  auto sender = beside(from.in("/usr/bin/python3 -c '" + client + "'"));
  const auto received = relay.output_of(receiver);
  EXPECT_EQ(relay.output_of(sender), received) << "the length and the digest of all of it";
  return received;
}

}  // namespace vmlan::host
