#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "models/dataflow/array_command.h"

namespace mxsim {

/// Longest vectors, in elements, that cross the array's border at once: one of each streamed
/// operand and of the results in every step, those of a stationary operand as the pace of loads
/// says.
struct PortVectors {
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::int64_t c = 0;
};

/// The operand of which a pass keeps a part in the PEs and loads it before it streams the other.
enum class StationaryOperand : std::uint8_t { kNone, kA, kB };

/// A dataflow as data. Adding one: a file with its rule and closed form, and a row here.
struct DataflowInfo {
  Dataflow dataflow;
  std::string_view name;         ///< in configurations and on the command line
  std::string_view description;  ///< what rows and columns hold and what is streamed
  /// Steps of a command under the native rules.
  std::int64_t (*steps)(const ArraySpec&, const ArrayCommand&);
  /// Steps from the start of a command to the earliest start of the next one, of equal or other
  /// extents, if the array is not drained in between (command_chain.h).
  std::int64_t (*handover)(const ArraySpec&, const ArrayCommand&, const ArrayCommand& next);
  /// Steps in which operands enter or loads are made; commands that cut the same work into pieces
  /// and chain never take less together.
  std::int64_t (*least_steps)(const ArraySpec&, const ArrayCommand&);
  /// Every array event and word except the PE-cycles, which follow from the cycles.
  void (*count)(const ArraySpec&, const ArrayCommand&, ArrayCost&);
  PortVectors (*vectors)(const ArraySpec&, const ArrayCommand&);
  /// Elements of the reduction that one pass adds.
  std::int64_t (*pass_reduction)(const ArraySpec&, const ArrayCommand&);
  StationaryOperand stationary = StationaryOperand::kNone;
};

const std::array<DataflowInfo, 3>& dataflow_table();
const DataflowInfo& info(Dataflow dataflow);

}  // namespace mxsim
