#include "sim/cli/command_options.h"

#include <CLI/CLI.hpp>

namespace mxsim {
namespace {

OptionText text_of(const CLI::Option& option) {
  OptionText text;
  for (const std::string& name : option.get_snames()) text.flags.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) text.flags.push_back("--" + name);
  text.meaning = option.get_description();
  text.value = option.get_default_str();
  if (text.flags.empty()) {
    text.argument = option.get_name(true);
  } else if (option.get_items_expected_max() > 0) {
    text.argument = option.get_type_name().starts_with("TEXT") ? "TEXT" : "NUMBER";
  }
  return text;
}

}  // namespace

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* sub) { return !sub->get_name().empty(); });
}

std::vector<OptionText> options_of(const CLI::App& app) {
  std::vector<OptionText> texts;
  for (const CLI::Option* option : app.get_options()) texts.push_back(text_of(*option));
  const auto groups =
      app.get_subcommands([](const CLI::App* sub) { return sub->get_name().empty(); });
  for (const CLI::App* group : groups) {
    for (OptionText& text : options_of(*group)) texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace mxsim
