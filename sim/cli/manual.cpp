#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "sim/cli/command_line.h"
#include "sim/cli/command_options.h"
#include "sim/cli/command_table.h"
#include "sim/report/version.h"

namespace mxsim {
namespace {

/// As roff prints it: hyphens that can be copied, no line that begins with a request.
std::string roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    const bool starts_line = escaped.empty() || escaped.back() == '\n';
    if (starts_line && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string option_entry(const OptionText& option) {
  std::string names;
  for (const std::string& flag : option.flags) {
    names += (names.empty() ? "\\fB" : ", \\fB") + roff(flag) + "\\fR";
  }
  if (!option.argument.empty()) {
    names += (names.empty() ? "\\fI" : " \\fI") + roff(option.argument) + "\\fR";
  }
  const std::string value = option.value.empty() ? "" : " (default: " + option.value + ")";
  return ".TP\n" + names + "\n" + roff(option.meaning + value) + "\n";
}

/// `skipped`: flags that every command has.
std::string command_entry(const CLI::App& command, const std::string& path,
                          const std::vector<std::string>& skipped) {
  std::string usage = path;
  std::string entries;
  for (const OptionText& option : options_of(command)) {
    if (option.flags.empty()) usage += " " + option.argument;
    const bool common = !option.flags.empty() && std::find(skipped.begin(), skipped.end(),
                                                           option.flags.back()) != skipped.end();
    if (!common) entries += option_entry(option);
  }
  std::string text = fmt::format(".SS {}\n{}.\n", roff(usage), roff(command.get_description()));
  text += entries;
  for (const CLI::App* sub : commands_of(command)) {
    text += command_entry(*sub, path + " " + sub->get_name(), skipped);
  }
  return text;
}

std::string commands_by_group(const CLI::App& app, const std::vector<std::string>& skipped) {
  std::vector<std::string> groups;
  for (const CliCommand& command : command_table()) {
    if (std::find(groups.begin(), groups.end(), command.group) == groups.end()) {
      groups.push_back(command.group);
    }
  }
  std::string text;
  for (const std::string& group : groups) {
    text += ".SH \"" + roff(group) + "\"\n";
    for (const CLI::App* command : commands_of(app)) {
      if (command->get_group() == group) {
        text += command_entry(*command, "mxsim " + command->get_name(), skipped);
      }
    }
  }
  return text;
}

std::string examples() {
  std::string text = ".SH EXAMPLES\n";
  for (const CliCommand& command : command_table()) {
    text += ".TP\n\\fB" + roff(command.example) + "\\fR\n" + roff(command.summary) + "\n";
  }
  return text;
}

std::string manual_page() {
  const std::vector<std::string> common{"--help", "--json", "--quiet", "--width", "--messages"};
  std::string text = fmt::format(".TH MXSIM 1 \"\" \"mxsim {}\" \"User commands\"\n", version());
  visit_commands([&](CLI::App& app) {
    text += ".SH NAME\nmxsim \\- " + roff(app.get_description()) + "\n";
    text += ".SH SYNOPSIS\n\\fBmxsim\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]...\n";
    text += ".SH \"OPTIONS OF EVERY COMMAND\"\n";
    for (const OptionText& option : options_of(*commands_of(app).front())) {
      const bool every = !option.flags.empty() && std::find(common.begin(), common.end(),
                                                            option.flags.back()) != common.end();
      if (every) text += option_entry(option);
    }
    text += commands_by_group(app, common);
  });
  text +=
      ".SH \"EXIT STATUS\"\n0: done. 2: the input is wrong: every fault on a line with its file "
      "and "
      "JSON pointer, nothing is written. 1: an internal failure, or an interrupt.\n"
      ".SH ENVIRONMENT\n\\fBNO_COLOR\\fR: no colours on a terminal.\n";
  return text + examples();
}

}  // namespace

CommandAction set_up_manual(CLI::App&) {
  return [](Console& console) {
    console.out << manual_page();
    return kExitDone;
  };
}

}  // namespace mxsim
