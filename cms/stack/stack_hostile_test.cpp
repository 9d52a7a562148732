// A stack among hostile neighbours: packets of real conversations, bent in every way, with checksums put
// right again so that they get beyond the first look. lwIP gives up the whole program on a failed assertion.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "cms/stack/ip_conversion.h"
#include "cms/stack/stack.h"
#include "cms/stack/test_wire.h"

namespace vmlan::cms {
namespace {

constexpr std::uint8_t icmp = 1;
constexpr std::uint8_t tcp = 6;
constexpr std::uint8_t udp = 17;

std::uint32_t add_up(const std::byte* bytes, std::size_t length, std::uint32_t sum) {
  for (std::size_t i = 0; i < length; ++i)
    sum += std::to_integer<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8U : 0U);
  return sum;
}

void put_checksum(std::byte* at, std::uint32_t sum) {
  while ((sum >> 16U) != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  const arch::be16 checksum(static_cast<std::uint16_t>(~sum));
  std::memcpy(at, &checksum, sizeof(checksum));
}

void fix_transport(std::byte* start, std::size_t length, std::uint8_t protocol, std::uint32_t pseudo) {
  std::size_t place = 2;
  if (protocol == tcp) place = 16;
  if (protocol == udp) place = 6;
  if (length < place + 2) return;
  start[place] = start[place + 1] = std::byte{0};
  const std::uint32_t first = protocol == icmp ? 0 : pseudo + protocol + static_cast<std::uint32_t>(length);
  put_checksum(start + place, add_up(start, length, first));
}

void fix_checksums(std::vector<std::byte>& packet, std::size_t ip) {
  if (packet.size() < ip + sizeof(wire::Ipv4Header)) return;
  std::byte* const start = packet.data() + ip;
  if ((start[0] >> 4U) == std::byte{4}) {
    const std::size_t header = std::max<std::size_t>((std::to_integer<std::size_t>(start[0]) & 0xfU) * 4, 20);
    if (packet.size() < ip + header) return;
    start[10] = start[11] = std::byte{0};
    put_checksum(start + 10, add_up(start, header, 0));
    fix_transport(start + header, packet.size() - ip - header, std::to_integer<std::uint8_t>(start[9]),
                  add_up(start + 12, 8, 0));
  } else if (packet.size() >= ip + sizeof(wire::Ipv6Header)) {
    fix_transport(start + 40, packet.size() - ip - 40, std::to_integer<std::uint8_t>(start[6]),
                  add_up(start + 8, 32, 0));
  }
}

err_t accept_and_echo(void* argument, tcp_pcb* accepted, err_t) {
  auto& stack = *static_cast<Stack*>(argument);
  stack.lwip()->tcp_arg(accepted, argument);
  stack.lwip()->tcp_recv(accepted, [](void* owner, tcp_pcb* pcb, pbuf* packet, err_t) -> err_t {
    LwipInstance& lwip = static_cast<Stack*>(owner)->lwip();
    if (packet == nullptr) {
      lwip->tcp_close(pcb);
      return ERR_OK;
    }
    lwip->tcp_recved(pcb, packet->tot_len);
    lwip->tcp_write(pcb, packet->payload, packet->len, TCP_WRITE_FLAG_COPY);
    lwip->pbuf_free(packet);
    return ERR_OK;
  });
  return ERR_OK;
}

class HostilePackets : public testing::TestWithParam<bool> {
 protected:
  HostilePackets() : ethernet_(GetParam()) {
    for (int user = 0; user < 2; ++user) {
      links_.push_back(std::make_unique<TestLink>(wire_, ethernet_));
      std::string error;
      stacks_.push_back(Stack::create(clock_, 7, error));
      Interface* interface = stacks_.back()->add_interface(*links_.back(), "ETH0", 0);
      interface->set_ipv4(wire::IpAddress::v4(10, 1, 1, static_cast<std::uint8_t>(user + 1)), 0xffffff00);
      interface->add_ipv6(*wire::parse_ip_address(user == 0 ? "fd00::1" : "fd00::2"));
    }
    serve();
    talk();
  }

  // The victim, stack 1, listens.
  void serve() {
    Stack& stack = *stacks_[1];
    const ip_addr_t any = IPADDR_ANY_TYPE_INIT;
    udp_pcb* datagrams = stack.lwip()->udp_new_ip_type(IPADDR_TYPE_ANY);
    stack.lwip()->udp_bind(datagrams, &any, 7);
    tcp_pcb* connections = stack.lwip()->tcp_new_ip_type(IPADDR_TYPE_ANY);
    stack.lwip()->tcp_bind(connections, &any, 7);
    connections = stack.lwip()->tcp_listen_with_backlog(connections, 1);
    stack.lwip()->tcp_arg(connections, &stack);
    stack.lwip()->tcp_accept(connections, accept_and_echo);
  }

  // Conversations of every kind, whose packets to the victim are kept.
  void talk() {
    for (const char* text : {"10.1.1.2", "fd00::2"}) {
      const ip_addr_t target = to_lwip(*wire::parse_ip_address(text));
      LwipInstance& lwip = stacks_[0]->lwip();
      tcp_pcb* pcb = lwip->tcp_new_ip_type(target.type);
      lwip->tcp_connect(pcb, &target, 7, nullptr);
      settle();
      const std::string data(3000, 'x');
      lwip->tcp_write(pcb, data.data(), 3000, TCP_WRITE_FLAG_COPY);
      lwip->tcp_output(pcb);
      settle();
      udp_pcb* datagrams = lwip->udp_new_ip_type(target.type);
      pbuf* packet = lwip->pbuf_alloc(PBUF_TRANSPORT, 4000, PBUF_RAM);
      lwip->udp_sendto(datagrams, packet, &target, 7);
      lwip->pbuf_free(packet);
      settle();
      lwip->tcp_close(pcb);
      settle();
    }
    samples_ = wire_.log;
    EXPECT_GT(samples_.size(), 30U);
    wire_.links.clear();  // what the victim answers reaches nobody
  }

  void settle() {
    for (int round = 0; round < 20; ++round) {
      for (const auto& stack : stacks_) {
        stack->poll();
        stack->flush();
      }
    }
  }

  TestPacket bend(TestPacket packet) {
    const std::size_t ip = ethernet_ && (packet.header.flags & wire::layer3_flag::passthru) != 0 ? 14 : 0;
    auto& bytes = packet.payload;
    for (std::uint64_t change = prng_.below(4); change > 0; --change) {
      // Headers are where the interesting bytes are.
      const std::size_t place = prng_.below(2) == 0 ? prng_.below(bytes.size())
                                                    : prng_.below(std::min<std::size_t>(bytes.size(), 100));
      bytes[place] = static_cast<std::byte>(prng_.next());
    }
    if (prng_.below(8) == 0) bytes.resize(1 + prng_.below(bytes.size()));
    if (prng_.below(8) == 0) bytes.resize(bytes.size() + prng_.below(200));
    if (prng_.below(4) != 0) fix_checksums(bytes, ip);
    return packet;
  }

  bool ethernet_;
  arch::VirtualClock clock_;
  arch::Prng prng_{1};
  TestWire wire_;
  std::vector<std::unique_ptr<TestLink>> links_;
  std::vector<std::unique_ptr<Stack>> stacks_;
  std::vector<TestPacket> samples_;
};

TEST_P(HostilePackets, NeitherEndTheProgramNorEatItsMemory) {
  Stack& victim = *stacks_[1];
  std::size_t answers = 0;
  for (int turn = 0; turn < 2000; ++turn) {
    for (int packet = 0; packet < 20; ++packet) {
      TestPacket bent = bend(samples_[prng_.below(samples_.size())]);
      links_[1]->deliver(bent.header, std::move(bent.payload));
    }
    clock_.advance_to(clock_.now() + std::chrono::milliseconds(50));
    victim.poll();
    victim.flush();
    answers += wire_.log.size();
    wire_.log.clear();
    ASSERT_LE(victim.lwip().heap().bytes_in_use(), 2 * LwipHeap::limit_bytes);
  }
  EXPECT_GT(answers, 1000U) << "most packets must get beyond the first look";
  // Everything half-done is given up in time.
  for (int turn = 0; turn < 5000; ++turn) {
    clock_.advance_to(clock_.now() + std::chrono::milliseconds(250));
    victim.poll();
    victim.flush();
    wire_.log.clear();
  }
  EXPECT_LT(victim.lwip().heap().bytes_in_use(), 200'000U);
}

INSTANTIATE_TEST_SUITE_P(ByEitherAdapter, HostilePackets, testing::Bool(),
                         [](const auto& ethernet) { return ethernet.param ? "Osd" : "HiperSockets"; });

}  // namespace
}  // namespace vmlan::cms
