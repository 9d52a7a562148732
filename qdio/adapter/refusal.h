// Names what an adapter did not know: for the operator's log and for traces, so that a driver we have not
// met shows what it misses.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace vmlan::qdio {

struct Refusal {
  // The command as books and drivers call it, with its number: "SETADAPTERPARMS SNMP CONTROL (B8 00000200)".
  std::string name;
  // Drivers ask for it to see whether it is there, and do without: nothing an operator needs to know.
  bool optional = false;
};

// What a reply on a control device refuses as unknown. Nothing: it grants something, it refuses for another
// reason, or it is no reply to an IPA command.
std::optional<Refusal> refusal_in(std::span<const std::byte> reply);

}  // namespace vmlan::qdio
