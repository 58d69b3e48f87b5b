#include "sim/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "models/core/did_you_mean.h"
#include "models/core/error.h"
#include "models/core/safe_text.h"
#include "sim/cli/command_table.h"
#include "sim/cli/common_options.h"
#include "sim/cli/printable.h"
#include "sim/cli/progress.h"
#include "sim/config/choices.h"
#include "sim/report/message_json.h"
#include "sim/report/text_table.h"
#include "sim/report/version.h"

namespace mxsim {
namespace {

constexpr const char* kProgramSummary =
    "Cycle-level simulator of accelerators for block-scaled number formats";

/// What the command line says: the exit code it asks for, or an action.
struct Request {
  int exit_code = kExitDone;
  CommandAction action;
  OutputStyle style = OutputStyle::kText;
  std::size_t width = 0;  ///< 0: the terminal's
};

void require_known_command(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front().starts_with('-')) return;
  std::vector<std::string> names;
  for (const CliCommand& command : command_table()) names.push_back(command.name);
  if (std::find(names.begin(), names.end(), arguments.front()) != names.end()) return;
  throw InputError("unknown command \"" + arguments.front() + "\"" +
                   did_you_mean(arguments.front(), names) + " (mxsim --help lists them)");
}

/// "" or what is wrong with a whole number; CLI11 would clamp or wrap what does not fit its type.
template <class Number>
std::string number_fault(const std::string& text) {
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && rest == end) return "";
  return "got \"" + text + "\", expected a whole number" +
         (std::is_signed_v<Number> ? "" : " of 0 or more");
}

/// "" or why a text is no number. CLI11 takes "nan", which is in every range that it checks, and
/// infinities.
std::string real_fault(const std::string& text) {
  double number = 0;
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error == std::errc() && rest == end && std::isfinite(number)) return "";
  return "got \"" + text + "\", expected a finite number";
}

std::string empty_fault(const std::string& text) {
  return text.empty() ? "got \"\", expected a text that is not empty" : "";
}

void check_values(CLI::App& app) {
  for (CLI::App* sub : app.get_subcommands(nullptr)) check_values(*sub);
  for (CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    if (type.starts_with("TEXT") && option->nonpositional()) {
      option->check(CLI::Validator(empty_fault, ""));
    } else if (type.starts_with("UINT")) {
      option->check(CLI::Validator(number_fault<std::uint64_t>, ""));
    } else if (type.starts_with("INT")) {
      option->check(CLI::Validator(number_fault<std::int64_t>, ""));
    } else if (type.starts_with("FLOAT")) {
      option->check(CLI::Validator(real_fault, ""));
    }
  }
}

/// Names that are no UTF-8 could not stand in a report.
void require_utf8(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view rest = arguments[i];
    while (const std::optional<UnsafePlace> place = unsafe_place(rest)) {
      if (place->name == kNotUtf8) {
        throw InputError("argument " + std::to_string(i + 1) + ", \"" + arguments[i] +
                         "\": not UTF-8");
      }
      rest.remove_prefix(place->offset + place->bytes);
    }
  }
}

/// The program's commands. `chosen` gets the action of the one that is parsed.
void add_commands(CLI::App& app, CommonOptions& options, CommandAction& chosen) {
  app.set_version_flag("--version", std::string(version()));
  app.require_subcommand(1);
  app.footer("mxsim COMMAND --help tells options, defaults and an example.");
  for (const CliCommand& command : command_table()) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    sub->group(command.group);
    sub->footer("Example:\n  " + command.example);
    add_common_options(*sub, options);
    sub->callback([&chosen, action = command.set_up(*sub)] { chosen = action; });
    check_values(*sub);
  }
}

MessageStyle message_style_of(const CommonOptions& options) {
  constexpr std::array<Choice<MessageStyle>, 2> kNames{
      {{"text", MessageStyle::kText}, {"json", MessageStyle::kJson}}};
  const MessageStyle style = parse_choice(options.messages, kNames, "--messages");
  return options.quiet && style == MessageStyle::kText ? MessageStyle::kQuiet : style;
}

/// Descriptions of options go on below each other; the example stays a line to be copied.
std::string fitted_help(const std::string& help, std::size_t width) {
  constexpr std::size_t kDescriptions = 30;  // column of CLI11's
  std::string text;
  std::istringstream lines(help);
  bool example = false;
  for (std::string line; std::getline(lines, line);) {
    example = example || line == "Example:";
    const std::size_t indent = line.starts_with("  ") ? kDescriptions : 2;
    text += (example ? line : wrapped(line, width, indent)) + "\n";
  }
  return text;
}

Request parse(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
              std::size_t width) {
  require_utf8(arguments);
  require_known_command(arguments);
  CLI::App app(kProgramSummary, "mxsim");
  Request request;
  CommonOptions options;
  add_commands(app, options, request.action);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    std::ostringstream help;
    std::ostringstream text;
    request.exit_code = app.exit(error, help, text) == 0 ? kExitDone : kExitWrongInput;
    out << fitted_help(help.str(), width);
    std::istringstream lines(text.str());
    for (std::string line; std::getline(lines, line);) err << printable(line) << '\n';
    request.action = nullptr;
  }
  set_message_style(message_style_of(options));
  if (options.json) request.style = OutputStyle::kJson;
  request.width = options.width;
  return request;
}

}  // namespace

void add_common_options(CLI::App& app, CommonOptions& options) {
  constexpr std::size_t kNarrowest = 40;
  constexpr std::size_t kWidest = 1000;
  const char* const group = "Output";
  app.add_flag("--json", options.json, "print the machine-readable result alone on stdout")
      ->group(group);
  app.add_flag("--quiet", options.quiet, "no progress on stderr")->group(group);
  app.add_option("--width", options.width,
                 "columns of tables (COLUMNS, else the terminal's; 80 in a pipe)")
      ->check(CLI::Range(kNarrowest, kWidest))
      ->group(group);
  app.add_option("--messages", options.messages,
                 "progress and faults on stderr: text or json (an object a line)")
      ->group(group);
}

void visit_commands(const std::function<void(CLI::App&)>& visit) {
  CLI::App app(kProgramSummary, "mxsim");
  CommonOptions options;
  CommandAction ignored;
  add_commands(app, options, ignored);
  visit(app);
}

namespace {

int act(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
        const TextStyle& terminal) {
  set_message_style(MessageStyle::kText);
  try {
    const Request request = parse(arguments, out, err, terminal.width);
    if (!request.action) return request.exit_code;
    Console console{out, err, request.style, terminal};
    if (request.width > 0) console.text.width = request.width;
    return request.action(console);
  } catch (const InputError& error) {
    print_faults(error.diagnostics(), err);
    return kExitWrongInput;
  } catch (const std::bad_alloc&) {
    err << "not enough memory\n";
    return kExitFailure;
  } catch (const std::system_error& error) {  // a full disk, no more processes
    const bool json = message_style() == MessageStyle::kJson;
    err << (json ? error_message(error.what()) : printable(error.what()) + "\n");
    return kExitFailure;
  } catch (const std::exception& error) {
    const bool json = message_style() == MessageStyle::kJson;
    err << (json ? error_message(error.what())
                 : "internal error: " + printable(error.what()) + "\n");
    return kExitFailure;
  }
}

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, std::ostream& out,
                     std::ostream& err, const TextStyle& terminal) {
  const int code = act(arguments, out, err, terminal);
  out.flush();
  err.flush();
  if (out.good()) return code;
  err << "standard output: cannot be written: the result is not whole\n";
  return code == kExitDone ? kExitFailure : code;
}

}  // namespace mxsim
