#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "models/formats/format_table.h"
#include "sim/cli/command_line.h"
#include "sim/cli/command_options.h"
#include "sim/cli/command_table.h"
#include "sim/config/choices.h"
#include "sim/config/file_kind.h"
#include "sim/config/recipes.h"
#include "sim/config/run_config.h"

namespace mxsim {
namespace {

template <class Choices>
std::string words(const Choices& choices) {
  std::string text;
  for (const auto& choice : choices) text += (text.empty() ? "" : " ") + std::string(choice.name);
  return text;
}

std::string format_words() {
  std::string text;
  for (const FormatSpec& format : format_table()) text += format.name + " ";
  return text;
}

std::string recipe_words() {
  std::string text;
  for (const Recipe& recipe : all_recipes()) text += std::string(recipe.name) + " ";
  return text;
}

std::string kind_words() {
  std::string text;
  for (const FileKind& kind : file_kinds()) text += kind.name + " ";
  return text;
}

/// Values of options that take one of a few words, or several of them with commas between.
std::string value_cases() {
  const std::array<std::pair<const char*, std::string>, 10> values{
      {{"--format|--formats|--baseline|--b-format", format_words()},
       {"--recipe|--recipes", recipe_words()},
       {"--mode", words(kModeNames)},
       {"--fidelity", words(kFidelityNames)},
       {"--timing", words(kArrayTimingNames)},
       {"--dataflow", words(kDataflowNames)},
       {"--iso", "pe area"},
       {"--color", "auto always never"},
       {"--messages", "text json"},
       {"--file", kind_words()}}};
  std::string text;
  for (const auto& [options, list] : values) {
    text += fmt::format("    {}) values=\"{}\" ;;\n", options, list);
  }
  return text;
}

std::string flags_of(const CLI::App& app) {
  std::string text;
  for (const OptionText& option : options_of(app)) {
    for (const std::string& flag : option.flags) text += flag + " ";
  }
  for (const CLI::App* sub : commands_of(app)) text += sub->get_name() + " " + flags_of(*sub);
  return text;
}

std::string bash_script() {
  std::string names;
  std::string cases;
  visit_commands([&](CLI::App& app) {
    for (const CLI::App* command : commands_of(app)) {
      names += command->get_name() + " ";
      cases += fmt::format("    {}) words=\"{}\" ;;\n", command->get_name(), flags_of(*command));
    }
  });
  return fmt::format(R"(# bash completion of mxsim, made by `mxsim completion bash`
_mxsim() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" words="" values=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{}--help --version" -- "$current"))
    return
  fi
  case "$previous" in
{}  esac
  if [ -n "$values" ]; then
    local before=""
    case "$current" in *,*) before="${{current%,*}}," ;; esac
    COMPREPLY=($(compgen -P "$before" -W "$values" -- "${{current##*,}}"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}}
complete -o filenames -F _mxsim mxsim
)",
                     names, value_cases(), cases);
}

}  // namespace

CommandAction set_up_completion(CLI::App& app) {
  const auto shell = std::make_shared<std::string>("bash");
  app.add_option("SHELL", *shell, "bash")->capture_default_str()->check(CLI::IsMember({"bash"}));
  return [shell](Console& console) {  // the option writes to it
    console.out << bash_script();
    return kExitDone;
  };
}

}  // namespace mxsim
