#include "apps/system/messages.h"

#include <fmt/format.h>

#include <array>
#include <cassert>

namespace vmlan::apps {

namespace {

struct Entry {
  Message message;
  std::string_view id;
  std::string_view text;
};

// In the order of the enumeration.
constexpr std::array entries{
    Entry{Message::unknown_command, "VMLOPT001E",
          "There is no command '{}'; vmlan --help lists the commands"},
    Entry{Message::bad_option, "VMLOPT002E", "{}; 'vmlan help {}' shows the options"},
    Entry{Message::operand_missing, "VMLOPT003E", "{} is missing; 'vmlan help {}' shows an example"},
    Entry{Message::too_many_operands, "VMLOPT004E",
          "'{}' is one operand too many; 'vmlan help {}' shows how"},
    Entry{Message::bad_option_value, "VMLOPT005E", "'{}' is no value for {}; give {}"},
    Entry{Message::no_such_topic, "VMLOPT006E", "There is no help for '{}'; vmlan --help lists the commands"},

    Entry{Message::cannot_read_file, "VMLFIL011E", "Cannot read {}: {}; check the name and its permissions"},
    Entry{Message::cannot_write_file, "VMLFIL012E",
          "Cannot write {}: {}; check the folder and its permissions"},
    Entry{Message::file_too_large, "VMLFIL013E", "{} has more than {} bytes; give a smaller file"},
    Entry{Message::cannot_write_output, "VMLFIL014E", "Cannot write the output: {}"},
    Entry{Message::traces_unfinished, "VMLFIL015E",
          "Not all of the traces could be written; the disk is stuck"},

    Entry{Message::not_a_statement, "VMLSCR101E",
          "Not a line of a script: {}; write 'NAME> command', '* comment', or a statement like .WAIT"},
    Entry{Message::unknown_statement, "VMLSCR102E",
          "Unknown statement {}; there are .DEFAULT .DIRECTORY .EXPECT .FILE .GET .IGNORE .PUT .SLEEP "
          ".STRICT .TIMEOUT "
          ".WAIT"},
    Entry{Message::statement_operand_missing, "VMLSCR103E", "Operand missing; the statement is: {}"},
    Entry{Message::statement_operand_invalid, "VMLSCR104E", "Invalid operand '{}'; the statement is: {}"},
    Entry{Message::statement_too_many_operands, "VMLSCR105E",
          "'{}' is one operand too many; the statement is: {}"},
    Entry{Message::argument_without_value, "VMLSCR106E",
          "&{} has no value; give it after the script's name, or write .DEFAULT &{} value above"},
    Entry{Message::end_missing, "VMLSCR107E",
          "The lines that begin here do not end; write .END after the last"},
    Entry{Message::end_without_block, "VMLSCR108E", ".END ends nothing; remove it"},
    Entry{Message::too_many_script_errors, "VMLSCR109E", "More errors are not shown; is this a script?"},

    Entry{Message::command_did_not_end, "VMLRUN201E",
          "The last command of {} has not ended after {} seconds; .TIMEOUT or --timeout allows more"},
    Entry{Message::text_not_shown, "VMLRUN202E",
          "{} has not shown '{}' after {} seconds; .TIMEOUT or --timeout allows more"},
    Entry{Message::nothing_can_happen, "VMLRUN203E",
          "{} waits for ever: no user has anything to do any more; type what they wait for first"},
    Entry{Message::wrong_return_code, "VMLRUN204E",
          "The last command of {} ended with return code {}, not {}; its console says why"},
    Entry{Message::no_minidisk, "VMLRUN205E",
          "{} has no minidisk {}; add 'MDISK {}' to the user's entry in the directory"},
    Entry{Message::file_not_on_minidisk, "VMLRUN206E",
          "There is no file {} on minidisk {} of {}; LISTFILE shows them"},
    Entry{Message::minidisk_refused, "VMLRUN207E",
          "Minidisk {} of {} did not take the file; is it read-only?"},
    Entry{Message::interrupted, "VMLRUN208E", "Interrupted"},
    Entry{Message::never_idle, "VMLRUN209E",
          "The users did not come to rest within {} turns; is there a loop that sends for ever?"},

    Entry{Message::no_such_console, "VMLRUN210E",
          "There is no console {}: nothing was typed there and nobody has that user id; correct the name"},
    Entry{
        Message::unexpected_return_code, "VMLRUN211E",
        "The command of {} ended with return code {}; its console says why, or write .EXPECT {} {} after it"},
    Entry{Message::unwanted_return_code, "VMLRUN212E",
          "The last command of {} ended with return code {}, which .EXPECT NOT rules out"},
    Entry{Message::expected_text_not_shown, "VMLRUN213E",
          "{} has not shown '{}' since something was last typed there; its lines stand above"},
    Entry{Message::unwanted_text, "VMLRUN214E",
          "{} has shown '{}', which .EXPECT NOT rules out; its lines stand above"},
    Entry{Message::lines_forgotten, "VMLRUN215E",
          "{} has shown more lines than are remembered, so nobody knows about '{}'; expect it earlier"},
    Entry{Message::logon_unfinished, "VMLRUN216E",
          "{} still asks for a password, its LOGON has not happened; type the password there"},
    Entry{
        Message::command_cut_off, "VMLRUN217E",
        "The command of {} was cut off: its program was ended; wait for it first (.WAIT), or end it with HX"},

    Entry{Message::directory_error, "VMLDIR301E", "In the user directory: {}"},
    Entry{Message::directory_rejected, "VMLDIR302E",
          "The user directory has {} and was not loaded; correct them and start again"},

    Entry{Message::not_a_userid, "VMLCON401E", "'{}' is not the name of a console; it has 1 to 8 characters"},

    Entry{Message::serving, "VMLSRV601I", "The system serves guests at {}"},
    Entry{Message::cannot_listen, "VMLSRV602E", "{}; choose another path with --socket, or end that system"},
    Entry{Message::no_system, "VMLSRV603E", "{}; start a system with 'vmlan serve', or name its --socket"},
    Entry{Message::no_answer, "VMLSRV604E", "{}: no answer to the command; is it a vmlan of this version?"},
    Entry{Message::command_failed, "VMLSRV605E", "'{}' ended with CP return code {}"},

    Entry{Message::bad_filter, "VMLCAP621E", "'{}' is no filter: {}; man pcap-filter describes them"},
    Entry{Message::system_has_gone, "VMLCAP622E", "{}: the system has gone"},
    Entry{Message::captured, "VMLCAP623I",
          "{} frames captured, {} left out by the filter, {} lost because they were not read in time"},

    Entry{Message::emulator_found, "VMLHRC701I", "{} is Hercules {}, which can load modules"},
    Entry{Message::emulator_missing, "VMLHRC702E",
          "There is no program '{}'; install Debian's package hercules, or name the program with --hercules"},
    Entry{Message::emulator_silent, "VMLHRC703E",
          "{} --version does not say that it is Hercules; name the right program with --hercules"},
    Entry{Message::emulator_without_modules, "VMLHRC704E",
          "{} is Hercules {} built without dynamic loading; use one that can load modules, as Debian's can"},
    Entry{Message::module_by_name, "VMLHRC705I",
          "{} is found by its name and fits; no LDMOD statement is needed"},
    Entry{Message::module_by_path, "VMLHRC706I",
          "{} fits; Hercules looks for modules in {}, so its configuration needs the LDMOD statement below"},
    Entry{Message::module_missing, "VMLHRC707E",
          "There is no module hdtvnic.so in {}; install vmlan's package, or name the file with --module"},
    Entry{Message::not_our_module, "VMLHRC708E",
          "{} is not the module of vmlan; name the right file with --module"},
    Entry{Message::module_for_another, "VMLHRC709E",
          "{} was built for Hercules {}, this is {}; build it for this one (README, section Hercules)"},
    Entry{Message::module_of_another_version, "VMLHRC710W",
          "{} is of vmlan {}, this program of {}; install both from one build"},
    Entry{Message::emulator_refused, "VMLHRC711E",
          "{} does not take the module {}; the lines above are what it says of it"},
    Entry{Message::emulator_did_not_answer, "VMLHRC712E",
          "{} did not take a VNIC statement within {} seconds; try again when the machine is less busy"},
    Entry{Message::system_runs, "VMLHRC713I", "A system runs at {}"},
    Entry{Message::system_will_start, "VMLHRC714I", "No system runs at {}; the first guest starts one"},
    Entry{Message::system_to_start, "VMLHRC718W",
          "No system runs at {}; start one first: vmlan serve --socket {}"},
    Entry{
        Message::system_path_unusable, "VMLHRC715E",
        "No system can be reached at {}: {}; choose another path (--socket; 'system' in the VNIC statement)"},
    Entry{Message::no_trial_folder, "VMLHRC716E",
          "No temporary folder can be made: {}; set TMPDIR to a folder with space"},
    Entry{Message::all_fits, "VMLHRC717I", "All fits. For two guests on one LAN, for example:"},

    Entry{Message::no_transcripts, "VMLTST801E",
          "There is no script (*.vm) in {}; name files, or another folder"},
    Entry{Message::answers_differ, "VMLTST802E",
          "The answers are not those recorded; vmlan test --update writes them into the file"},
    Entry{Message::run_failed, "VMLTST803E", "The run failed with exit code {}; its last lines say why"},
    Entry{Message::run_too_long, "VMLTST804E",
          "The run has not ended after {} seconds of real time; --limit allows more"},
    Entry{Message::runs_differ, "VMLTST805E", "Two runs gave different answers"},
    Entry{Message::output_too_long, "VMLTST806E", "The run has printed more than {} bytes"},
    Entry{Message::cannot_start_run, "VMLTST807E", "The run cannot be started: {}"},

    Entry{Message::cannot_read_trace, "VMLRPL501E", "Cannot read {}: {}"},
    Entry{Message::trace_damaged, "VMLRPL502W",
          "Reading {} ended at record {}: {}; what follows was not read"},
    Entry{Message::replay_user_not_ready, "VMLRPL503E", "A user did not start: {}; --max-users limits them"},
    Entry{Message::replay_fault, "VMLRPL504E", "The books do not balance: {}"},
    Entry{Message::replay_setting_wrong, "VMLRPL505E", "{}"},
    Entry{Message::replay_nearly_full, "VMLRPL506W",
          "{} users are logged on, of {} that there may be; --max-users says how many"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (static_cast<std::size_t>(entries[i].message) != i) return false;
  }
  return true;
}
static_assert(in_order());

// The manual lists messages by number, whoever says them: "VMLRUN204E" is 204.
constexpr bool numbers_are_unique() {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (entries[i].id.substr(6, 3) == entries[j].id.substr(6, 3)) return false;
    }
  }
  return true;
}
static_assert(numbers_are_unique());
static_assert(entries.size() == static_cast<std::size_t>(Message::replay_nearly_full) + 1);

}  // namespace

std::string format(Message message, std::initializer_list<std::string_view> values) {
  const Entry& entry = entries[static_cast<std::size_t>(message)];
  std::string result(entry.id);
  result += ' ';
  auto value = values.begin();
  std::string_view rest = entry.text;
  for (std::size_t at = rest.find("{}"); at != std::string_view::npos; at = rest.find("{}")) {
    assert(value != values.end());
    result.append(rest.substr(0, at)).append(*value++);
    rest.remove_prefix(at + 2);
  }
  assert(value == values.end());
  return result.append(rest);
}

std::string at_line(std::string_view file, unsigned line, std::string_view message) {
  return fmt::format("{}:{}: {}", file, line, message);
}

}  // namespace vmlan::apps
