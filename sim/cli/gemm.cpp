#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/dataflow/dataflow_table.h"
#include "models/formats/format_table.h"
#include "sim/cli/command_table.h"
#include "sim/cli/run_options.h"
#include "sim/config/choices.h"
#include "sim/config/load.h"
#include "sim/report/gemm_report.h"
#include "sim/run/gemm_run.h"

namespace mxsim {
namespace {

struct GemmOptions {
  std::vector<std::int64_t> extents;
  std::vector<std::string> arrays{"32x32"};
  std::vector<std::string> dataflows{"ws"};
  std::string grid = "1x1";
  std::vector<std::string> dot_product;
  std::string definitions;  ///< run file that has some; "": none
  std::string format = "mxsf";
  std::string b_format;
  std::string block;
  std::string timing = "native";
  std::string fidelity = "tile";
  std::string accumulator = "fp32";
  std::int64_t accumulator_bits = 0;
  std::int64_t accumulator_chunk = 0;
  std::string buffering = "double";
  std::int64_t latency = 1;
  std::uint64_t seed = 1;
  bool check = false;
  bool zero_gating = false;
  std::string vcd;
  std::string chip = "configs/chips/mxsafe-32x32.json";
};

/// Two numbers of 1 or more with `separator` between them.
std::optional<std::pair<std::int64_t, std::int64_t>> read_pair(const std::string& text,
                                                               char separator) {
  std::int64_t first = 0;
  std::int64_t second = 0;
  const char* end = text.data() + text.size();
  const auto [middle, first_error] = std::from_chars(text.data(), end, first);
  if (first_error != std::errc() || middle == end || *middle != separator) return std::nullopt;
  const auto [rest, second_error] = std::from_chars(middle + 1, end, second);
  if (second_error != std::errc() || rest != end || first < 1 || second < 1) return std::nullopt;
  return std::pair(first, second);
}

/// "16x32".
std::pair<std::int64_t, std::int64_t> parse_pair(const std::string& text, const std::string& option,
                                                 std::int64_t largest) {
  const auto pair = read_pair(text, 'x');
  if (!pair || pair->first > largest || pair->second > largest) {
    throw InputError(
        fmt::format("{}: got \"{}\", expected ROWSxCOLUMNS, each 1..{}", option, text, largest));
  }
  return *pair;
}

/// "4:8": eight products of up to 4 significand bits.
DotProductWidth parse_dot_product(const std::string& text) {
  constexpr std::int64_t kMostBits = 24;
  const auto pair = read_pair(text, ':');
  if (!pair || pair->first > kMostBits || pair->second > kWidestDotProduct) {
    throw InputError(
        fmt::format("--dot-product: got \"{}\", expected BITS:PRODUCTS, 1..{} and 1..{}", text,
                    kMostBits, kWidestDotProduct));
  }
  return {pair->first, pair->second};
}

void set_layouts(const GemmOptions& options, GemmRequest& request) {
  constexpr std::int64_t kLargestBlock = 1 << 20;
  const FormatSpec a = parse_format(options.format);
  const FormatSpec b = options.b_format.empty() ? a : parse_format(options.b_format);
  request.a_layout = default_layout(a);
  request.b_layout = transposed(default_layout(b));
  if (options.block.empty()) return;
  const auto [rows, cols] = parse_pair(options.block, "--block", kLargestBlock);
  if (!a.scale && !b.scale) throw InputError("--block: format " + a.name + " has no blocks");
  if (a.scale) request.a_layout.block = {rows, cols};
  if (b.scale) request.b_layout.block = {cols, rows};
}

GemmRequest request_of(const GemmOptions& options) {
  constexpr std::int64_t kLargestGrid = 256;
  GemmRequest request;
  request.m = options.extents[0];
  request.n = options.extents[1];
  request.k = options.extents[2];
  set_layouts(options, request);
  ArraySpec& array = request.array;
  std::tie(array.grid.rows, array.grid.cols) = parse_pair(options.grid, "--grid", kLargestGrid);
  for (const std::string& row : options.dot_product) {
    array.dot_product.push_back(parse_dot_product(row));
  }
  array.timing = parse_choice(options.timing, kArrayTimingNames, "--timing");
  array.accumulator = parse_choice(options.accumulator, kAccumulatorNames, "--accumulator");
  array.accumulator_bits = options.accumulator_bits;
  array.accumulator_chunk = options.accumulator_chunk;
  array.weight_buffering =
      parse_choice(options.buffering, kWeightBufferingNames, "--weight-buffering");
  array.mac_latency_cycles = options.latency;
  array.zero_gating = options.zero_gating ? ZeroGating::kOn : ZeroGating::kOff;
  request.fidelity = parse_choice(options.fidelity, kFidelityNames, "--fidelity");
  request.seed = options.seed;
  request.check = options.check ? BitCheck::kReference : BitCheck::kNone;
  request.vcd = options.vcd;
  return request;
}

std::vector<GemmRequest> requests_of(const GemmOptions& options) {
  constexpr std::int64_t kLargestArray = 1024;
  GemmRequest request = request_of(options);
  if (!request.vcd.empty() && options.arrays.size() * options.dataflows.size() > 1) {
    throw InputError("--vcd: a sweep has no waveform");
  }
  request.chip = std::make_shared<const ChipConfig>(load_config<ChipConfig>(options.chip));
  std::vector<GemmRequest> requests;
  for (const std::string& array : options.arrays) {
    std::tie(request.array.rows, request.array.cols) = parse_pair(array, "--array", kLargestArray);
    for (const std::string& dataflow : options.dataflows) {
      request.dataflow = parse_choice(dataflow, kDataflowNames, "--dataflow");
      validate(request);
      requests.push_back(request);
    }
  }
  return requests;
}

int gemm(const GemmOptions& options, Console& console) {
  const std::vector<GemmResult> results = run_gemms(requests_of(options));
  if (results.size() == 1) {
    console.out << (console.json() ? gemm_json(results[0])
                                   : gemm_text(results[0], console.text.width));
  } else {
    console.out << (console.json() ? gemm_sweep_json(results)
                                   : gemm_sweep_text(results, console.text.width));
  }
  for (const GemmResult& result : results) {
    if (!result.equals_reference.value_or(true)) return kExitFailure;
  }
  return kExitDone;
}

}  // namespace

CommandAction set_up_gemm(CLI::App& app) {
  const auto options = std::make_shared<GemmOptions>();
  app.add_option("SIZE", options->extents, "M N K of C[M, N] = A[M, K] B[K, N]")
      ->required()
      ->expected(3);
  app.add_option("--array", options->arrays, "PE rows x columns; several: a sweep")
      ->delimiter(',')
      ->capture_default_str();
  std::string dataflows = "several: a sweep";
  for (const DataflowInfo& row : dataflow_table()) {
    dataflows += fmt::format("; {}: {}", row.name, row.description);
  }
  app.add_option("--dataflow", options->dataflows, dataflows)
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--grid", options->grid, "ROWSxCOLUMNS of arrays that share M and N")
      ->capture_default_str();
  app.add_option("--dot-product", options->dot_product,
                 "BITS:PRODUCTS that a PE adds in one step, narrowest first, such as 2:8,4:4,8:1")
      ->delimiter(',');
  app.add_option("--format", options->format, "number format of both operands")
      ->capture_default_str();
  app.add_option("--b-format", options->b_format, "number format of the right operand");
  add_define_option(app, options->definitions);
  app.add_option("--block", options->block, "ROWSxCOLUMNS of A's blocks; B's are transposed");
  app.add_option("--timing", options->timing, "native or scalesim")->capture_default_str();
  app.add_option("--fidelity", options->fidelity, "tile or pe")->capture_default_str();
  app.add_option(
         "--accumulator", options->accumulator,
         "fp32, bf16, exact_block or fixed; int8, uint8 and narrower integers are summed in "
         "32 bits unless fixed has a width")
      ->capture_default_str();
  app.add_option("--accumulator-bits", options->accumulator_bits, "width of fixed; 0: lossless")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--accumulator-chunk", options->accumulator_chunk,
                 "fp32, bf16: products summed apart; 0: none")
      ->check(CLI::Range(0, 65536));
  app.add_option("--weight-buffering", options->buffering, "single or double")
      ->capture_default_str();
  app.add_option("--mac-latency", options->latency, "cycles of a multiply-accumulate")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--chip", options->chip, "chip file with buffers, clock and prices")
      ->capture_default_str();
  app.add_option("--seed", options->seed, "of the operands")->capture_default_str();
  app.add_flag("--check", options->check, "compare the output bits with an independent reference");
  app.add_flag("--zero-gating", options->zero_gating, "skip products with a zero operand");
  app.add_option("--vcd", options->vcd, "waveform file of every PE's registers (--fidelity pe)");
  return [options](Console& console) {
    const DefinedFormats scope(formats_defined_in(options->definitions));
    return gemm(*options, console);
  };
}

}  // namespace mxsim
