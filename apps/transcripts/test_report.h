// What vmlan test says of each transcript: TAP as it goes, JUnit XML at the end.
//
// Source: testanything.org (TAP version 13), the JUnit schema that CI systems read (testsuite, testcase,
// failure, error). Threads: any.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arch/clock.h"

namespace vmlan::apps {

enum class Verdict : unsigned char {
  same,
  updated,  // the file has the answers of now
  differs,  // a failure: the answers are others
  failed,   // an error: there are no answers to compare
};

struct TestResult {
  std::string file;
  Verdict verdict = Verdict::failed;
  std::string message;               // "FILE:LINE: VMLTST802E ...", if it is wrong
  std::vector<std::string> details;  // the difference, or the run's last lines
  arch::Time time{0};
};

bool is_good(const TestResult& result);

// The lines of one test; `number` counts from 1.
std::vector<std::string> tap_lines(const TestResult& result, std::size_t number);
std::string junit_xml(std::span<const TestResult> results);

}  // namespace vmlan::apps
