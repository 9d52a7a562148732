// Dates and times as CP prints them. Always UTC: the same script prints the same everywhere.
#pragma once

#include <chrono>
#include <string>

#include "arch/clock.h"

namespace vmlan::cp {

using Date = std::chrono::system_clock::time_point;

std::string clock_time(Date date);  // "13:30:14"
std::string long_date(Date date);   // "13:30:14 UTC SATURDAY 07/16/16"
std::string short_date(Date date);  // "07/16/16 13:30:14 UTC"
// "CONNECT= 00:12:31 VIRTCPU= 000:01.23 TOTCPU= 000:01.23"
std::string usage(arch::Time connected, arch::Time processor);

}  // namespace vmlan::cp
