// Quantize and dequantize float32 on one core, beside a plain copy of the same bytes: the copy is
// the machine's limit. items_per_second are elements.
#include <benchmark/benchmark.h>

#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "models/core/rng.h"
#include "models/formats/dequantize.h"
#include "models/formats/fast_cast.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"

namespace mxsim {
namespace {

constexpr std::int64_t kRows = 4096;
constexpr std::int64_t kCols = 4096;

std::vector<float> normal_values(std::int64_t count) {
  const CounterRng rng(1, "bench");
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(rng.normal(i));
  return values;
}

void count_elements(benchmark::State& state, std::int64_t elements) {
  state.SetItemsProcessed(state.iterations() * elements);
  state.SetBytesProcessed(state.iterations() * elements * 2 *
                          static_cast<std::int64_t>(sizeof(float)));
}

void copy(benchmark::State& state) {
  const std::vector<float> in = normal_values(kRows * kCols);
  std::vector<float> out(in.size());
  for (auto step : state) {
    std::memcpy(out.data(), in.data(), in.size() * sizeof(float));
    benchmark::ClobberMemory();
  }
  count_elements(state, kRows * kCols);
}

void cast(benchmark::State& state, const DataLayout& layout, Rounding rounding, SimdLevel level,
          bool with_codes) {
  const std::vector<float> in = normal_values(kRows * kCols);
  std::vector<float> out(in.size());
  std::vector<std::uint8_t> codes(with_codes ? in.size() : 0);
  const FastCast fast(layout, rounding, level);
  for (auto step : state) {
    fast.run(in, kRows, kCols, out, codes);
    benchmark::ClobberMemory();
  }
  count_elements(state, kRows * kCols);
}

void reference(benchmark::State& state, const DataLayout& layout) {
  constexpr std::int64_t kSide = 512;
  const std::vector<float> in = normal_values(kSide * kSide);
  for (auto step : state) {
    benchmark::DoNotOptimize(dequantize(quantize(in, kSide, kSide, layout)));
  }
  count_elements(state, kSide * kSide);
}

void decode(benchmark::State& state, const DataLayout& layout) {
  const std::vector<float> in = normal_values(kRows * kCols);
  std::vector<float> out(in.size());
  const QuantizedMatrix stored = quantize(in, kRows, kCols, layout);
  const std::vector<std::uint8_t> codes(stored.codes.begin(), stored.codes.end());
  for (auto step : state) {
    dequantize<std::uint8_t>(stored, codes, out);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kRows * kCols);
}

void register_all() {
  benchmark::RegisterBenchmark("copy", copy);
  for (const char* name : {"mxsf", "mxfp8_e4m3", "mxint8"}) {
    const DataLayout layout = default_layout(parse_format(name));
    for (const SimdLevel level : available_simd_levels()) {
      const std::string label = std::string(name) + "/" + std::string(to_string(level));
      const auto even = Rounding::kNearestEven;
      benchmark::RegisterBenchmark(label.c_str(), cast, layout, even, level, false);
      benchmark::RegisterBenchmark((label + "/codes").c_str(), cast, layout, even, level, true);
      benchmark::RegisterBenchmark((label + "/rtz").c_str(), cast, layout, Rounding::kTowardZero,
                                   level, false);
    }
    benchmark::RegisterBenchmark((std::string(name) + "/decode").c_str(), decode, layout);
    benchmark::RegisterBenchmark((std::string(name) + "/reference").c_str(), reference, layout);
  }
}

const bool kRegistered = (register_all(), true);

}  // namespace
}  // namespace mxsim
