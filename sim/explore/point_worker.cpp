#include "sim/explore/point_worker.h"

#include <fmt/format.h>

#include <exception>

#include "sim/config/load.h"
#include "sim/explore/time_estimate.h"
#include "sim/report/output_file.h"
#include "sim/report/run_json.h"
#include "sim/report/sweep_report.h"
#include "sim/run/run_once.h"

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
  return {file, load_config<SweepConfig>(file)};
}

std::string report_path(const std::string& reports, std::uint64_t point) {
  return fmt::format("{}/{}.json", reports, point);
}

PointWorker::PointWorker(const SweepSource& source, std::string reports)
    : base_document_(Document::load(source.config.base)),
      space_(source.config, source.file),
      constraints_(source.config.constraints, source.file),
      reports_(std::move(reports)) {}

RunConfig PointWorker::config(const std::vector<Override>& overrides) const {
  return load_config<RunConfig>(base_document_, overrides);
}

const RunConfig& PointWorker::base() {
  if (!base_) base_ = config(space_.base_overrides());
  return *base_;
}

PointCheck PointWorker::check(const Coordinates& at, PointRequest::Ask ask) {
  PointCheck check;
  try {
    const Settings settings = space_.settings(at);
    if (!constraints_.allow(settings)) return check;
    const RunConfig run = config(space_.overrides(at));
    if (constraints_.need_run() &&
        !constraints_.allow(settings, run, constraints_.need_base() ? base() : run)) {
      return check;
    }
    check.allowed = true;
    check.config_hash = config_hash(run);
    if (ask == PointRequest::Ask::kEstimate) check.seconds = estimated_seconds(run);
  } catch (const InputError& error) {
    check.faults = error.diagnostics();
  }
  return check;
}

PointOutcome PointWorker::run(const PointRequest& request) {
  const Coordinates& at = request.points.front();
  const PointIdentity identity{request.number, request.sweep, space_.settings(at)};
  RunReport report;
  try {
    report = run_once(config(space_.overrides(at)));
  } catch (const InputError& error) {
    return {PointOutcome::State::kDone,
            failure_line(identity, one_line(error), PointStatus::kFailed)};
  } catch (const std::exception& error) {
    return {PointOutcome::State::kDone,
            failure_line(identity, std::string("internal error: ") + error.what(),
                         PointStatus::kFailed)};
  }
  try {
    if (!reports_.empty()) {
      write_file(report_path(reports_, request.number), to_json(report).dump(1) + "\n");
    }
  } catch (const std::exception& error) {
    return {PointOutcome::State::kStopped, error.what()};
  }
  return {PointOutcome::State::kDone, result_line(identity, report)};
}

std::string PointWorker::answer(const std::string& message) {
  const PointRequest request = unpack_request(message);
  if (request.ask == PointRequest::Ask::kRun) return pack(run(request));
  std::vector<PointCheck> checks;
  for (const Coordinates& at : request.points) checks.push_back(check(at, request.ask));
  return pack(checks);
}

}  // namespace mxsim
