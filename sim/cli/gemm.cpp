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
#include "sim/config/choices.h"
#include "sim/report/gemm_report.h"
#include "sim/run/gemm_run.h"

namespace mxsim {
namespace {

struct GemmOptions {
  std::vector<std::int64_t> extents;
  std::vector<std::string> arrays{"32x32"};
  std::vector<std::string> dataflows{"ws"};
  std::string format = "mxsf";
  std::string block;
  std::string timing = "native";
  std::string fidelity = "tile";
  std::string accumulator = "fp32";
  std::string buffering = "double";
  std::int64_t latency = 1;
  std::uint64_t seed = 1;
  bool check = false;
  bool zero_gating = false;
  std::string vcd;
};

/// "16x32" as two numbers of 1 or more.
std::pair<std::int64_t, std::int64_t> parse_pair(const std::string& text, const std::string& option,
                                                 std::int64_t largest) {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  const char* end = text.data() + text.size();
  const auto [cross, row_error] = std::from_chars(text.data(), end, rows);
  bool good = row_error == std::errc() && cross != end && *cross == 'x';
  if (good) {
    const auto [rest, col_error] = std::from_chars(cross + 1, end, cols);
    good = col_error == std::errc() && rest == end;
  }
  if (!good || rows < 1 || cols < 1 || rows > largest || cols > largest) {
    throw InputError(
        fmt::format("{}: got \"{}\", expected ROWSxCOLUMNS, each 1..{}", option, text, largest));
  }
  return {rows, cols};
}

std::vector<GemmRequest> requests_of(const GemmOptions& options) {
  constexpr std::int64_t kLargestArray = 1024;
  constexpr std::int64_t kLargestBlock = 1 << 20;
  GemmRequest request;
  request.m = options.extents[0];
  request.n = options.extents[1];
  request.k = options.extents[2];
  request.layout = default_layout(parse_format(options.format));
  if (!options.block.empty()) {
    const auto [rows, cols] = parse_pair(options.block, "--block", kLargestBlock);
    if (!request.layout.format.scale) {
      throw InputError("--block: format " + request.layout.format.name + " has no blocks");
    }
    request.layout.block = {rows, cols};
  }
  request.array.timing = parse_choice(options.timing, kArrayTimingNames, "--timing");
  request.array.accumulator = parse_choice(options.accumulator, kAccumulatorNames, "--accumulator");
  request.array.weight_buffering =
      parse_choice(options.buffering, kWeightBufferingNames, "--weight-buffering");
  request.array.mac_latency_cycles = options.latency;
  request.array.zero_gating = options.zero_gating ? ZeroGating::kOn : ZeroGating::kOff;
  request.fidelity = parse_choice(options.fidelity, kFidelityNames, "--fidelity");
  request.seed = options.seed;
  request.check = options.check ? BitCheck::kReference : BitCheck::kNone;
  request.vcd = options.vcd;
  if (!request.vcd.empty() && options.arrays.size() * options.dataflows.size() > 1) {
    throw InputError("--vcd: a sweep has no waveform");
  }
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
    console.out << (console.json() ? gemm_json(results[0]) : gemm_text(results[0]));
  } else {
    console.out << (console.json() ? gemm_sweep_json(results) : gemm_sweep_text(results));
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
  app.add_option("--format", options->format, "number format of both operands")
      ->capture_default_str();
  app.add_option("--block", options->block, "ROWSxCOLUMNS of A's blocks; B's are turned");
  app.add_option("--timing", options->timing, "native or scalesim")->capture_default_str();
  app.add_option("--fidelity", options->fidelity, "tile or pe")->capture_default_str();
  app.add_option("--accumulator", options->accumulator, "fp32 or exact_block")
      ->capture_default_str();
  app.add_option("--weight-buffering", options->buffering, "single or double")
      ->capture_default_str();
  app.add_option("--mac-latency", options->latency, "cycles of a multiply-accumulate")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--seed", options->seed, "of the operands")->capture_default_str();
  app.add_flag("--check", options->check, "compare the output bits with an independent reference");
  app.add_flag("--zero-gating", options->zero_gating, "skip products with a zero operand");
  app.add_option("--vcd", options->vcd, "waveform file of every PE's registers (--fidelity pe)");
  return [options](Console& console) { return gemm(*options, console); };
}

}  // namespace mxsim
