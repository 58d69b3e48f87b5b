#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/arithmetic/operand_decoder.h"

namespace mxsim {

/// What the operands of a case look like.
enum class OperandKind : std::uint8_t {
  kBlocks,  ///< MXSF codes under one scale per block of the reduction
  kShort,   ///< binary32 of 8-bit significands and moderate exponents: products are exact
  kFull,    ///< binary32 of 24-bit significands: every product is rounded
};

/// One command on one array with operands that own their storage.
struct ArrayCase {
  ArraySpec spec;
  ArrayCommand command;
  std::vector<ArrayOperand> a;
  std::vector<ArrayOperand> b;
  std::vector<float> c;
  OperandDecoder decoder;

  /// Operands without blocks clear the command's, too.
  void draw(OperandKind kind, std::uint64_t seed);
  TileData data(std::vector<float>& result) const { return {a, b, result, &decoder, &decoder}; }
  std::string text() const;
};

struct ArrayOutcome {
  ArrayCost cost;
  std::vector<float> c;
};

ArrayOutcome run_pe(const ArrayCase& test);
ArrayOutcome run_tile(const ArrayCase& test);

std::vector<float> reference_results(const ArrayCase& test);

/// Names every number in which two costs differ, "" if none.
std::string difference(const ArrayCost& expected, const ArrayCost& actual);
/// Names the first result that differs in its bits, "" if none.
std::string difference(const std::vector<float>& expected, const std::vector<float>& actual);

using ClosedForm =
    std::function<ArrayCost(const ArraySpec&, const ArrayCommand&, std::int64_t gated_macs)>;
/// Everything in which the PEs, the tile model (its cost by `closed_form`) and the reference
/// differ.
std::string compare_fidelities(const ArrayCase& test, const ClosedForm& closed_form);

}  // namespace mxsim
