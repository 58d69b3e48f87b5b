#include "sim/run/gemm_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "models/arithmetic/exact_sums.h"
#include "models/arithmetic/tile_kernel.h"
#include "models/chip/array_rules.h"
#include "models/core/error.h"
#include "models/core/shape.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/scalesim.h"
#include "models/formats/format_table.h"
#include "sim/array/array_pe.h"
#include "sim/kernel/simulation_context.h"
#include "sim/run/gemm_job.h"
#include "sim/run/waveform.h"

namespace mxsim {
namespace {

constexpr std::int64_t kMostElements = std::int64_t{1} << 26;

/// Starts one command at time zero.
class Starter : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Starter);
  Starter(const sc_core::sc_module_name& name, ArrayUnit& array, GemmJob& job)
      : sc_module(name), array_(array), job_(job) {
    SC_METHOD(start);
  }

 private:
  void start() { array_.start(job_.command, job_.data()); }

  ArrayUnit& array_;
  GemmJob& job_;
};

void run_on_pes(std::vector<GemmJob>& jobs) {
  const SimulationContext context;
  const ClockDomain clock(1'000'000'000);
  std::optional<OutputFile> file;
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
    waveform.emplace(file.emplace(path));
    arrays.front()->trace(waveform->file());
  }
  sc_core::sc_start();
  if (waveform) {
    waveform->finish();
    file->commit();
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].cost = arrays[i]->last();
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
      !checked_elements({folds(array, command_of(request)), *steps + fixed, array.pes()})) {
    throw InputError(gemm + ": more than 2^63 - 1 PE-cycles");
  }
  if (must_compute_bits(request) && !fits(request, kMostElements)) {
    throw InputError(gemm + ": a matrix of more than 2^26 elements is too large to compute");
  }
}

void check_array(const GemmRequest& request) {
  std::vector<Diagnostic> faults;
  for (const ArrayFault& fault : array_faults(request.array)) {
    std::string option = "--" + fault.key;
    std::replace(option.begin(), option.end(), '_', '-');
    faults.push_back({"", option, fault.message});
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

void check_exact_sums(const GemmRequest& request) {
  const ArrayCommand command = command_of(request);
  const std::int64_t terms =
      std::min({command.blocks.a_length, command.blocks.b_length, command.k});
  const std::string fault =
      sum_fault(request.array, request.a_layout.format, request.b_layout.format, terms);
  if (!fault.empty()) throw InputError(std::vector<Diagnostic>{{"", "--accumulator", fault}});
}

void check_pes(const GemmRequest& request) {
  constexpr std::int64_t kMostPes = 256;
  const ArraySpec& array = request.array;
  if (array.timing == ArrayTiming::kScaleSim) {
    throw InputError("--timing scalesim is a closed form without PEs: use --fidelity tile");
  }
  const std::int64_t rows = array.rows * array.grid.rows;
  const std::int64_t cols = array.cols * array.grid.cols;
  if (rows > kMostPes || cols > kMostPes) {
    throw InputError(fmt::format("--array {}x{}: --fidelity pe goes up to {}x{} PEs in all", rows,
                                 cols, kMostPes, kMostPes));
  }
}

}  // namespace

DataLayout transposed(DataLayout layout) {
  std::swap(layout.block.rows, layout.block.cols);
  return layout;
}

void GemmRequest::set_format(const FormatSpec& format) {
  a_layout = default_layout(format);
  b_layout = transposed(a_layout);
}

void validate(const GemmRequest& request) {
  check_array(request);
  check_extents(request);
  check_exact_sums(request);
  if (!request.vcd.empty()) check_traceable(request.fidelity, request.array);
  if (request.fidelity == Fidelity::kPe) check_pes(request);
}

std::vector<GemmResult> run_gemms(const std::vector<GemmRequest>& requests) {
  std::vector<GemmJob> on_pes;
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
    GemmJob job(request);
    job.cost =
        closed_form(request.array, job.command, gated_macs(request.array, job.command, job.data()));
    if (!job.c.empty()) compute_tile(request.array, job.command, job.data());
    results.push_back(result_of(job));
  }
  return results;
}

}  // namespace mxsim
