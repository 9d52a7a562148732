#include "apps/cli/line_input.h"

#include <histedit.h>

#include <array>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <functional>

#include "apps/system/output.h"
#include "host/standard_streams.h"
#include "host/terminal.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

// false = interrupted.
bool wait_for_input(RunningSystem& system, const std::function<void()>& at_rest) {
  return system.run_until_readable(host::standard_input, at_rest) == Halt::condition_met;
}

// A pipe, a file, or a terminal whose output goes elsewhere.
class PlainLines final : public LineSource {
 public:
  std::optional<std::string> next(const std::string& /*prompt*/, RunningSystem& system) override {
    std::size_t end = buffer_.find('\n');
    while (end == std::string::npos && !ended_) {
      const std::size_t searched = buffer_.size();
      if (!wait_for_input(system, flush_output)) return std::nullopt;
      errno = 0;
      const auto more = host::read_some(host::standard_input);
      if (!more && errno != 0) trouble_ = std::strerror(errno);
      if (more) buffer_ += *more;
      ended_ = !more;
      end = buffer_.find('\n', searched);
    }
    if (buffer_.empty()) return std::nullopt;
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end == std::string::npos ? buffer_.size() : end + 1);
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }

  // The input may be a terminal all the same.
  std::optional<std::string> next_secret(const std::string& prompt, RunningSystem& system) override {
    const host::EchoOff silent(host::standard_input);
    return next(prompt, system);
  }

  void show(std::string_view line) override { print_line(line); }
  void complain(std::string_view message) override { print_error(message); }
  Typist typist() const override { return Typist::pipe; }
  std::string trouble() const override { return trouble_; }

 private:
  std::string buffer_;
  bool ended_ = false;
  std::string trouble_;
  // A terminal that is read although the output goes elsewhere; a pipe has nothing to give back.
  host::TerminalKeeper keeper_{host::standard_input};
};

// A terminal with a person before it: editing, history, and lines of the system above what is being typed.
class EditedLines final : public LineSource {
 public:
  // The streams need not be the descriptors' own: see wait_for_no_reader().
  EditedLines()
      : history_(history_init()),
        editor_(el_init_fd("vmlan", stdin, stdout, stderr, host::standard_input, host::standard_output,
                           host::standard_error)) {
    std::setlocale(LC_CTYPE, "");
    HistEvent event;
    history(history_, &event, H_SETSIZE, 1000);
    history(history_, &event, H_SETUNIQUE, 1);
    el_set(editor_, EL_CLIENTDATA, this);
    el_set(editor_, EL_PROMPT, &EditedLines::prompt_of);
    el_set(editor_, EL_GETCFN, &EditedLines::character_of);
    el_set(editor_, EL_HIST, history, history_);
    el_set(editor_, EL_EDITOR, "emacs");
    el_source(editor_, nullptr);
  }
  ~EditedLines() override {
    // What does not edit leaves the terminal as it is.
    if (host::in_background(host::standard_input)) el_set(editor_, EL_EDITMODE, 0);
    el_end(editor_);
    history_end(history_);
  }
  EditedLines(const EditedLines&) = delete;
  EditedLines& operator=(const EditedLines&) = delete;

  std::optional<std::string> next(const std::string& prompt, RunningSystem& system) override {
    prompt_ = prompt;
    system_ = &system;
    int length = 0;
    const char* text = nullptr;
    do {
      dropped_ = false;
      editing_ = true;
      text = el_gets(editor_, &length);
      editing_ = false;
      if (text == nullptr || length <= 0) print(host::attention() || dropped_ ? "^C\n" : "\n");
    } while (dropped_);
    if (text == nullptr || length <= 0) return std::nullopt;
    std::string line(text, static_cast<std::size_t>(length));
    while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
    return line;
  }

  std::optional<std::string> next_secret(const std::string& prompt, RunningSystem& system) override {
    const host::EchoOff silent(host::standard_input);
    prompt_ = prompt;
    print(prompt_);
    flush_output();
    secret_ = editing_ = true;
    auto line = read_plainly(system);
    secret_ = editing_ = false;
    print("\n");
    return line;
  }

  void remember(const std::string& line) override {
    HistEvent event;
    if (line.find_first_not_of(' ') != std::string::npos) history(history_, &event, H_ENTER, line.c_str());
  }

  void show(std::string_view line) override {
    // The line being typed is taken away, and drawn again below when the system rests.
    if (editing_ && !covered_) print("\r\x1b[K");
    covered_ = editing_;
    print_line(line);
  }
  Typist typist() const override { return Typist::person; }

 private:
  static EditedLines& of(EditLine* editor) {
    EditedLines* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *self;
  }
  static char* prompt_of(EditLine* editor) { return of(editor).prompt_.data(); }
  static int character_of(EditLine* editor, wchar_t* character) {
    return of(editor).read_character(character);
  }

  // What libedit asks for; 1 = a character, 0 = end of input. It may come in several bytes.
  int read_character(wchar_t* character) {
    std::mbstate_t state{};
    while (true) {
      if (!wait_for_input(*system_, [this] { redraw(); })) {
        // Ctrl-C takes back what has been typed, if there is anything.
        dropped_ = host::attention() && has_text();
        if (dropped_) host::forget_interruption();
        return 0;
      }
      const auto byte = host::read_byte(host::standard_input);
      if (!byte) return 0;
      const std::size_t used = std::mbrtowc(character, &*byte, 1, &state);
      constexpr auto incomplete = static_cast<std::size_t>(-2);
      constexpr auto invalid = static_cast<std::size_t>(-1);
      if (used == incomplete) continue;
      if (used == invalid) *character = L'?';
      return 1;
    }
  }

  bool has_text() const {
    const LineInfo* line = el_line(editor_);
    return line->lastchar > line->buffer;
  }

  // A line as the terminal hands it on; nothing = end of input, or interrupted.
  std::optional<std::string> read_plainly(RunningSystem& system) {
    constexpr std::size_t longest = 1000;
    std::string line;
    for (;;) {
      if (!wait_for_input(system, [this] { redraw(); })) return std::nullopt;
      const auto byte = host::read_byte(host::standard_input);
      if (!byte && line.empty()) return std::nullopt;
      if (!byte || *byte == '\n' || *byte == '\r') return line;
      if (line.size() < longest) line += *byte;
    }
  }

  void redraw() {
    if (covered_) {
      covered_ = false;
      if (secret_) {
        print(prompt_);
      } else {
        el_set(editor_, EL_REFRESH);
      }
    }
    flush_output();
  }

  host::TerminalKeeper keeper_{host::standard_input};
  History* history_;
  EditLine* editor_;
  std::string prompt_;
  RunningSystem* system_ = nullptr;
  bool editing_ = false;
  bool covered_ = false;
  bool secret_ = false;
  bool dropped_ = false;
};

}  // namespace

std::unique_ptr<LineSource> standard_input() {
  if (host::is_terminal(host::standard_input) && host::is_terminal(host::standard_output)) {
    return std::make_unique<EditedLines>();
  }
  return std::make_unique<PlainLines>();
}

}  // namespace vmlan::apps
