#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "models/core/unit.h"
#include "models/core/units.h"
#include "models/dataflow/array_command.h"
#include "models/mapping/memory/residency.h"
#include "models/mapping/tiles/gemm_tile.h"
#include "models/mapping/tiles/run_bytes.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Number of a command in the run, counted from 0 over all groups.
using CommandId = std::uint64_t;

/// DMA between DRAM, or the reserved part of the input buffer, and a buffer; the direction is the
/// unit's.
struct TransferWork {
  std::vector<DramRun> runs;  ///< all in DRAM, or all from kOnChip on; as if not compressed
  double compression = 1;     ///< bytes that DRAM moves over those of the runs

  bool stays_on_chip() const { return !runs.empty() && runs.front().base >= kOnChip; }
};

/// Last reduction tile of its results, or more to come.
enum class Completion : std::uint8_t { kPartial, kFinal };

/// One GEMM tile on the PE array.
struct ArrayWork {
  std::uint32_t gemm = 0;  ///< index into OpGroup::gemms
  GemmTile tile;
  Accumulate accumulate =
      Accumulate::kOverwrite;  ///< first reduction tile of its results, or later
  Completion completion = Completion::kFinal;
  std::int64_t result = 0;  ///< number of the result tile in its GEMM
};

/// The group's vector operations on `elements` results.
struct VectorWork {
  std::int64_t elements = 0;
  std::int64_t conversions = 0;  ///< elements rounded to a scalar format on the way out
  std::int64_t draws = 0;        ///< those rounded stochastically
  std::int64_t rows = 0;         ///< rows of the grid that end in these results
};

/// Elements through the re-quantization unit; `encodings` copies of each are made. They arrive in
/// FP32 or BF16, or as codes that are decoded first.
struct RequantWork {
  std::int64_t elements = 0;
  std::int64_t encodings = 1;
  bool decodes = false;
  std::int64_t draws = 0;          ///< elements rounded stochastically
  std::int64_t hadamard_adds = 0;  ///< of transforms before the encoding
  std::int64_t patch_rows = 0;     ///< collected before the encoding (requant_patch.h); 0: none
};

/// Payload that one command moves through the ports of one buffer.
struct BufferAccess {
  Unit buffer = Unit::kSramInput;
  Bytes read{0};
  Bytes written{0};
};

struct Command {
  Unit unit = Unit::kDmaRead;    ///< kDmaRead, kDmaWrite, kArray, kVector or kRequant
  std::vector<CommandId> after;  ///< must be finished first; all smaller than the command's own id
  std::variant<TransferWork, ArrayWork, VectorWork, RequantWork> work;
  std::vector<BufferAccess> buffers;  ///< the array's are counted by the array model instead
  std::uint32_t group = 0;            ///< index into OpList::groups: whom its work is counted for
};

/// A piece of the run's commands. Every unit executes its commands in this order, each as soon as
/// those it comes `after` are finished. Dependencies point backwards only, also across pieces, so
/// the unfinished command with the smallest id can always run: no deadlock.
struct Program {
  CommandId first = 0;  ///< id of commands[0]
  std::vector<Command> commands;
  std::uint32_t closed_groups = 0;  ///< groups below this one have no commands in later pieces
};

std::string to_string(const Command& command);

}  // namespace mxsim
