#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/tiles/operand_data.h"
#include "sim/array/array_unit.h"
#include "sim/control/command_unit.h"
#include "sim/memory/sram_buffer.h"

namespace mxsim {

/// Hash of the FP32 result bits of one GEMM, tile by tile in program order.
struct OutputHash {
  std::string layer;
  Pass pass = Pass::kForward;
  std::uint32_t gemm = 0;
  std::uint64_t hash = 0;
  bool operator==(const OutputHash&) const = default;
};

/// Runs the array's commands on a PE array of either fidelity and counts what they move through the
/// buffers.
class ArrayDriver : public CommandUnit {
 public:
  SC_HAS_PROCESS(ArrayDriver);

  /// `data` may be null: timing and counts only (fidelity `tile`).
  ArrayDriver(const sc_core::sc_module_name& name, const MapperChip& chip, ArrayUnit& array,
              const Context& context, const ChipBuffers& buffers, OperandData* data);

  /// One entry for every GEMM finished so far; empty without data.
  const std::vector<OutputHash>& output_hashes() const { return hashes_; }

 private:
  std::optional<Cycles> may_start(const Command& command) const override;
  void begin(CommandId id, const Command& command) override;
  StallCycles waits_within(Cycles from, Cycles to) const override;
  void end();
  /// A tile on the array.
  struct InFlight {
    CommandId id;
    Command command;
    Cycles begin;
    Cycles next_begin{INT64_MAX};  ///< of the next one, once it has begun
    Cycles streamed_end{
        INT64_MAX};  ///< when it would end if loads took no time, ports and scale units were enough
    Cycles own_end{INT64_MAX};    ///< if ports and scale units were enough
    Cycles caught_up{INT64_MAX};  ///< if the buffers' ports were wide enough
    OperandData::Tile operands = {};
    std::shared_ptr<std::vector<float>> results = {};

    const ArrayWork& work() const { return std::get<ArrayWork>(command.work); }
  };
  const OpGroup& group_of(const InFlight& tile) const;
  void note_waits(const ArrayCommand& array, InFlight& tile);
  TileData load_data(InFlight& tile);
  void hash_results(const InFlight& tile);
  void count_reads(Unit buffer, std::int64_t words, Bytes payload,
                   std::optional<TransposedRead> by_columns);

  const MapperChip& chip_;
  ArrayUnit& array_;
  const ChipBuffers& buffers_;
  OperandData* data_;
  std::deque<InFlight> in_flight_;
  /// Results of the running group whose reduction is not complete, by GEMM and tile.
  std::map<std::pair<std::uint32_t, std::int64_t>, std::shared_ptr<std::vector<float>>> unfinished_;
  std::vector<OutputHash> hashes_;
  const OpGroup* hashed_ = nullptr;  ///< that the last entry belongs to
};

}  // namespace mxsim
