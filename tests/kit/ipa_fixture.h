// The verbs of tests of IPA commands: requests as hexadecimal text, as Linux 6.1 sends them.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "arch/clock.h"
#include "qdio/adapter/ipa.h"
#include "tests/kit/hex.h"
#include "tests/kit/recording_port.h"

namespace vmlan::qdio {

using kit::from_hex;
using kit::to_hex;
using Calls = std::vector<std::string>;

// A header as Linux 6.1 sends it (observed): command, sequence number 0007, layer and protocol version.
inline std::string head(const std::string& command, const std::string& protocol,
                        const std::string& layer = "01") {
  return command + "000007 00000100 " + layer + "01" + protocol + " 00000000 00000000 ";
}

class IpaTest : public ::testing::Test {
 protected:
  void use(AdapterKind kind, Transport transport = Transport::ip) {
    ipa = std::make_unique<Ipa>(kind, port);
    ipa->begin(transport);
  }
  std::string answer(const std::string& request) {
    const auto bytes = from_hex(request);
    reply = to_hex(ipa->answer(bytes).bytes());
    return reply;
  }
  std::string code(const std::string& request) { return answer(request).substr(8, 4); }
  // Bytes of the last reply.
  std::string at(std::size_t offset, std::size_t length) const {
    return reply.substr(2 * offset, 2 * length);
  }

  void SetUp() override { use(AdapterKind::osd); }

  kit::RecordingPort port;
  std::unique_ptr<Ipa> ipa;
  std::string reply;
};

}  // namespace vmlan::qdio
