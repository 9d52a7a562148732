// The numbered messages of the program itself, each text once: VMLmmmnnns, where mmm names the part that
// speaks and s the severity (I information, E error). What CP and CMS say has their own numbers.
//
// A message is one sentence about what is wrong and, after a semicolon, what to do about it.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace vmlan::apps {

enum class Message : unsigned char {
  // OPT: the command line.
  unknown_command,
  bad_option,
  operand_missing,
  too_many_operands,
  bad_option_value,
  no_such_topic,
  // FIL: files of the host.
  cannot_read_file,
  cannot_write_file,
  file_too_large,
  cannot_write_output,
  traces_unfinished,
  // SCR: the script's text.
  not_a_statement,
  unknown_statement,
  statement_operand_missing,
  statement_operand_invalid,
  statement_too_many_operands,
  argument_without_value,
  end_missing,
  end_without_block,
  too_many_script_errors,
  // RUN: the script at work.
  command_did_not_end,
  text_not_shown,
  nothing_can_happen,
  wrong_return_code,
  no_minidisk,
  file_not_on_minidisk,
  minidisk_refused,
  interrupted,
  never_idle,
  no_such_console,
  unexpected_return_code,
  unwanted_return_code,
  expected_text_not_shown,
  unwanted_text,
  lines_forgotten,
  logon_unfinished,
  command_cut_off,
  // DIR: the user directory.
  directory_error,
  directory_rejected,
  // CON: the console.
  not_a_userid,
  // SRV: vmlan serve and vmlan cp.
  serving,
  cannot_listen,
  no_system,
  no_answer,
  command_failed,
  // CAP: vmlan capture.
  bad_filter,
  system_has_gone,
  captured,
  // HRC: vmlan hercules check.
  emulator_found,
  emulator_missing,
  emulator_silent,
  emulator_without_modules,
  module_by_name,
  module_by_path,
  module_missing,
  not_our_module,
  module_for_another,
  module_of_another_version,
  emulator_refused,
  emulator_did_not_answer,
  system_runs,
  system_will_start,
  system_to_start,
  system_path_unusable,
  no_trial_folder,
  all_fits,
  // TST: vmlan test.
  no_transcripts,
  answers_differ,
  run_failed,
  run_too_long,
  runs_differ,
  output_too_long,
  cannot_start_run,
  // RPL: the replay of a trace.
  cannot_read_trace,
  trace_damaged,
  replay_user_not_ready,
  replay_fault,
  replay_setting_wrong,
  replay_nearly_full,
};

// "VMLRUN204E ALICE's last command ended with return code 45, not 0; ...". Each {} of the text takes the next
// of `values`.
std::string format(Message message, std::initializer_list<std::string_view> values = {});

// "two-users.vm:12: VMLSCR..."
std::string at_line(std::string_view file, unsigned line, std::string_view message);

}  // namespace vmlan::apps
