#include "sim/run/gemm_run.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>
#include <memory>

#include "models/arithmetic/operands.h"
#include "models/arithmetic/reference_gemm.h"
#include "models/arithmetic/tile_kernel.h"
#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/core/shape.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/scalesim.h"
#include "models/formats/quantizer.h"
#include "sim/array/array_pe.h"
#include "sim/kernel/simulation_context.h"
#include "sim/report/waveform.h"

namespace mxsim {
namespace {

constexpr std::int64_t kMostMacsUnasked = std::int64_t{1} << 32;
constexpr std::int64_t kMostElementsUnasked = std::int64_t{1} << 24;
constexpr std::int64_t kMostElements = std::int64_t{1} << 26;
constexpr std::int64_t kClockHz = 1'000'000'000;

DataLayout turned(DataLayout layout) {
  std::swap(layout.block.rows, layout.block.cols);
  return layout;
}

std::vector<ArrayOperand> draw(const CounterRng& rng, std::int64_t rows, std::int64_t cols,
                               const DataLayout& layout) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < rows * cols; ++i) {
    values.push_back(static_cast<float>(rng.normal(static_cast<std::uint64_t>(i))));
  }
  return array_operands(quantize(values, rows, cols, layout));
}

ArrayCommand command_of(const GemmRequest& request) {
  ArrayCommand command;
  command.dataflow = request.dataflow;
  command.m = request.m;
  command.n = request.n;
  command.k = request.k;
  command.blocks = {reduction_block(request.layout, ReductionAxis::kCols),
                    reduction_block(turned(request.layout), ReductionAxis::kRows), 0};
  const std::int64_t bits = request.layout.format.element_bits;
  command.ports = {bits, bits, bits, bits, 32};
  return command;
}

/// Whether A, B and C have at most `elements` each.
bool fits(const GemmRequest& request, std::int64_t elements) {
  return request.m <= elements / request.k && request.k <= elements / request.n &&
         request.m <= elements / request.n;
}

bool must_compute_bits(const GemmRequest& request) {
  return request.fidelity == Fidelity::kPe || request.check == BitCheck::kReference ||
         request.array.zero_gating == ZeroGating::kOn;
}

bool computes_bits(const GemmRequest& request) {
  return must_compute_bits(request) || (fits(request, kMostElementsUnasked) &&
                                        request.m * request.n * request.k <= kMostMacsUnasked);
}

/// A command, its operands, and what came out.
struct Job {
  explicit Job(const GemmRequest& from) : request(from), command(command_of(from)) {
    if (!computes_bits(from)) return;
    a = draw(CounterRng(from.seed, "activations"), from.m, from.k, from.layout);
    b = draw(CounterRng(from.seed, "weights"), from.k, from.n, turned(from.layout));
    c.resize(static_cast<std::size_t>(from.m * from.n));
  }
  TileData data() { return {a, b, c}; }

  GemmRequest request;
  ArrayCommand command;
  std::vector<ArrayOperand> a;
  std::vector<ArrayOperand> b;
  std::vector<float> c;
  ArrayCost cost;
};

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

/// Starts one command at time zero.
class Starter : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Starter);
  Starter(const sc_core::sc_module_name& name, ArrayUnit& array, Job& job)
      : sc_module(name), array_(array), job_(job) {
    SC_METHOD(start);
  }

 private:
  void start() { array_.start(job_.command, job_.data()); }

  ArrayUnit& array_;
  Job& job_;
};

void run_on_pes(std::vector<Job>& jobs) {
  const SimulationContext context;
  const ClockDomain clock(kClockHz);
  std::optional<Waveform> waveform;
  std::vector<std::unique_ptr<ArrayPe>> arrays;
  std::vector<std::unique_ptr<Starter>> starters;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const std::string number = std::to_string(i);
    arrays.push_back(
        std::make_unique<ArrayPe>(("array" + number).c_str(), jobs[i].request.array, clock));
    starters.push_back(
        std::make_unique<Starter>(("starter" + number).c_str(), *arrays.back(), jobs[i]));
  }
  if (const std::string& path = jobs.front().request.vcd; !path.empty()) {
    waveform.emplace(path);
    arrays.front()->trace(waveform->file());
  }
  sc_core::sc_start();
  if (waveform) waveform->commit();
  for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].cost = arrays[i]->last();
}

