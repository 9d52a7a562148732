#include "apps/cli/option_values.h"

#include <fmt/format.h>

#include <chrono>

#include "apps/system/messages.h"
#include "apps/system/quantities.h"

namespace vmlan::apps {

std::string text_of(const po::variables_map& values, const char* name) {
  return values.count(name) == 0 ? std::string() : values[name].as<std::string>();
}

std::vector<std::string> operands_of(const po::variables_map& values) {
  return values.count("operand") == 0 ? std::vector<std::string>()
                                      : values["operand"].as<std::vector<std::string>>();
}

UsageError missing(std::string_view operand, std::string_view command) {
  return {format(Message::operand_missing, {operand, command})};
}

UsageError bad_value(std::string_view value, std::string_view option, std::string_view what) {
  return {format(Message::bad_option_value, {value, option, what})};
}

std::optional<UsageError> take_seed(const po::variables_map& values, std::uint64_t& seed) {
  const std::string text = text_of(values, "seed");
  const auto value = number<std::uint64_t>(text);
  if (!value) return bad_value(text, "--seed", "a whole number");
  seed = *value;
  return std::nullopt;
}

std::optional<UsageError> take_time(const po::variables_map& values, const char* name, arch::Time& time) {
  const std::string text = text_of(values, name);
  const auto value = number<double>(text);
  constexpr double longest = 1e7;
  if (!value || !(*value > 0 && *value <= longest)) {
    return bad_value(text, fmt::format("--{}", name), "seconds, as 60 or 0.5");
  }
  time = std::chrono::duration_cast<arch::Time>(std::chrono::duration<double>(*value));
  return std::nullopt;
}

std::optional<UsageError> take_clock(const po::variables_map& values, ClockKind& clock) {
  const std::string text = text_of(values, "clock");
  if (text != "real" && text != "virtual") return bad_value(text, "--clock", "real or virtual");
  clock = text == "real" ? ClockKind::real : ClockKind::virtual_time;
  return std::nullopt;
}

std::optional<UsageError> take_duration(const po::variables_map& values, const char* name,
                                        arch::Time& result) {
  if (values.count(name) == 0) return std::nullopt;
  const std::string text = text_of(values, name);
  const auto time = parse_duration(text);
  if (!time) return bad_value(text, fmt::format("--{}", name), "a time, such as 250us, 5ms or 1.5s");
  result = *time;
  return std::nullopt;
}

}  // namespace vmlan::apps
