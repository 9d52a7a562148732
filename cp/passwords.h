// Passwords in what people write: where a line is shown, kept or quoted, asterisks stand in their places.
//
// In doubt a word is hidden: whoever mistypes a LOGON or a USER statement has the password in another place.
// "&1" to "&9" stay, since they stand for words that are given elsewhere.
//
// Source: CP Commands (LOGON, AUTOLOG, XAUTOLOG, LINK); CP Planning and Administration (USER, IDENTITY,
// MDISK, APPCPASS).
//
// Threads: any.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cp/logical_lines.h"

namespace vmlan::cp {

inline constexpr std::string_view hidden_password = "********";

// Whether the LOGON of this user asks for a password if it is given none.
using AsksForPassword = std::function<bool(std::string_view userid)>;

// A line typed at a console, or a command: LOGON, AUTOLOG, LINK, also behind CP, #CP and SEND. With `asks`,
// the line behind the "#" of a LOGON that asks for a password is one too. `line_end` is what the console has
// instead of "#"; nothing: it has none.
std::string without_passwords(std::string_view line, const AsksForPassword& asks = {},
                              std::optional<char> line_end = default_line_end);

// The whole line is a password.
std::string hide(std::string_view line);

// Statements of a user directory, any number of lines.
std::string without_directory_passwords(std::string_view text);

// `text` says something about `statement`: the words that are hidden in that are hidden in it too.
std::string without_passwords_of(std::string_view statement, std::string_view text);

}  // namespace vmlan::cp
