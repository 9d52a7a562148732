#include "cms/shell/file_activities.h"

#include <algorithm>
#include <utility>

namespace vmlan::cms {
namespace {

std::string printable(std::string_view line) {
  std::string text(line);
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '.');
  return text;
}

}  // namespace

std::optional<int> PartsOfFiles::poll() {
  read_ = 0;
  if (interrupted_) return interrupted;
  return part();
}

std::optional<arch::FileContents> PartsOfFiles::read(arch::FileReader& file) {
  arch::FileContents bytes(static_cast<std::size_t>(std::min<std::uint64_t>(file_part, file.size())));
  const auto length = file.read(bytes);
  if (!length) return std::nullopt;
  bytes.resize(*length);
  read_ += *length;
  session_.moved += *length;
  return bytes;
}

// --- TYPE -----------------------------------------------------------------------------------------------

TypeFile::TypeFile(Session& session, FileId id, std::unique_ptr<arch::FileReader> file)
    : PartsOfFiles(session), id_(std::move(id)), file_(std::move(file)) {}

std::optional<int> TypeFile::part() {
  for (unsigned lines = 0; lines < lines_per_turn;) {
    const std::size_t newline = text_.find('\n', shown_);
    const std::size_t left = text_.size() - shown_;
    if (newline == std::string::npos && left < longest_line && !read_all_) {
      if (enough()) return std::nullopt;
      const auto bytes = read(*file_);
      if (!bytes) {
        session().say("DMSTYP104S Error reading file {} from disk", id_.text());
        return io_error;
      }
      read_all_ = bytes->empty();
      text_.erase(0, std::exchange(shown_, 0));
      text_.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
      continue;
    }
    if (left == 0) return 0;
    const std::size_t length = std::min({newline - shown_, left, longest_line});
    session().say("{}", printable(std::string_view(text_).substr(shown_, length)));
    shown_ += length;
    if (shown_ == newline) ++shown_;
    ++lines;
  }
  return std::nullopt;
}

// --- COPYFILE -------------------------------------------------------------------------------------------

CopyFile::CopyFile(Session& session, FileId from, std::unique_ptr<arch::FileReader> reader, FileId to,
                   std::unique_ptr<arch::FileWriter> writer)
    : PartsOfFiles(session),
      from_(std::move(from)),
      to_(std::move(to)),
      reader_(std::move(reader)),
      writer_(std::move(writer)) {}

std::optional<int> CopyFile::part() {
  const auto bytes = read(*reader_);
  if (!bytes) {
    session().say("DMSCPY104S Error reading file {} from disk", from_.text());
    return io_error;
  }
  copied_ += bytes->size();
  const bool all = copied_ == reader_->size();
  if (writer_->append(*bytes) && (!all || writer_->keep())) return all ? std::optional(0) : std::nullopt;
  session().say("DMSCPY105S Error writing file {} on disk", to_.text());
  return io_error;
}

// --- COMPARE --------------------------------------------------------------------------------------------

CompareFiles::CompareFiles(Session& session, Side one, Side two)
    : PartsOfFiles(session), one_(std::move(one)), two_(std::move(two)) {
  session.say("DMSCMP179I Comparing {} with {}", one_.id.text(), two_.id.text());
}

int CompareFiles::fail_reading(const FileId& id) {
  session().say("DMSCMP104S Error reading file {} from disk", id.text());
  return io_error;
}

int CompareFiles::fail_shorter(const FileId& id) {
  constexpr int shorter = 40;
  session().say("DMSCMP010E Premature EOF on file {}", id.text());
  return shorter;
}

std::optional<int> CompareFiles::part() {
  constexpr int different = 4;
  const auto first = read(*one_.file);
  if (!first) return fail_reading(one_.id);
  const auto second = read(*two_.file);
  if (!second) return fail_reading(two_.id);
  const auto [in_first, in_second] = std::ranges::mismatch(*first, *second);
  const bool first_ends = in_first == first->end();
  const bool second_ends = in_second == second->end();
  if (!first_ends && !second_ends) {
    session().say("Byte {}: {:02X} {:02X}", equal_ + static_cast<std::uint64_t>(in_first - first->begin()),
                  std::to_integer<unsigned>(*in_first), std::to_integer<unsigned>(*in_second));
    session().say("DMSCMP209W Files do not compare");
    return different;
  }
  if (!first_ends) return fail_shorter(two_.id);
  if (!second_ends) return fail_shorter(one_.id);
  equal_ += first->size();
  const bool all = equal_ == one_.file->size() && equal_ == two_.file->size();
  return all ? std::optional(0) : std::nullopt;
}

}  // namespace vmlan::cms
