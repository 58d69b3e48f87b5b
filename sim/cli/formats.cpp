#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "models/formats/format_table.h"
#include "models/values/weight_statistics.h"
#include "models/workload/shaped_graph.h"
#include "sim/cli/command_table.h"
#include "sim/cli/import_options.h"
#include "sim/cli/run_options.h"
#include "sim/config/recipes.h"
#include "sim/config/technology_reader.h"
#include "sim/data/network_weights.h"
#include "sim/report/format_report.h"
#include "sim/report/fpga_report.h"
#include "sim/report/text_table.h"
#include "sim/report/weight_report.h"

namespace mxsim {
namespace {

struct FormatsOptions {
  std::vector<std::string> names;
  std::string technology = "configs/technology/45nm.json";
  std::int64_t terms = 32;
  std::string model;    ///< whose weights are cast; "": none
  std::string weights;  ///< archive of them
  std::vector<std::string> dims;
  std::vector<std::string> shapes;
  bool fpga = false;
  std::string definitions;  ///< run file that has some; "": none
};

std::string recipes_text(std::size_t width) {
  TextTable table({{"recipe"}, {"formats"}, {"source"}});
  for (const Recipe& recipe : all_recipes()) {
    table.add_row(
        {std::string(recipe.name), std::string(recipe.meaning), std::string(recipe.source)});
  }
  return "\nrecipes: formats of weights, activations and gradients (run --recipe NAME)\n" +
         table.text_in_parts(width, 3);
}

int list_fpga_costs(const FormatListing& listing, Console& console) {
  console.out << (console.json() ? fpga_json(listing) : fpga_text(listing, console.text.width));
  return kExitDone;
}

int list_formats(const FormatsOptions& options, Console& console) {
  FormatListing listing{{}, load_technology(options.technology), options.terms};
  for (const std::string& name : options.names) listing.formats.push_back(parse_format(name));
  if (options.names.empty()) listing.formats = options.fpga ? fpga_formats() : format_table();
  if (options.fpga) return list_fpga_costs(listing, console);
  console.out << (console.json() ? formats_json(listing)
                                 : formats_text(listing, console.text.width));
  if (options.names.empty() && !console.json()) console.out << recipes_text(console.text.width);
  return kExitDone;
}

/// What the formats do to the weights of a network.
int cast_weights(const FormatsOptions& options, Console& console) {
  WeightReport report;
  std::vector<std::string> names = options.names;
  if (names.empty()) names = {"mxsf", "mxint8", "mxfp8_e4m3", "mxfp6_e2m3", "mxfp4_e2m1"};
  for (const std::string& name : names) report.formats.push_back(parse_format(name));
  const WeightedNetwork network = load_weighted(options.model, options.weights,
                                                parse_import_options(options.dims, options.shapes));
  report.network = network.graph.name;
  try {
    report.statistics =
        weight_statistics(shape_graph(network.graph, 1), network.weights.tensors, report.formats);
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) {
      if (fault.file.empty())
        fault.file = options.weights.empty() ? options.model : options.weights;
    }
    throw InputError(std::move(faults));
  }
  if (report.statistics.layers.empty()) {
    throw InputError({{options.model, "", "there are no numbers of any GEMM's weights"}});
  }
  console.out << (console.json() ? weight_json(report) : weight_text(report, console.text.width));
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
  CLI::Option* on = app.add_option(
      "--on", options->model,
      "ONNX model or trace: noise and zeros of its layers' weights in the formats instead");
  app.add_option("--weights", options->weights,
                 "with --on: .npz archive of the weights (those of the model or its trace)")
      ->needs(on);
  add_import_options(app, options->dims, options->shapes);
  add_define_option(app, options->definitions);
  app.add_flag("--fpga", options->fpga,
               "LUTs, flip-flops, DSP slices and block RAMs of multiply-accumulate units with "
               "lossless accumulators; without names INT and ExMy of 3 to 8 bits")
      ->excludes(on);
  return [options](Console& console) {
    const DefinedFormats scope(formats_defined_in(options->definitions));
    return options->model.empty() ? list_formats(*options, console)
                                  : cast_weights(*options, console);
  };
}

}  // namespace mxsim
