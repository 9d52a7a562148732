// HELP, ours: z/VM keeps its help in CMS.
#include <fmt/format.h>

#include "cp/commands.h"

namespace vmlan::cp {
namespace {

constexpr std::size_t line_width = 78;

// Breaks `text` at blanks; each line begins with `indent`.
void append_paragraph(std::vector<std::string>& lines, std::string_view text, std::string_view indent) {
  std::string line(indent);
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (line.size() > indent.size() && line.size() + 1 + word.size() > line_width) {
      lines.push_back(line);
      line = indent;
    }
    if (line.size() > indent.size()) line += ' ';
    line += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (line.size() > indent.size()) lines.push_back(line);
}

void append_syntax(std::vector<std::string>& lines, std::string_view syntax) {
  while (!syntax.empty()) {
    const auto end = std::min(syntax.find('\n'), syntax.size());
    lines.push_back(fmt::format("  {}", syntax.substr(0, end)));
    syntax.remove_prefix(std::min(end + 1, syntax.size()));
  }
}

void append_names(std::vector<std::string>& lines, std::span<const Command> table, std::string_view classes) {
  std::string names;
  for (const auto& command : table) {
    if (permitted(command, classes)) names += fmt::format("{}{}", names.empty() ? "" : " ", command.name);
  }
  append_paragraph(lines, names, "  ");
}

const Command* find_command(std::span<const Command> table, std::string_view word, std::string_view classes) {
  for (const auto& command : table) {
    if (matches(word, command.name) && permitted(command, classes)) return &command;
  }
  return nullptr;
}

Reply explain(const Command& command, std::string_view classes) {
  Reply reply;
  append_syntax(reply.lines, command.syntax);
  append_paragraph(reply.lines, command.help, "  ");
  if (command.table.empty()) return reply;
  reply.lines.push_back(fmt::format("More with HELP {} and one of:", to_upper(command.name)));
  append_names(reply.lines, command.table, classes);
  return reply;
}

}  // namespace

Reply help(Request& request) {
  if (request.at_end()) {
    Reply reply("Commands; upper-case letters are the shortest abbreviation:");
    append_names(reply.lines, command_table(), request.classes);
    reply.lines.emplace_back("HELP and a command's name says more.");
    return reply;
  }
  const Command* command = nullptr;
  auto table = command_table();
  while (!request.at_end()) {
    const auto word = request.words.next();
    command = find_command(table, word, request.classes);
    if (command == nullptr) return request.fail(Message::invalid_operand, {word});
    table = command->table;
  }
  return explain(*command, request.classes);
}

}  // namespace vmlan::cp
