#include "sim/explore/point_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <set>

#include "sim/config/load.h"
#include "sim/output/output_file.h"
#include "sim/report/run_document.h"
#include "sim/run/fpga_run.h"
#include "sim/run/run_once.h"
#include "sim/run/run_outlook.h"

namespace mxsim {
namespace {

std::string one_line(const InputError& error) {
  std::string text;
  for (const Diagnostic& fault : error.diagnostics()) {
    text += (text.empty() ? "" : "; ") + fault.text();
  }
  return text;
}

}  // namespace

SweepSource load_sweep(const std::string& path) {
  const std::string file = find_input_file(path);
  SweepConfig config = with_layer_axes(load_config<SweepConfig>(file), file);
  std::vector<Diagnostic> faults = validate(config);
  for (Diagnostic& fault : faults) fault.file = file;
  if (!faults.empty()) throw InputError(std::move(faults));
  return {file, std::move(config)};
}

std::string report_path(const std::string& reports, std::uint64_t point) {
  return fmt::format("{}/{}.json", reports, point);
}

PointWorker::PointWorker(const SweepSource& source, std::string reports)
    : base_document_(Document::load(source.config.base)),
      space_(source.config, source.file),
      constraints_(source.config.constraints, source.file),
      reports_(std::move(reports)),
      overridden_layers_(source.config.overridden_layers),
      wants_luts_(std::count(source.config.objectives.begin(), source.config.objectives.end(),
                             Objective::kLuts) > 0),
      quality_(source.config.quality) {
  if (quality_.measures_accuracy()) quality_.load(base());
}

RunConfig PointWorker::config(const std::vector<Override>& overrides) const {
  return load_config<RunConfig>(base_document_, overrides);
}

const RunConfig& PointWorker::base() {
  if (!base_) base_ = config(space_.base_overrides());
  return *base_;
}

std::optional<RunConfig> PointWorker::allowed(const Coordinates& at) {
  const Settings settings = space_.settings(at);
  if (!constraints_.allow(settings)) return std::nullopt;
  RunConfig run = config(space_.overrides(at));
  const bool forbidden =
      constraints_.need_run() &&
      !constraints_.allow(settings, run, constraints_.need_base() ? base() : run);
  if (forbidden) return std::nullopt;
  return run;
}

PointCheck PointWorker::check(const Coordinates& at, PointRequest::Ask ask) {
  PointCheck check;
  try {
    const std::optional<RunConfig> run = allowed(at);
    if (!run) return check;
    check.allowed = true;
    check.config_hash = config_hash(*run);
    if (ask == PointRequest::Ask::kEstimate) {
      check.seconds = estimated_seconds(*run);
      const TensorDram memory = tensor_dram(*run);
      check.dram_bytes = memory.used.count();
      check.dram_capacity = memory.capacity.count();
    }
  } catch (const InputError& error) {
    check.faults = error.diagnostics();
  }
  return check;
}

PointExtras PointWorker::extras(const Settings& settings, const RunConfig& run) {
  PointExtras extras;
  for (std::size_t i = 0; i < overridden_layers_.size(); ++i) {
    const std::string prefix = fmt::format("/formats/overrides/{}/", i);
    std::set<std::string> formats;
    for (const Setting& each : settings) {
      if (each.key.starts_with(prefix)) formats.insert(each.value);
    }
    for (const std::string& format : formats) {
      const bool one = formats.size() == 1;
      extras.layer_formats.push_back({overridden_layers_[i], one ? format : "\"mixed\""});
      if (!one) break;
    }
  }
  extras.fpga = fpga_cost(run);
  quality_.measure(run, extras);
  return extras;
}

PointOutcome PointWorker::simulate(const PointRequest& request, const PointIdentity& identity,
                                   const RunConfig& run) {
  if (wants_luts_ && !fpga_cost(run)) {
    throw InputError("objective luts: no lossless accumulator for " + run.formats.format.name +
                     " (mxsim formats --fpga)");
  }
  const RunReport report = run_once(run);
  const std::string line = result_line(identity, report, extras(identity.settings, run));
  try {
    if (!reports_.empty()) {
      write_file(report_path(reports_, request.number), run_document(report, run).dump(1) + "\n");
    }
  } catch (const std::exception& error) {
    return {PointOutcome::State::kStopped, error.what()};
  }
  return {PointOutcome::State::kDone, line};
}

PointOutcome PointWorker::run(const PointRequest& request) {
  const Coordinates& at = request.points.front();
  const PointIdentity identity{request.number, request.sweep, space_.settings(at)};
  const auto failed = [&](const std::string& error, PointStatus status) {
    return PointOutcome{PointOutcome::State::kDone, failure_line(identity, error, status)};
  };
  try {
    const bool tries = request.ask == PointRequest::Ask::kTry;
    const std::optional<RunConfig> run = tries ? allowed(at) : config(space_.overrides(at));
    if (!run) return failed("breaks a constraint", PointStatus::kLeftOut);
    return simulate(request, identity, *run);
  } catch (const InputError& error) {
    return failed(one_line(error), PointStatus::kFailed);
  } catch (const std::exception& error) {
    return failed(std::string("internal error: ") + error.what(), PointStatus::kFailed);
  }
}

std::string PointWorker::answer(const std::string& message) {
  const PointRequest request = unpack_request(message);
  const PointRequest::Ask ask = request.ask;
  if (ask == PointRequest::Ask::kRun || ask == PointRequest::Ask::kTry) return pack(run(request));
  std::vector<PointCheck> checks;
  for (const Coordinates& at : request.points) checks.push_back(check(at, ask));
  return pack(checks);
}

}  // namespace mxsim
