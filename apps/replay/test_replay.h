// Replays a trace that a test has made, and keeps what is said.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/replay/replay.h"
#include "tests/kit/trace_file.h"

namespace vmlan::apps {

class ReplayTest : public ::testing::Test {
 protected:
  // Traces of `options` come behind this one.
  ExitCode replay(const std::string& contents, ReplayOptions options = {}) {
    const kit::TemporaryFile file("vmlan-replay-test", contents);
    options.traces.insert(options.traces.begin(), file.path());
    return replay_paths(std::move(options));
  }
  ExitCode replay_paths(ReplayOptions options) {
    out.clear();
    errors.clear();
    options.rate = false;
    return replay_trace(options, {[this](std::string_view line) { out.emplace_back(line); },
                                  [this](std::string_view line) { errors.emplace_back(line); }});
  }
  // The number behind a name in the report; 0 = it is not there.
  std::uint64_t count(std::string_view name) const {
    for (const auto& line : out) {
      const auto at = line.find(name);
      if (at == std::string::npos || line.find_first_not_of(' ', at + name.size()) == std::string::npos)
        continue;
      const auto digits = line.find_first_not_of(' ', at + name.size());
      std::uint64_t number = 0;
      if (digits == at + name.size()) continue;
      std::from_chars(line.data() + digits, line.data() + line.size(), number);
      return number;
    }
    return 0;
  }
  static std::string udp(const std::string& from, const std::string& to, std::size_t length = 30,
                         unsigned seed = 0) {
    return kit::ethernet_frame(kit::ip_packet(from, to, length, seed));
  }

  std::vector<std::string> out;
  std::vector<std::string> errors;
};

}  // namespace vmlan::apps
