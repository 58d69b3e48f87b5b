#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/core/units.h"

namespace mxsim {

/// What a buffer holds. kActivations: left operands of GEMMs and streams; kWeights: right operands;
/// kGradients: operands that are gradients, on either side (without such a buffer they go with
/// their side); kAccumulators: partial sums and results; kStreams: results of groups without a GEMM
/// on their way to DRAM (without such a buffer they go with the accumulators).
enum class BufferRole : std::uint8_t {
  kActivations,
  kWeights,
  kGradients,
  kAccumulators,
  kStreams
};

/// How vectors are read that do not lie along a row of the stored matrix. kTransposer: a transposer
/// between buffer and array turns whole tiles, at full rate. kGather: every element of the vector
/// comes from a word of its own. kSecondPort: cells with one more port, whose bit lines run along
/// the stored rows, give a word of a column from each bank in a cycle, beside what the other ports
/// do.
enum class TransposedRead : std::uint8_t { kTransposer, kGather, kSecondPort };

/// Where consecutive words of a buffer lie. kPartitioned: each slot of each role has banks of its
/// own, so filling one never meets reading another. kInterleaved: in consecutive banks of the whole
/// buffer, so one stream of words can use the ports of all banks, and all streams share them.
enum class BufferLayout : std::uint8_t { kPartitioned, kInterleaved };

/// What an access to a buffer pays: as the technology file says (SramAccess), or kMacro: to the
/// whole macro, the way to the bank included; kBank: to a macro of one bank's size.
enum class AccessPrice : std::uint8_t { kTechnology, kMacro, kBank };

struct BufferSpec {
  Bytes bytes{256 * 1024};
  std::int64_t banks = 4;
  /// Elements of the stored format in one word of a bank; 0: the longest vector that the array
  /// moves in a step.
  std::int64_t width_elements = 0;
  std::int64_t width_bits = 0;  ///< of one word of a bank; 0: from width_elements
  std::int64_t ports = 1;       ///< read-write ports of a bank
  /// Sets of `banks` that share the bytes; 0: one for each vector that the arrays of a grid move in
  /// a step.
  std::int64_t bank_groups = 0;
  std::int64_t slots = 0;   ///< ring of tiles; 0: two, or one where slots own banks and one is all
  std::int64_t slices = 1;  ///< macros side by side, each of which has a part of every word
  AccessPrice access = AccessPrice::kTechnology;
  TransposedRead transposed_read = TransposedRead::kTransposer;
  BufferLayout layout = BufferLayout::kPartitioned;
  std::vector<BufferRole> roles = {};
  std::vector<std::int64_t> role_banks = {};  ///< banks' worth of capacity of each role; {}: equal

  bool serves(BufferRole role) const;
  bool holds_operands() const;
  /// Whether a word is as wide as the vectors that cross the array's border.
  bool follows_array() const { return width_bits == 0 && width_elements == 0; }
  /// Ports of a cell beyond the first.
  std::int64_t extra_ports() const;
  /// Banks' worth of capacity of each of `roles`.
  std::vector<std::int64_t> banks_by_role() const;
  /// Tiles in the ring of a role that has so many banks' worth of capacity.
  std::int64_t slots_of(std::int64_t role_has) const;
  /// Banks that no slot owns: slots have whole banks and equal numbers of them.
  std::int64_t banks_without_slot() const;
};

/// The buffers of a chip by name. Every role is served by exactly one; kGradients and kStreams may
/// be served by none.
using BufferSet = std::map<std::string, BufferSpec>;

/// Sum over the buffers.
Bytes capacity(const BufferSet& buffers);

/// "input", "weight" and "accumulator", each with its role.
BufferSet separate_buffers(BufferSpec input, BufferSpec weight, BufferSpec accumulator);

}  // namespace mxsim
