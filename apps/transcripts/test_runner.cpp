#include "apps/transcripts/test_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "apps/system/files.h"
#include "apps/system/messages.h"
#include "apps/transcripts/test_report.h"
#include "apps/transcripts/transcript.h"
#include "host/child_process.h"
#include "host/real_clock.h"
#include "host/temporary_folder.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_output = std::size_t{64} << 20U;
constexpr std::size_t most_last_lines = 10;
constexpr arch::Time farewell = std::chrono::seconds(5);

std::string seconds_text(arch::Time time) {
  return fmt::format("{:g}", std::chrono::duration<double>(time).count());
}

std::vector<std::string> last_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < most_last_lines) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    const std::size_t begin = text.rfind('\n') + 1;  // npos + 1 = 0
    lines.emplace_back(text.substr(begin));
    text = text.substr(0, begin);
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

// What one run printed, or why there is none.
struct RunEnd {
  std::string printed;
  std::string trouble;
};

// One transcript on its way: a process in an empty folder, once or twice.
class Trial {
 public:
  Trial(const TestOptions& options, std::string file, std::string recorded)
      : options_(options), file_(std::move(file)), recorded_(std::move(recorded)) {
    result_.file = file_;
    start();
  }

  const host::ChildProcess* process() const { return process_ ? &*process_ : nullptr; }
  arch::Time time_left() const { return options_.limit - clock_.now(); }
  TestResult take_result() { return std::move(result_); }

  // Looks at the process; true = the result is there.
  bool proceed() {
    if (!process_) return true;
    if (process_->take_output()) {
      if (time_left() > arch::Time{0}) return false;
      fail(format(Message::run_too_long, {seconds_text(options_.limit)}), process_->output());
      return true;
    }
    const auto code = process_->wait(farewell);
    result_.time += clock_.now();
    const std::string printed = process_->output();
    const bool forgetful = process_->forgetful();
    process_.reset();
    if (code != 0) {
      fail(format(Message::run_failed, {code ? fmt::to_string(*code) : "(none)"}), printed);
    } else if (forgetful) {
      fail(format(Message::output_too_long, {fmt::to_string(most_output)}), printed);
    } else if (options_.twice && !first_) {
      first_ = printed;
      start();
      return !process_;
    } else {
      judge(printed);
    }
    return true;
  }

 private:
  void start() {
    auto folder = host::TemporaryFolder::make();
    if (!folder) return fail(format(Message::cannot_start_run, {"no temporary folder"}), {});
    folder_.emplace(std::move(*folder));
    clock_ = host::RealClock();
    auto started = host::ChildProcess::start(command(), folder_->path().string(), most_output);
    if (const auto* reason = std::get_if<std::string>(&started)) {
      return fail(format(Message::cannot_start_run, {*reason}), {});
    }
    process_.emplace(std::get<host::ChildProcess>(std::move(started)));
  }

  std::vector<std::string> command() const {
    std::vector<std::string> words{options_.program, "run",
                                   "--clock",        options_.clock == ClockKind::real ? "real" : "virtual",
                                   "--timeout",      seconds_text(options_.timeout),
                                   "--seed",         fmt::to_string(options_.seed)};
    if (options_.strict) words.emplace_back("--strict");
    if (!options_.directory.empty()) {
      words.insert(words.end(), {"--directory", fs::absolute(options_.directory).string()});
    }
    words.insert(words.end(), {"--", fs::absolute(file_).string()});
    return words;
  }

  void fail(const std::string& message, std::string_view printed) {
    result_.verdict = Verdict::failed;
    result_.message = fmt::format("{}: {}", file_, message);
    result_.details = last_lines(printed);
    process_.reset();  // `printed` may be its own
  }

  void judge(const std::string& printed) {
    if (first_ && *first_ != printed) {
      // What the first run printed is a transcript too.
      return differ(compare_transcripts(*first_, printed), Message::runs_differ, "first run", "second run");
    }
    const Comparison comparison = compare_transcripts(recorded_, printed);
    if (comparison.same) {
      result_.verdict = Verdict::same;
      return;
    }
    if (!options_.update) return differ(comparison, Message::answers_differ, "recorded", "now");
    const FileError error = write_file(file_, std::as_bytes(std::span(comparison.updated)));
    if (!error.message.empty()) return fail(error.message, {});
    result_.verdict = Verdict::updated;
  }

  void differ(const Comparison& comparison, Message message, std::string_view before,
              std::string_view after) {
    result_.verdict = Verdict::differs;
    result_.message = at_line(file_, comparison.first_line, format(message));
    result_.details = {fmt::format("--- {} ({})", file_, before), fmt::format("+++ {} ({})", file_, after)};
    result_.details.insert(result_.details.end(), comparison.difference.begin(), comparison.difference.end());
  }

