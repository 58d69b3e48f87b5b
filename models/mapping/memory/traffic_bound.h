#pragma once

#include "models/mapping/chip/dram_compression.h"
#include "models/mapping/memory/residency.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Payload that any program must move between DRAM and a chip with so much on-chip memory.
struct TrafficBound {
  Bytes read{0};
  Bytes written{0};

  Bytes total() const { return read + written; }
};

/// Lower bound on the DRAM traffic of one group; no tiling, loop order or buffer plan can do with
/// less. Of the two bounds on reads the larger counts:
///
/// - Compulsory: every operand element that some product uses is read once, with its share of the
///   block scales; every streamed or broadcast tensor is read once.
/// - Capacity, for each GEMM of m x n x k products: 2 m n k sqrt(a b c / (r S)) - 2 S - c m n
///   bytes, where a and b are the bytes of an operand element, c those of a partial sum (FP32), S
///   is the on-chip capacity and r how many im2col entries one input element of a convolution
///   serves at most. Smith, Lowery, Langou and van de Geijn, "A tight I/O lower bound for matrix
///   multiplication" (arXiv 1702.02017) have it for one word size and C += A B: by Loomis and
///   Whitney, the products of a phase that moves 2 S bytes are at most sqrt(x y z), with
///   a x + b y + c z <= 3 S. Results here begin on the chip instead of being read, which is c m n
///   less. r is the reuse factor of Chen et al., "Communication lower bound in convolution
///   accelerators" (HPCA 2020, arXiv 1911.05662).
///
/// Writes: every written tensor once.
///
/// Tensors that are kept on the chip need not move, and the bound by capacity, which takes operands
/// and results to begin and end in DRAM, is left out for a GEMM that has one. Compressed tensors
/// move their share; by capacity the least share of any role.
TrafficBound traffic_bound(const OpList& ops, const OpGroup& group, Bytes capacity,
                           const KeptTensors& kept = {}, const DramCompression& compression = {});

/// Input positions of one axis that some output uses.
std::int64_t used_inputs(const WindowAxis& axis);

}  // namespace mxsim
