#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/config/setting.h"
#include "sim/config/sweep_config.h"

namespace mxsim {

/// kLost: not the point's own fault, its worker ended each time; worth another try.
/// kLeftOut: a search came upon it, and a constraint forbids it.
enum class PointStatus : std::uint8_t { kOk, kFailed, kLost, kLeftOut };

/// One line of a results.jsonl.
struct ResultLine {
  std::uint64_t point = 0;
  std::string sweep;  ///< hash of the sweep it belongs to
  PointStatus status = PointStatus::kOk;
  Settings settings;
  std::string error;
  std::array<double, kObjectiveCount> objectives{};  ///< of kOk, by Objective
  /// Everything else by column: plain keys and those of "totals" by their name, others as
  /// "energy_pj/dram". Values as JSON.
  std::vector<std::pair<std::string, std::string>> columns;
};

/// None for a line that is torn or none of ours.
std::optional<ResultLine> read_result_line(const std::string& line);

/// The line's object with its hash as the last key, and a newline.
std::string signed_result_line(std::string object);
/// Whether a line (without its newline) is as it was signed: nobody changed it since.
bool is_signed_result_line(std::string_view line);

}  // namespace mxsim