  const TestOptions& options_;
  std::string file_;
  std::string recorded_;
  std::optional<std::string> first_;
  host::RealClock clock_;
  std::optional<host::TemporaryFolder> folder_;
  std::optional<host::ChildProcess> process_;
  TestResult result_;
};

struct Transcript {
  std::string file;
  std::string recorded;
};

// All files that are named, or lie in a folder that is; or the first that cannot be read.
std::variant<std::vector<Transcript>, std::string> read_all(const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const std::string& name : names) {
    std::error_code error;
    if (!fs::is_directory(name, error)) {
      files.push_back(name);
      continue;
    }
    const auto first = static_cast<std::ptrdiff_t>(files.size());
    for (fs::directory_iterator entry(name, error), end; !error && entry != end; entry.increment(error)) {
      if (entry->path().extension() == ".vm") files.push_back(entry->path().string());
    }
    if (files.size() == static_cast<std::size_t>(first)) return format(Message::no_transcripts, {name});
    std::sort(files.begin() + first, files.end());
  }
  std::vector<Transcript> transcripts;
  for (std::string& file : files) {
    auto text = read_file(file, largest_text_file);
    if (auto* error = std::get_if<FileError>(&text)) return std::move(error->message);
    transcripts.push_back({std::move(file), std::get<std::string>(std::move(text))});
  }
  return transcripts;
}

// Several at once; reports in the order of the files.
class TestRun {
 public:
  TestRun(const TestOptions& options, std::vector<Transcript> transcripts, const Output& output)
      : options_(options),
        transcripts_(std::move(transcripts)),
        output_(output),
        results_(transcripts_.size()) {}

  // false = Ctrl-C.
  bool run() {
    output_.transcript("TAP version 13");
    output_.transcript(fmt::format("1..{}", transcripts_.size()));
    while (reported_ < transcripts_.size()) {
      if (host::interrupted()) {
        output_.transcript("Bail out! Interrupted");
        return false;
      }
      start_more();
      wait();
      look();
      report();
    }
    return true;
  }

  const std::vector<TestResult>& reported() const { return good_order_; }

 private:
  void start_more() {
    while (trials_.size() < options_.jobs && next_ < transcripts_.size()) {
      Transcript& transcript = transcripts_[next_];
      trials_.emplace_back(next_, std::make_unique<Trial>(options_, std::move(transcript.file),
                                                          std::move(transcript.recorded)));
      ++next_;
    }
  }

  void wait() const {
    std::vector<const host::ChildProcess*> processes;
    arch::Time limit = options_.limit;
    for (const auto& [number, trial] : trials_) {
      if (trial->process() == nullptr) return;
      processes.push_back(trial->process());
      limit = std::min(limit, trial->time_left());
    }
    host::ChildProcess::wait_any(processes, std::max(limit, arch::Time{0}));
  }

  void look() {
    std::erase_if(trials_, [this](auto& numbered) {
      auto& [number, trial] = numbered;
      if (!trial->proceed()) return false;
      results_[number] = trial->take_result();
      return true;
    });
  }

  void report() {
    while (reported_ < results_.size() && results_[reported_]) {
      for (const std::string& line : tap_lines(*results_[reported_], reported_ + 1)) output_.transcript(line);
      good_order_.push_back(std::move(*results_[reported_]));
      ++reported_;
    }
  }

  const TestOptions& options_;
  std::vector<Transcript> transcripts_;
  const Output& output_;
  std::vector<std::optional<TestResult>> results_;
  std::vector<std::pair<std::size_t, std::unique_ptr<Trial>>> trials_;
  std::vector<TestResult> good_order_;
  std::size_t next_ = 0;
  std::size_t reported_ = 0;
};

}  // namespace

ExitCode run_tests(const TestOptions& given, const Output& output) {
  auto transcripts = read_all(given.files);
  if (const auto* error = std::get_if<std::string>(&transcripts)) {
    output.errors(*error);
    return ExitCode::usage;
  }
  TestOptions options = given;
  if (options.program.empty()) options.program = "/proc/self/exe";
  if (options.jobs == 0) options.jobs = host::processors();
  TestRun run(options, std::get<std::vector<Transcript>>(std::move(transcripts)), output);
  const bool complete = run.run();
  const auto& results = run.reported();
  const auto good = static_cast<std::size_t>(std::count_if(results.begin(), results.end(), is_good));
  output.transcript(fmt::format("# {} of {} as recorded", good, results.size()));
  if (!options.junit.empty()) {
    const std::string report = junit_xml(results);
    const FileError error = write_file(options.junit, std::as_bytes(std::span(report)));
    if (!error.message.empty()) {
      output.errors(error.message);
      return ExitCode::failure;
    }
  }
  return complete && good == results.size() ? ExitCode::success : ExitCode::failure;
}

}  // namespace vmlan::apps
