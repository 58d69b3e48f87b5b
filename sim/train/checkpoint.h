#pragma once

#include <string>

#include "sim/train/training_job.h"

namespace mxsim {

/// A network's parameters, states and history as a .npz archive. Parameters have their names and
/// the matrix view of the trace format; "__accuracy" and "__loss" have one element an epoch,
/// "__statistics" are counts (epoch_statistics.h), where they were asked for,
/// "__run" is what the training was started with (hexadecimal hash as bytes).
void write_checkpoint(const std::string& path, const std::string& run, const TrainingState& state);

/// Throws InputError when the file is no checkpoint of this `run`. `rows`: of its statistics; empty
/// for a run without.
TrainingState read_checkpoint(const std::string& path, const std::string& run,
                              const EpochStatistics& rows = {});

}  // namespace mxsim
