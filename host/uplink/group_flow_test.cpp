// Which frames are one flow.
#include <gtest/gtest.h>

#include <set>

#include "host/uplink/group_device.h"
#include "host/uplink/test_device.h"

namespace vmlan::host {
namespace {

// UDP over IPv4.
FrameBytes udp_frame(unsigned port) {
  FrameBytes frame(60);
  frame[12] = std::byte{8};
  frame[14] = std::byte{0x45};
  frame[23] = std::byte{17};
  frame[34] = static_cast<std::byte>(port >> 8U);
  frame[35] = static_cast<std::byte>(port);
  return frame;
}

std::uint64_t flow_of_bytes(const FrameBytes& frame, std::size_t cut) {
  const auto bytes = std::span<const std::byte>(frame);
  const std::array pieces{bytes.first(cut), bytes.subspan(cut)};
  return flow_of(pieces);
}

TEST(Flow, IsTheSameWhereverTheFrameIsCut) {
  const auto frame = udp_frame(4711);
  for (std::size_t cut = 0; cut <= frame.size(); ++cut)
    EXPECT_EQ(flow_of_bytes(frame, cut), flow_of_bytes(frame, 0));
}

TEST(Flow, PortsMakeFlowsOfTheirOwn) {
  std::set<std::uint64_t> flows;
  for (unsigned port = 0; port < 100; ++port) flows.insert(flow_of_bytes(udp_frame(port), 20));
  EXPECT_EQ(flows.size(), 100U);
}

TEST(Flow, FragmentsOfOneDatagramStayTogether) {
  std::set<std::uint64_t> flows;
  for (unsigned part = 0; part < 10; ++part) {
    auto frame = udp_frame(part);  // where the ports would be is data
    frame[20] = part == 9 ? std::byte{0} : std::byte{0x20};
    frame[21] = static_cast<std::byte>(part + 1);
    flows.insert(flow_of_bytes(frame, 20));
  }
  EXPECT_EQ(flows.size(), 1U);
}

TEST(Flow, ShortFramesHaveOneToo) {
  for (std::size_t length = 0; length < 60; ++length) {
    FrameBytes frame = udp_frame(1);
    frame.resize(length);
    flow_of_bytes(frame, length / 2);
  }
}

}  // namespace
}  // namespace vmlan::host
