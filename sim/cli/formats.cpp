#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "models/formats/format_table.h"
#include "sim/cli/command_table.h"
#include "sim/config/recipes.h"
#include "sim/config/technology_reader.h"
#include "sim/report/format_report.h"
#include "sim/report/fpga_report.h"
#include "sim/report/text_table.h"

namespace mxsim {
namespace {

struct FormatsOptions {
  std::vector<std::string> names;
  std::string technology = "configs/technology/45nm.json";
  std::int64_t terms = 32;
  bool fpga = false;
};

std::string recipes_text() {
  TextTable table({{"recipe", Align::kLeft}, {"formats", Align::kLeft}, {"source", Align::kLeft}});
  for (const Recipe& recipe : all_recipes()) {
    table.add_row(
        {std::string(recipe.name), std::string(recipe.meaning), std::string(recipe.source)});
  }
  return "\nrecipes: formats of weights, activations and gradients (run --recipe NAME)\n" +
         table.text();
}

int list_fpga_costs(const FormatListing& listing, Console& console) {
  console.out << (console.json() ? fpga_json(listing) : fpga_text(listing));
  return kExitDone;
}

int list_formats(const FormatsOptions& options, Console& console) {
  FormatListing listing{{}, load_technology(options.technology), options.terms};
  for (const std::string& name : options.names) listing.formats.push_back(parse_format(name));
  if (options.names.empty()) listing.formats = options.fpga ? fpga_formats() : format_table();
  if (options.fpga) return list_fpga_costs(listing, console);
  console.out << (console.json() ? formats_json(listing) : formats_text(listing));
  if (options.names.empty() && !console.json()) console.out << recipes_text();
  return kExitDone;
}

}  // namespace

CommandAction set_up_formats(CLI::App& app) {
  constexpr std::int64_t kMostTerms = 1 << 20;
  const auto options = std::make_shared<FormatsOptions>();
  app.add_option("FORMAT", options->names,
                 "names, ExMy such as e3m4b7fn, or TensorCast data types; all");
  app.add_option("--terms", options->terms, "products of a dot product whose exact width is given")
      ->check(CLI::Range(std::int64_t{1}, kMostTerms))
      ->capture_default_str();
  app.add_option("--technology", options->technology, "technology file that prices the PE")
      ->capture_default_str();
  app.add_flag("--fpga", options->fpga,
               "LUTs, flip-flops, DSP slices and block RAMs of multiply-accumulate units with "
               "lossless accumulators; without names INT and ExMy of 3 to 8 bits");
  return [options](Console& console) { return list_formats(*options, console); };
}

}  // namespace mxsim
