#pragma once

#include <vector>

#include "models/chip/chip_spec.h"
#include "models/memory/built_buffer.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Formats of a piece of work: the GEMM operands and what results are encoded to (FP32 where there
/// is no GEMM or nothing is encoded).
struct WorkFormats {
  FormatSpec a;
  FormatSpec b;
  FormatSpec encoded;
  bool draws = false;           ///< an operand is rounded stochastically
  bool vector_draws = false;    ///< the run has vector operations with random words (dropout)
  int hadamard = 0;             ///< points of the operands' transform; 0: none
  std::int64_t patch_rows = 0;  ///< most rows of the run's patches (requant_patch.h); 0: none

  bool operator==(const WorkFormats&) const = default;
};

WorkFormats work_formats(const OpList& ops, const OpGroup& group);

/// Formats of the groups that have a GEMM, each once, in the order of their first use; not empty.
std::vector<WorkFormats> formats_in_use(const OpList& ops);

/// Widest elements the chip's buffers hold for this work, the longest vectors of them that one
/// array moves in a step, in any pass, and how many a grid moves: left operands one a grid row,
/// right ones one a grid column, results one an array.
BufferContents buffer_contents(const std::vector<WorkFormats>& in_use, const ArraySpec& array);

}  // namespace mxsim
