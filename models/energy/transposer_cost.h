#pragma once

#include <string>
#include <vector>

#include "models/energy/priced_chip.h"

namespace mxsim {

/// What turns operands read by columns on their way from a buffer to the array.
///
/// A unit is a mesh of 8 x 8 registers, each with a two-way multiplexer (one shifter stage) in
/// front. In eight steps it shifts the rows of a tile in from one side; in the next eight it shifts
/// the columns out at right angles to that, while the rows of the next tile follow them in. So it
/// takes and gives eight elements a step without a second set of registers, and an element is
/// written into eight of them. Each row of a grid of arrays has as many units as the longest left
/// vector of any pass needs, each column as many as the longest right one, and a buffer has those
/// of every operand that it holds.
inline constexpr std::int64_t kTransposerSide = 8;

/// Registers (and multiplexers) that a byte passes, in bits.
inline constexpr std::int64_t kTransposerMoves = 8 * kTransposerSide;

/// Registers of the transposers of the chip's buffers, in bits, built for every format in use.
struct TransposerBlock {
  std::string buffer;
  std::int64_t register_bits = 0;
};
std::vector<TransposerBlock> transposer_blocks(const PricedChip& chip,
                                               const std::vector<WorkFormats>& in_use);

/// NAND2 equivalents, from the closed form of datapaths.
UncertainPrice transposer_nand2(const TransposerBlock& block, const TechnologyTable& table);

}  // namespace mxsim
