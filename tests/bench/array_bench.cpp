#include <benchmark/benchmark.h>

#include <systemc>

#include "models/arithmetic/operands.h"
#include "models/arithmetic/tile_kernel.h"
#include "models/core/rng.h"
#include "models/dataflow/closed_form.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"
#include "sim/array/array_engine.h"
#include "tests/support/array_case.h"

namespace mxsim {
namespace {

std::vector<ArrayOperand> mxsf_matrix(std::int64_t rows, std::int64_t cols, const char* stream) {
  const CounterRng rng(1, stream);
  std::vector<float> values;
  for (std::int64_t i = 0; i < rows * cols; ++i) {
    values.push_back(static_cast<float>(rng.normal(static_cast<std::uint64_t>(i))));
  }
  return array_operands(quantize(values, rows, cols, default_layout(parse_format("mxsf"))));
}

/// A GEMM of MXSF operands in 8x8 tiles.
ArrayCase mxsf_case(std::int64_t pes, Dataflow dataflow, Accumulator accumulator,
                    std::int64_t extent) {
  ArrayCase test;
  test.spec.rows = test.spec.cols = pes;
  test.spec.accumulator = accumulator;
  test.command.dataflow = dataflow;
  test.command.m = test.command.n = test.command.k = extent;
  test.command.blocks = {8, 8, 0};
  test.decoder = OperandDecoder(parse_format("mxsf"));
  test.a = mxsf_matrix(extent, extent, "a");
  test.b = mxsf_matrix(extent, extent, "b");
  test.c.resize(static_cast<std::size_t>(extent * extent));
  return test;
}

void pe_cycles(benchmark::State& state, Dataflow dataflow, Accumulator accumulator) {
  const ArrayCase test = mxsf_case(state.range(0), dataflow, accumulator, 256);
  double pe_cycles = 0;
  for (auto _ : state) {
    const ArrayCost cost = run_pe(test).cost;
    pe_cycles += static_cast<double>(cost.cycles.count() * state.range(0) * state.range(0));
  }
  state.counters["PE-cycles"] = benchmark::Counter(pe_cycles, benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(pe_cycles, ws_fp32, Dataflow::kWeightStationary, Accumulator::kFp32)
    ->Arg(32)
    ->Arg(128);
BENCHMARK_CAPTURE(pe_cycles, ws_exact_block, Dataflow::kWeightStationary, Accumulator::kExactBlock)
    ->Arg(32)
    ->Arg(128);
BENCHMARK_CAPTURE(pe_cycles, os_fp32, Dataflow::kOutputStationary, Accumulator::kFp32)
    ->Arg(32)
    ->Arg(128);

void tile_bits(benchmark::State& state, Accumulator accumulator) {
  const ArrayCase test = mxsf_case(32, Dataflow::kWeightStationary, accumulator, 512);
  std::vector<float> c = test.c;
  for (auto _ : state) {
    compute_tile(test.spec, test.command, test.data(c));
    benchmark::DoNotOptimize(c.data());
  }
  state.counters["MACs"] =
      benchmark::Counter(512.0 * 512.0 * 512.0, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(tile_bits, fp32, Accumulator::kFp32);
BENCHMARK_CAPTURE(tile_bits, exact_block, Accumulator::kExactBlock);

/// Commands of one pass each: the shortest that the closed form can be asked for.
void tile_passes(benchmark::State& state) {
  const ArraySpec spec;
  ArrayCommand command;
  std::int64_t i = 0;
  double passes = 0;
  for (auto _ : state) {
    command.dataflow = static_cast<Dataflow>(i % 3);
    command.m = 1 + i % 32;
    command.n = 1 + i % 31;
    command.k = 1 + i++ % 29;
    const ArrayCost cost = closed_form(spec, command);
    passes += static_cast<double>(cost.counts[Event::kPass]);
  }
  state.counters["passes"] = benchmark::Counter(passes, benchmark::Counter::kIsRate);
}
BENCHMARK(tile_passes);

}  // namespace
}  // namespace mxsim

int sc_main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
