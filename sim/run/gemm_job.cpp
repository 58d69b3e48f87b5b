#include "sim/run/gemm_job.h"

#include <fmt/format.h>

#include <cstring>

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/exact_sums.h"
#include "models/arithmetic/operands.h"
#include "models/arithmetic/reference_gemm.h"
#include "models/core/rng.h"
#include "models/dataflow/scalesim.h"
#include "models/formats/quantizer.h"
#include "models/memory/built_buffer.h"
#include "sim/run/gemm_energy.h"

namespace mxsim {
namespace {

constexpr std::int64_t kMostMacsUnasked = std::int64_t{1} << 32;
constexpr std::int64_t kMostElementsUnasked = std::int64_t{1} << 24;

std::vector<ArrayOperand> draw(const CounterRng& rng, std::int64_t rows, std::int64_t cols,
                               const DataLayout& layout) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < rows * cols; ++i) {
    values.push_back(static_cast<float>(rng.normal(static_cast<std::uint64_t>(i))));
  }
  return array_operands(quantize(values, rows, cols, layout));
}

/// Words of the chip's buffers; of one element without a chip.
ArrayPorts ports_of(const GemmRequest& request) {
  const std::int64_t a_bits = request.a_layout.format.element_bits;
  const std::int64_t b_bits = request.b_layout.format.element_bits;
  const SumFormat sum = sum_of(request.array, request.a_layout.format, request.b_layout.format);
  const std::int64_t sum_bits = partial_sum_bits(sum.accumulator);
  if (!request.chip) return {a_bits, b_bits, a_bits, b_bits, sum_bits, sum_bits};
  const std::vector<BuiltBuffer> built = built_buffers(
      request.chip->buffers, buffer_contents({formats_of(request)}, array_of(request)));
  const auto word_bits = [&](Unit unit) { return geometry_of(unit, built).value().word_bits(); };
  return {a_bits,
          b_bits,
          word_bits(Unit::kSramInput),
          word_bits(Unit::kSramWeight),
          word_bits(Unit::kSramAccumulator),
          sum_bits};
}

bool computes_bits(const GemmRequest& request) {
  return must_compute_bits(request) || (fits(request, kMostElementsUnasked) &&
                                        request.m * request.n * request.k <= kMostMacsUnasked);
}

std::string hash_of(const std::vector<float>& results) {
  std::string bytes;
  bytes.reserve(results.size() * sizeof(float));
  for (const float result : results) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &result, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift);
  }
  return fmt::format("{:016x}", stable_hash(bytes));
}

void add_bits(GemmJob& job, GemmResult& result) {
  if (job.c.empty()) return;
  result.output_hash = hash_of(job.c);
  if (job.request.check != BitCheck::kReference) return;
  std::vector<float> expected(job.c.size());
  TileData data = job.data();
  data.c = expected;
  reference_gemm(job.request.array, job.command, data);
  result.equals_reference =
      std::memcmp(expected.data(), job.c.data(), expected.size() * sizeof(float)) == 0;
}

}  // namespace

ArrayCommand command_of(const GemmRequest& request) {
  const FormatSpec& a = request.a_layout.format;
  const FormatSpec& b = request.b_layout.format;
  ArrayCommand command;
  command.dataflow = request.dataflow;
  command.m = request.m;
  command.n = request.n;
  command.k = request.k;
  command.width = dot_product_width(request.array, a, b);
  command.sum = sum_of(request.array, a, b);
  const std::int64_t a_block = reduction_block(request.a_layout, ReductionAxis::kCols);
  const std::int64_t b_block = reduction_block(request.b_layout, ReductionAxis::kRows);
  if (a_block > 0 && b_block > 0) command.blocks = {a_block, b_block};
  command.ports = ports_of(request);
  return command;
}

bool fits(const GemmRequest& request, std::int64_t elements) {
  return request.m <= elements / request.k && request.k <= elements / request.n &&
         request.m <= elements / request.n;
}

bool must_compute_bits(const GemmRequest& request) {
  return request.fidelity == Fidelity::kPe || request.check == BitCheck::kReference ||
         request.array.zero_gating == ZeroGating::kOn;
}

GemmJob::GemmJob(const GemmRequest& from)
    : request(from),
      command(command_of(from)),
      a_decoder(from.a_layout.format),
      b_decoder(from.b_layout.format) {
  if (!computes_bits(from)) return;
  a = draw(CounterRng(from.seed, "activations"), from.m, from.k, from.a_layout);
  b = draw(CounterRng(from.seed, "weights"), from.k, from.n, from.b_layout);
  c.resize(static_cast<std::size_t>(from.m * from.n));
}

GemmResult result_of(GemmJob& job) {
  GemmResult result;
  result.request = job.request;
  result.cost = job.cost;
  const ArraySpec& array = job.request.array;
  result.folds = folds(array, job.command);
  result.mapping_efficiency = mapping_efficiency(array, job.command);
  result.width = job.command.width;
  if (array.timing == ArrayTiming::kScaleSim) {
    result.scalesim_output_writes = scalesim_output_writes(array, job.command);
  }
  const EventCounts& counts = job.cost.counts;
  const auto macs = static_cast<double>(counts[Event::kMac] + counts[Event::kMacGated]);
  const auto pe_cycles =
      static_cast<double>(counts[Event::kPeActiveCycles] + counts[Event::kPeIdleCycles]);
  result.utilization = macs / (pe_cycles * static_cast<double>(result.width));
  if (job.request.chip) {
    result.energy = gemm_energy(job.request, job.cost);
    result.energy_pj = Uncertainty(job.request.seed).energy_pj(*result.energy);
  }
  add_bits(job, result);
  return result;
}

}  // namespace mxsim
