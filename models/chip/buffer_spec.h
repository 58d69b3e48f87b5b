#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/core/units.h"

namespace mxsim {

/// What a buffer holds. kActivations: left operands of GEMMs and streams; kWeights: right operands;
/// kGradients: operands that are gradients, on either side (without such a buffer they go with
/// their side); kAccumulators: partial sums and results.
enum class BufferRole : std::uint8_t { kActivations, kWeights, kGradients, kAccumulators };

/// How slots lie in the banks. kOwnBanks: each slot has banks of its own, and filling one never
/// meets reading another. kInterleaved: consecutive words lie in consecutive banks, every slot is
/// spread over all banks, and all users of the buffer share its ports.
enum class BankLayout : std::uint8_t { kOwnBanks, kInterleaved };

/// What it takes to read a tile of a tensor along the axis it is not stored along. kTransposer: a
/// byte transposer between buffer and array turns whole tiles. kSecondPort: the macro is read along
/// both axes. kGather: every element of the vector comes from a word of its own row.
enum class TransposedRead : std::uint8_t { kTransposer, kSecondPort, kGather };

struct BufferSpec {
  Bytes bytes{256 * 1024};
  std::int64_t banks = 4;
  std::int64_t width_elements = 32;  ///< elements of the stored format in one word of a bank
  std::int64_t width_bits = 0;       ///< of one word of a bank; 0: from width_elements
  std::int64_t ports = 1;            ///< read-write ports of a bank
  std::int64_t slots = 0;            ///< ring of tiles; 0: two, or one when there is one bank
  BankLayout layout = BankLayout::kOwnBanks;
  TransposedRead transposed_read = TransposedRead::kTransposer;
  std::vector<BufferRole> roles = {};
  std::vector<std::int64_t> role_banks = {};  ///< banks' worth of capacity of each role; {}: equal

  bool serves(BufferRole role) const;
};

/// The buffers of a chip by name. Every role but kGradients is served by exactly one.
using BufferSet = std::map<std::string, BufferSpec>;

/// Sum over the buffers.
Bytes capacity(const BufferSet& buffers);

/// "input", "weight" and "accumulator", each with its role.
BufferSet separate_buffers(BufferSpec input, BufferSpec weight, BufferSpec accumulator);

}  // namespace mxsim
