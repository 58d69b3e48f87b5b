#pragma once

#include <string>
#include <vector>

#include "models/arithmetic/operand_decoder.h"
#include "sim/run/gemm_run.h"

namespace mxsim {

/// The command that a request's arrays run.
ArrayCommand command_of(const GemmRequest& request);

/// Whether A, B and C have at most `elements` each.
bool fits(const GemmRequest& request, std::int64_t elements);

/// Whether the request cannot be answered without operands.
bool must_compute_bits(const GemmRequest& request);

/// A command, its operands, and what came out.
struct GemmJob {
  explicit GemmJob(const GemmRequest& from);
  TileData data() { return {a, b, c, &a_decoder, &b_decoder}; }

  GemmRequest request;
  ArrayCommand command;
  OperandDecoder a_decoder;
  OperandDecoder b_decoder;
  std::vector<ArrayOperand> a;
  std::vector<ArrayOperand> b;
  std::vector<float> c;
  ArrayCost cost;
};

/// The job's result once cost and bits are there.
GemmResult result_of(GemmJob& job);

}  // namespace mxsim
