#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/values/operand_statistics.h"

namespace mxsim {

/// Casts of every operand in the steps of an epoch that were looked at, or in an evaluation.
using EpochStatistics = std::vector<OperandStatistics>;

/// The counts alone, for a checkpoint; see read_statistics().
std::vector<double> statistics_numbers(const std::vector<EpochStatistics>& epochs);

/// Takes `epochs` times the counts of `rows`, which name layers, roles and modes, from such
/// numbers. Empty when they are of other rows.
std::vector<EpochStatistics> read_statistics(std::span<const double> numbers, std::size_t epochs,
                                             const EpochStatistics& rows);

/// Casts of one training's epoch, or with one file of weights.
struct MeasuredCasts {
  std::uint64_t source = 1;  ///< the seed, or the number of the file, from 1
  std::int64_t epoch = 0;    ///< from 1; 0: of none
  EpochStatistics operands;
};

struct FormatStatistics {
  std::string format;
  std::vector<MeasuredCasts> parts;
};

}  // namespace mxsim
