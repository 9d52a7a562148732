#include "apps/cli/command_line.h"

#include <boost/program_options.hpp>
#include <sstream>

#include "apps/cli/capture_forms.h"
#include "apps/cli/command_forms.h"
#include "apps/cli/option_values.h"
#include "apps/system/messages.h"

namespace vmlan::apps {

namespace {

namespace po = boost::program_options;

Request parse_command(const CommandForm& command, const std::vector<std::string>& words) {
  po::options_description options = command.options();
  options.add_options()("operand", po::value<std::vector<std::string>>());
  po::positional_options_description positions;
  positions.add("operand", -1);
  const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  po::variables_map values;
  try {
    po::store(po::command_line_parser(words).options(options).positional(positions).style(style).run(),
              values);
  } catch (const po::error& error) {
    return UsageError{format(Message::bad_option, {error.what(), command.name})};
  }
  if (values.count("help") != 0) return HelpRequest{std::string(command.name)};
  // Which for some options would mean that there is no such option.
  for (const auto& [name, value] : values) {
    const auto* text = boost::any_cast<std::string>(&value.value());
    const bool takes_value = options.find(name, false).semantic()->max_tokens() > 0;
    if (takes_value && text != nullptr && text->empty())
      return bad_value(*text, "--" + name, "one that is not empty");
  }
  return command.request(values);
}

}  // namespace

Request parse_command_line(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return HelpRequest{};
  const std::string& first = arguments[0];
  if (first == "--version" || first == "-V") return VersionRequest{};
  if (first == "--help" || first == "-h" || first == "help") {
    if (arguments.size() > 2) return too_many_operands(arguments[2], "help");
    const std::string topic = arguments.size() == 2 ? arguments[1] : std::string();
    if (topic.empty() || find_command(topic) != nullptr) return HelpRequest{topic};
    return UsageError{format(Message::no_such_topic, {topic})};
  }
  const CommandForm* command = find_command(first);
  if (is_extcap(arguments) && (command == nullptr || first == "capture")) {
    const bool named = command != nullptr;
    return parse_command(*find_command("extcap"), {arguments.begin() + (named ? 1 : 0), arguments.end()});
  }
  if (command == nullptr) return UsageError{format(Message::unknown_command, {first})};
  return parse_command(*command, {arguments.begin() + 1, arguments.end()});
}

std::string options_text(const std::string& command) {
  const CommandForm* form = find_command(command);
  if (form == nullptr) return {};
  std::ostringstream text;
  text << form->options();
  return text.str();
}

}  // namespace vmlan::apps
