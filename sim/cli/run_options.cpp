#include "sim/cli/run_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "models/formats/format_definition.h"
#include "models/formats/format_parameters.h"
#include "models/formats/format_parser.h"
#include "sim/cli/import_options.h"
#include "sim/config/input_file.h"
#include "sim/config/load.h"
#include "sim/config/recipes.h"
#include "sim/config/run_formats.h"
#include "sim/import/network_file.h"
#include "sim/import/trace_writer.h"
#include "sim/json/strict_json.h"

namespace mxsim {

namespace {

/// 0 would be taken for a run without a request.
std::string zero_fault(const std::string& text) {
  const bool zero = !text.empty() && text.find_first_not_of('0') == std::string::npos;
  return zero ? "got " + text + ", expected 1 or more" : "";
}

}  // namespace

void add_run_options(CLI::App& app, RunOptions& options) {
  app.add_option("RUN", options.file, "run file")->required();
  app.add_option("--recipe", options.recipe,
                 "formats of weights, activations and gradients by a name of the field, instead of "
                 "the run file's; mxsim formats lists them");
  app.add_option("--mode", options.mode,
                 "train, infer, prefill or decode, instead of the run file's");
  app.add_option("--fidelity", options.fidelity, "tile or pe, instead of the run file's");
  app.add_option("--batch", options.batch, "batch size, instead of the run file's");
  app.add_option("--workload", options.workload,
                 "trace, ONNX model or SCALE-Sim topology, instead of the run file's");
  app.add_option("--skip", options.skip,
                 "residual additions, instead of the run file's: keep, shorten (one skip for each "
                 "layer of a block) or remove");
  app.add_option("--prompt", options.prompt,
                 "tokens of a language model's prompt: with --generate, a whole request is run")
      ->check(CLI::Validator(zero_fault, ""));
  app.add_option("--generate", options.generate, "tokens that the request generates")
      ->check(CLI::Validator(zero_fault, ""));
  add_import_options(app, options.dims, options.shapes);
  app.add_option("--set", options.sets, "/json/pointer=value: replaces one key; may be repeated");
  app.add_option("--out", options.out, "folder for the result files (made if needed)");
}

namespace {

/// The trace of a network file of another program, with its open sizes.
std::optional<std::string> sized_trace(const std::string& path, const RunOptions& options) {
  if (!network_file_kind(path)) return std::nullopt;
  return foreign_trace_text(path, parse_import_options(options.dims, options.shapes));
}

/// What --workload, --dim and --shape replace. Sizes of a network file of another program make its
/// trace; those of a trace are dimensions of the run.
std::vector<Override> workload_overrides(const RunOptions& options) {
  const bool sized = !options.dims.empty() || !options.shapes.empty();
  const ImportOptions sizes = parse_import_options(options.dims, options.shapes, 0);
  std::vector<Override> overrides;
  if (!options.workload.empty()) {
    const std::string path = find_input_file(options.workload);
    const auto trace = sized ? sized_trace(path, options) : std::nullopt;
    overrides.push_back({"/workload", trace.value_or(path)});
    if (trace) return overrides;
  }
  if (!options.shapes.empty()) {
    throw InputError(
        {{options.workload, "", "--shape needs --workload with the name of an ONNX model"}});
  }
  for (const auto& [name, size] : sizes.dims) {
    overrides.push_back({"/dimensions/" + escape_pointer_token(name), std::to_string(size)});
  }
  return overrides;
}

}  // namespace

namespace {

/// A format's name without the part that states its block.
std::string without_block(const std::string& label) {
  std::string rest;
  std::istringstream parts(label);
  for (std::string part; std::getline(parts, part, ':');) {
    const bool is_block = !rest.empty() && part.find_first_not_of("0123456789x") == part.npos;
    if (!is_block) rest += (rest.empty() ? "" : ":") + part;
  }
  return rest;
}

}  // namespace

std::map<std::string, FormatSpec> formats_defined_in(const RunOptions& options) {
  std::vector<Override> sets;
  for (const std::string& set : options.sets) sets.push_back(parse_override(set));
  return formats_defined_by(options.file, sets);
}

LabelledRun load_format(RunOptions options, const std::string& label) {
  const DefinedFormats scope(formats_defined_in(options));
  const FormatSpec format = parse_format(label);
  options.format = label;
  const std::string bare = without_block(label);
  if (bare == label || parse_format(bare).fixed_block) return {format.name, load_run(options)};
  const BlockShape& block = format.default_block;
  options.format = bare;
  options.sets.push_back(fmt::format("/formats/block=[{},{}]", block.rows, block.cols));
  return {parse_format(bare).name + block_suffix(block), load_run(options)};
}

std::map<std::string, FormatSpec> formats_defined_in(const std::string& run_file) {
  if (run_file.empty()) return {};
  return formats_defined_by(run_file);
}

void add_define_option(CLI::App& app, std::string& run_file) {
  app.add_option("--define", run_file,
                 "run file whose formats of its own (/formats/define) names may mean");
}

RunConfig load_run(const RunOptions& options) {
  std::vector<Override> overrides;
  for (const std::string& set : options.sets) overrides.push_back(parse_override(set));
  const auto replace = [&](const char* pointer, const std::string& value) {
    if (!value.empty()) overrides.push_back({pointer, value});
  };
  if (!options.recipe.empty()) {
    const Recipe& recipe = recipe_named(options.recipe, "--recipe");
    replace("/formats/recipe", options.recipe);
    replace("/formats/default", std::string(recipe.format));
    replace("/formats/overrides", "[]");
  }
  replace("/formats/default", options.format);
  replace("/mode", options.mode);
  replace("/skip", options.skip);
  replace("/fidelity", options.fidelity);
  replace("/batch", options.batch);
  replace("/prompt", options.prompt);
  replace("/generate", options.generate);
  for (Override& each : workload_overrides(options)) overrides.push_back(std::move(each));
  return load_config<RunConfig>(options.file, overrides);
}

}  // namespace mxsim
