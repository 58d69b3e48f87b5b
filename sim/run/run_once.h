#pragma once

#include <functional>

#include "sim/config/run_config.h"
#include "sim/run/run_report.h"

namespace mxsim {

/// What may watch a run without changing it.
struct RunObservers {
  Timeline* timeline = nullptr;
  std::function<void(std::size_t finished, std::size_t total)> progress = nullptr;
};

/// Lowers, plans, simulates and prices one run. Throws InputError when the work does not fit the
/// chip.
RunReport run_once(const RunConfig& config, const RunObservers& observers = {});

/// The same run in another format of all GEMM operands; its blocks are the format's own unless the
/// run file fixes them and the format has block scales.
RunConfig in_format(RunConfig config, const std::string& format);

}  // namespace mxsim
