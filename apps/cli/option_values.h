// What was given for an option, read and judged: one way for all commands.
//
// For the files of the command line only. Threads: any.
#pragma once

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/command_line.h"

namespace vmlan::apps {

namespace po = boost::program_options;

// The whole text as a number.
template <class Number>
std::optional<Number> number(const std::string& text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::string text_of(const po::variables_map& values, const char* name);
std::vector<std::string> operands_of(const po::variables_map& values);
UsageError missing(std::string_view operand, std::string_view command);
UsageError bad_value(std::string_view value, std::string_view option, std::string_view what);
std::optional<UsageError> take_seed(const po::variables_map& values, std::uint64_t& seed);
std::optional<UsageError> take_time(const po::variables_map& values, const char* name, arch::Time& time);
std::optional<UsageError> take_clock(const po::variables_map& values, ClockKind& clock);
// Unchanged where the option was not given.
std::optional<UsageError> take_duration(const po::variables_map& values, const char* name,
                                        arch::Time& result);

// A whole number within the limits, both included.
template <class Number>
std::optional<UsageError> take_number(const po::variables_map& values, const char* name, Number least,
                                      Number most, Number& result) {
  const std::string text = text_of(values, name);
  const auto value = number<Number>(text);
  if (!value || *value < least || *value > most) {
    return bad_value(text, fmt::format("--{}", name), fmt::format("{} to {}", least, most));
  }
  result = *value;
  return std::nullopt;
}

template <class Number>
std::optional<UsageError> take_if_given(const po::variables_map& values, const char* name, Number least,
                                        Number most, std::optional<Number>& result) {
  if (values.count(name) == 0) return std::nullopt;
  Number value{};
  auto error = take_number(values, name, least, most, value);
  if (!error) result = value;
  return error;
}

}  // namespace vmlan::apps
