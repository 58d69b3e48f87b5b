#pragma once

#include <cstdint>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/core/pass.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// How grouped and depthwise convolutions use a systolic array. Alone, a depthwise group fills
/// `taps` rows and one column of it. Packed, `p` adjacent groups are one product of p times the
/// channels and columns, whose right operand is block-diagonal (of a weight gradient: whose result
/// is, the rest being dropped): on a weight-stationary array each pass of a 3x3 depthwise
/// convolution holds a diagonal of weights, as compilers for such arrays map it. The PEs multiply
/// the zeros and are charged for it; zeros never cross DRAM and are no MACs of the network. Reads
/// of p columns also fill DRAM bursts.
///
/// Possible are the divisors p of the number of the layer's groups whose columns fit the array's at
/// once, smallest first; 1 alone for work that cannot be packed.
std::vector<std::int64_t> possible_packings(const GemmWork& work, const ArraySpec& array);

/// Before a chip's buffers and memory are known (packing_choice.h weighs them too): the smallest
/// packing whose array cycles a group, in closed form, are within 2 % of the fewest.
std::int64_t packed_groups(const GemmWork& work, const ArraySpec& array, Pass pass);

/// The same work with `packed` groups in each product.
GemmWork pack_groups(GemmWork work, std::int64_t packed);
/// The layer's own groups.
GemmWork unpack_groups(GemmWork work);

}  // namespace mxsim
