#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <optional>
#include <string>

#include "models/core/error.h"
#include "models/formats/layout_request.h"
#include "sim/cli/command_table.h"
#include "sim/cli/file_cast.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_options.h"
#include "sim/report/format_report.h"

namespace mxsim {
namespace {

struct QuantizeArguments {
  CastFiles files;
  std::string format;
  std::string definitions;  ///< run file that has some; "": none
  std::string block;
  std::string rounding = "rne";
  std::string scale_rule;
  std::uint64_t seed = 1;
};

BlockShape parse_block(const std::string& text) {
  constexpr std::int64_t kLargest = 1 << 20;
  BlockShape block{0, 0};
  const char* const end = text.data() + text.size();
  const auto rows = std::from_chars(text.data(), end, block.rows);
  const bool has_cross = rows.ec == std::errc() && rows.ptr != end && *rows.ptr == 'x';
  const bool is_whole = has_cross && std::from_chars(rows.ptr + 1, end, block.cols).ptr == end;
  const auto in_range = [](std::int64_t extent) { return extent >= 1 && extent <= kLargest; };
  if (is_whole && in_range(block.rows) && in_range(block.cols)) return block;
  throw InputError({{"--block", "",
                     "got \"" + text + "\", expected ROWSxCOLUMNS such as 8x8, each 1..1048576"}});
}

DataLayout layout_of(const QuantizeArguments& arguments) {
  LayoutRequest request{.format = arguments.format,
                        .block = std::nullopt,
                        .scale_rule = arguments.scale_rule,
                        .block_option = "--block",
                        .scale_rule_option = "--scale-rule"};
  if (!arguments.block.empty()) request.block = parse_block(arguments.block);
  return requested_layout(request);
}

QuantizationSummary cast(const QuantizeArguments& arguments, std::ostream& err) {
  const DataLayout layout = layout_of(arguments);
  Progress progress(err, "quantize", "rows", Progress::Begin::kLate);
  return cast_file(arguments.files, layout, parse_rounding(arguments.rounding), arguments.seed,
                   [&](std::int64_t done, std::int64_t rows) {
                     progress.update(static_cast<std::size_t>(done),
                                     static_cast<std::size_t>(rows));
                   });
}

int quantize_file(const QuantizeArguments& arguments, Console& console) {
  const QuantizationSummary summary = cast(arguments, console.err);
  console.out << (console.json() ? quantize_json(summary)
                                 : quantize_text(summary, console.text.width));
  return kExitDone;
}

}  // namespace

CommandAction set_up_quantize(CLI::App& app) {
  const auto arguments = std::make_shared<QuantizeArguments>();
  app.add_option("IN", arguments->files.input,
                 ".npy array of bfloat16, float16, float32 or float64; its last axis is the row")
      ->required();
  app.add_option("--format", arguments->format, "number format, see mxsim formats")->required();
  app.add_option("--block", arguments->block, "ROWSxCOLUMNS that share a scale; the format's own");
  app.add_option("--rounding", arguments->rounding,
                 "rne, rna (ties away), rnz (ties toward zero), rtz or sr (stochastic)")
      ->capture_default_str();
  app.add_option("--scale-rule", arguments->scale_rule,
                 "floor, up, ceil, midmax, midmax_step or even");
  app.add_option("--random", arguments->files.random, ".npy of uint16, a word an element, for sr");
  app.add_option("--seed", arguments->seed, "of the words for sr without --random")
      ->capture_default_str();
  app.add_option("-o,--output", arguments->files.values, "write the dequantized float32 array");
  for (std::size_t i = 0; i < kPartOptions.size(); ++i) {
    app.add_option(kPartOptions[i].flag, arguments->files.parts[i], kPartOptions[i].description);
  }
  add_define_option(app, arguments->definitions);
  return [arguments](Console& console) {
    const DefinedFormats scope(formats_defined_in(arguments->definitions));
    return quantize_file(*arguments, console);
  };
}

}  // namespace mxsim
