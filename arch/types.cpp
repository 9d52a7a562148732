#include "arch/types.h"

namespace vmlan::arch {

std::string_view to_string(ProgramCheck check) noexcept {
  switch (check) {
    case ProgramCheck::none:
      return "none";
    case ProgramCheck::protection:
      return "protection";
    case ProgramCheck::addressing:
      return "addressing";
    case ProgramCheck::specification:
      return "specification";
  }
  return "unknown";
}

}  // namespace vmlan::arch
