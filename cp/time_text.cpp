#include "cp/time_text.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace vmlan::cp {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"SUNDAY",   "MONDAY", "TUESDAY", "WEDNESDAY",
                                                   "THURSDAY", "FRIDAY", "SATURDAY"};

std::string calendar(Date date) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(date));
  return fmt::format("{:02d}/{:02d}/{:02d}", static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()), static_cast<int>(day.year()) % 100);
}

// mmm:ss.hh
std::string processor_text(arch::Time time) {
  const auto hundredths = std::chrono::duration_cast<std::chrono::duration<long, std::centi>>(time).count();
  return fmt::format("{:03d}:{:02d}.{:02d}", hundredths / 6000, hundredths / 100 % 60, hundredths % 100);
}

}  // namespace

std::string clock_time(Date date) {
  const std::chrono::hh_mm_ss time(
      std::chrono::floor<std::chrono::seconds>(date - std::chrono::floor<std::chrono::days>(date)));
  return fmt::format("{:02d}:{:02d}:{:02d}", time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

std::string long_date(Date date) {
  const std::chrono::weekday weekday(std::chrono::floor<std::chrono::days>(date));
  return fmt::format("{} UTC {} {}", clock_time(date), weekdays[weekday.c_encoding()], calendar(date));
}

std::string short_date(Date date) { return fmt::format("{} {} UTC", calendar(date), clock_time(date)); }

std::string usage(arch::Time connected, arch::Time processor) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(connected).count();
  const auto text = processor_text(processor);
  return fmt::format("CONNECT= {:02d}:{:02d}:{:02d} VIRTCPU= {} TOTCPU= {}", seconds / 3600,
                     seconds / 60 % 60, seconds % 60, text, text);
}

}  // namespace vmlan::cp