GemmResult result_of(Job& job) {
  GemmResult result;
  result.request = job.request;
  result.cost = job.cost;
  const ArraySpec& array = job.request.array;
  result.folds = folds(array, job.command);
  result.mapping_efficiency = mapping_efficiency(array, job.command);
  if (array.timing == ArrayTiming::kScaleSim) {
    result.scalesim_output_writes = scalesim_output_writes(array, job.command);
  }
  const EventCounts& counts = job.cost.counts;
  result.utilization =
      static_cast<double>(counts[Event::kPeActiveCycles]) /
      static_cast<double>(counts[Event::kPeActiveCycles] + counts[Event::kPeIdleCycles]);
  if (job.c.empty()) return result;
  result.output_hash = hash_of(job.c);
  if (job.request.check == BitCheck::kReference) {
    std::vector<float> expected(job.c.size());
    reference_gemm(array, job.command, {job.a, job.b, expected});
    result.equals_reference =
        std::memcmp(expected.data(), job.c.data(), expected.size() * sizeof(float)) == 0;
  }
  return result;
}

void check_extents(const GemmRequest& request) {
  for (const auto& [name, extent] :
       {std::pair{"M", request.m}, std::pair{"N", request.n}, std::pair{"K", request.k}}) {
    if (extent < 1) throw InputError(fmt::format("{}: got {}, expected 1 or more", name, extent));
  }
  const std::string gemm = fmt::format("GEMM {} x {} x {}", request.m, request.n, request.k);
  const auto macs = checked_elements({request.m, request.n, request.k});
  if (!macs) throw InputError(gemm + ": more than 2^63 - 1 multiply-accumulates");
  // A generous bound of the PE-cycles, so that no closed form overflows.
  const ArraySpec& array = request.array;
  const std::int64_t latency = array.mac_latency_cycles;
  const std::int64_t streamed = request.dataflow == Dataflow::kWeightStationary  ? request.m
                                : request.dataflow == Dataflow::kInputStationary ? request.n
                                                                                 : request.k;
  const auto steps = checked_mul(streamed, latency);
  const std::int64_t fixed = 4 * (array.rows + array.cols) * (latency + 1);
  if (!steps || *steps > std::numeric_limits<std::int64_t>::max() - fixed ||
      !checked_elements(
          {folds(array, command_of(request)), *steps + fixed, array.rows * array.cols})) {
    throw InputError(gemm + ": more than 2^63 - 1 PE-cycles");
  }
  if (must_compute_bits(request) && !fits(request, kMostElements)) {
    throw InputError(gemm + ": a matrix of more than 2^26 elements is too large to compute");
  }
}

}  // namespace

void validate(const GemmRequest& request) {
  check_extents(request);
  constexpr std::int64_t kMostTracedPes = 1024;
  if (!request.vcd.empty() && (request.fidelity != Fidelity::kPe ||
                               request.array.rows * request.array.cols > kMostTracedPes)) {
    throw InputError(fmt::format("--vcd: needs --fidelity pe and at most {} PEs", kMostTracedPes));
  }
  if (request.fidelity != Fidelity::kPe) return;
  constexpr std::int64_t kMostPes = 256;
  if (request.array.timing == ArrayTiming::kScaleSim) {
    throw InputError("--timing scalesim is a closed form without PEs: use --fidelity tile");
  }
  if (request.array.rows > kMostPes || request.array.cols > kMostPes) {
    throw InputError(fmt::format("--array {}x{}: --fidelity pe goes up to {}x{}",
                                 request.array.rows, request.array.cols, kMostPes, kMostPes));
  }
}

std::vector<GemmResult> run_gemms(const std::vector<GemmRequest>& requests) {
  std::vector<Job> on_pes;
  for (const GemmRequest& request : requests) {
    validate(request);
    if (request.fidelity == Fidelity::kPe) on_pes.emplace_back(request);
  }
  if (!on_pes.empty()) run_on_pes(on_pes);
  std::vector<GemmResult> results;
  auto next_on_pes = on_pes.begin();
  for (const GemmRequest& request : requests) {
    if (request.fidelity == Fidelity::kPe) {
      results.push_back(result_of(*next_on_pes++));
      continue;
    }
    Job job(request);
    job.cost =
        closed_form(request.array, job.command, gated_macs(request.array, job.command, job.data()));
    if (!job.c.empty()) compute_tile(request.array, job.command, job.data());
    results.push_back(result_of(job));
  }
  return results;
}

}  // namespace mxsim
