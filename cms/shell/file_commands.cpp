// LISTFILE, TYPE, COPYFILE, RENAME, ERASE, COMPARE. Message numbers and return codes as CMS has them where
// known (z/VM: CMS Commands and Utilities Reference).
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "cms/shell/command.h"
#include "cms/shell/file_activities.h"

namespace vmlan::cms {
namespace {

constexpr int not_found = 28;
constexpr int not_accessed = 36;

Outcome fail_file_id(Session& session, std::string_view module, const FileIdError& error) {
  return session.fail(error.return_code, "DMS{}{}", module, error.number_and_text);
}

Outcome fail_not_found(Session& session, std::string_view module, const FileId& id) {
  return session.fail(not_found, "DMS{}002E File {} {} {} not found", module, id.name, id.type, id.mode);
}

Outcome fail_mode(Session& session, std::string_view module, char mode) {
  return session.fail(not_accessed, "DMS{}069E Filemode {} not accessed", module, mode);
}

Outcome fail_file_operand(Session& session, std::string_view module, std::string_view operand) {
  return session.fail(24, "DMS{}070E Invalid parameter {}", module, operand);
}

// Does a file on a disk ("FN FT") fit the pattern?
bool fits(const FileId& pattern, std::string_view file) {
  const auto blank = file.find(' ');
  const auto name = file.substr(0, blank);
  const auto type = blank == std::string_view::npos ? std::string_view{} : file.substr(blank + 1);
  return (pattern.name == "*" || pattern.name == name) && (pattern.type == "*" || pattern.type == type);
}

Outcome list_file(Session& session, std::string_view text) {
  Operands operands(text);
  FileId pattern{operands.empty() ? "*" : operands.take(), operands.empty() ? "*" : operands.take(), 'A'};
  if (!operands.empty()) pattern.mode = operands.take().front();
  if (!operands.empty()) return fail_file_operand(session, "LST", operands.peek());
  if (pattern.mode != '*' && session.disks.disk(pattern.mode) == nullptr) {
    return fail_mode(session, "LST", pattern.mode);
  }
  bool any = false;
  for (const auto& accessed : session.disks.all()) {
    if (pattern.mode != '*' && pattern.mode != accessed.mode) continue;
    for (const std::string& file : accessed.disk->list()) {
      if (!fits(pattern, file)) continue;
      any = true;
      const auto blank = file.find(' ');
      session.say("{:<8} {:<8} {}1", file.substr(0, blank), file.substr(blank + 1), accessed.mode);
    }
  }
  if (!any) return session.fail(not_found, "DMSLST002E File not found");
  return 0;
}

Outcome type_file(Session& session, std::string_view text) {
  Operands operands(text);
  FileIdError error;
  const auto id = take_file_id(operands, error);
  if (!id) return fail_file_id(session, "TYP", error);
  if (!operands.empty()) return fail_file_operand(session, "TYP", operands.peek());
  auto file = session.disks.open(*id);
  if (file == nullptr) return fail_not_found(session, "TYP", *id);
  return Outcome(std::make_unique<TypeFile>(session, *id, std::move(file)));
}

// "=" in a second fileid stands for the part of the first.
FileId with_equals(FileId id, const FileId& from) {
  if (id.name == "=") id.name = from.name;
  if (id.type == "=") id.type = from.type;
  if (id.mode == '=') id.mode = from.mode;
  return id;
}

struct TwoFiles {
  FileId from;
  FileId to;
};

// The second fileid of COPYFILE and RENAME may contain "=", which is no character of a name.
std::optional<TwoFiles> take_two(Operands& operands, FileIdError& error) {
  const auto from = take_file_id(operands, error);
  if (!from) return std::nullopt;
  FileId to{operands.take().substr(0, 8), operands.take().substr(0, 8), 'A'};
  if (to.type.empty()) {
    error = {24, "054E Incomplete fileid specified"};
    return std::nullopt;
  }
  if (!operands.empty()) to.mode = operands.take().front();
  to = with_equals(to, *from);
  Operands parts(to.name + " " + to.type + " " + to.mode);
  if (!take_file_id(parts, error)) return std::nullopt;
  return TwoFiles{*from, to};
}

Outcome fail_writing(Session& session, std::string_view module, const FileId& id) {
  return session.fail(io_error, "DMS{}105S Error writing file {} on disk", module, id.text());
}

bool has_option(const Operands& operands, std::string_view keyword) {
  return std::ranges::any_of(operands.options(),
                             [&](const std::string& word) { return matches(word, keyword); });
}

Outcome copy_file(Session& session, std::string_view text) {
  Operands operands(text);
  FileIdError error;
  const auto files = take_two(operands, error);
  if (!files) return fail_file_id(session, "CPY", error);
  if (!operands.empty()) return fail_file_operand(session, "CPY", operands.peek());
  auto reader = session.disks.open(files->from);
  if (reader == nullptr) return fail_not_found(session, "CPY", files->from);
  if (session.disks.find(files->to) && !has_option(operands, "REPlace")) {
    return session.fail(not_found, "DMSCPY024E File {} already exists; specify REPLACE option",
                        files->to.text());
  }
  arch::Minidisk* disk = session.disks.disk(files->to.mode);
  if (disk == nullptr) return fail_mode(session, "CPY", files->to.mode);
  auto writer = disk->create(files->to.disk_name());
  if (writer == nullptr) return fail_writing(session, "CPY", files->to);
  return Outcome(
      std::make_unique<CopyFile>(session, files->from, std::move(reader), files->to, std::move(writer)));
}

Outcome rename_file(Session& session, std::string_view text) {
  Operands operands(text);
  FileIdError error;
  const auto files = take_two(operands, error);
  if (!files) return fail_file_id(session, "RNM", error);
  if (files->from.mode != files->to.mode) {
    return session.fail(24, "DMSRNM051E Invalid mode change");
  }
  if (!session.disks.find(files->from)) return fail_not_found(session, "RNM", files->from);
  if (session.disks.find(files->to)) {
    return session.fail(not_found, "DMSRNM024E File {} already exists", files->to.text());
  }
  arch::Minidisk* disk = session.disks.disk(files->from.mode);
  if (disk != nullptr && disk->rename(files->from.disk_name(), files->to.disk_name())) return 0;
  return fail_writing(session, "RNM", files->to);
}

Outcome erase_file(Session& session, std::string_view text) {
  Operands operands(text);
  FileIdError error;
  const auto id = take_file_id(operands, error);
  if (!id) return fail_file_id(session, "ERS", error);
  const auto found = session.disks.find(*id);
  if (!found) return fail_not_found(session, "ERS", *id);
  if (session.disks.disk(found->mode)->erase(found->disk_name())) return 0;
  return session.fail(io_error, "DMSERS105S Error erasing file {} on disk", found->text());
}

Outcome compare_files(Session& session, std::string_view text) {
  Operands operands(text);
  FileIdError error;
  const auto one = take_file_id(operands, error);
  if (!one) return fail_file_id(session, "CMP", error);
  const auto two = take_file_id(operands, error);
  if (!two) return fail_file_id(session, "CMP", error);
  auto first = session.disks.open(*one);
  if (first == nullptr) return fail_not_found(session, "CMP", *one);
  auto second = session.disks.open(*two);
  if (second == nullptr) return fail_not_found(session, "CMP", *two);
  return Outcome(std::make_unique<CompareFiles>(session, CompareFiles::Side{*one, std::move(first)},
                                                CompareFiles::Side{*two, std::move(second)}));
}

constexpr std::array<Command, 6> commands_for_files{{
    {"LISTfile", "[fn|* [ft|* [fm|*]]]", "lists files", list_file},
    {"Type", "fn ft [fm|*]", "displays a file", type_file},
    {"COPYfile", "fn ft fm fn|= ft|= [fm|=] [( REPlace]", "copies a file", copy_file},
    {"Rename", "fn ft fm fn|= ft|= [fm|=]", "gives a file another name", rename_file},
    {"ERASE", "fn ft [fm]", "erases a file", erase_file},
    {"COMpare", "fn ft fm fn ft fm", "compares two files byte by byte", compare_files},
}};

}  // namespace

std::span<const Command> file_commands() { return commands_for_files; }

}  // namespace vmlan::cms
