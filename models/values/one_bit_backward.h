#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "models/mapping/tiles/gemm_tile.h"
#include "models/values/pruned_gradient.h"
#include "models/values/workers.h"
#include "models/workload/op_list.h"
#include "models/workload/step_function.h"

namespace mxsim {

/// Layers whose forward GEMMs multiply weights by activations of one bit each: activations under
/// one scale, weights under one scale for each output channel, or one for all. Throws InputError
/// for other scales, for grouped layers, and where there is no such layer.
std::set<std::string> one_bit_layers(const OpList& ops, std::int64_t samples);

/// The backward GEMMs of a group of a layer with one-bit operands (1-bit FQT, arXiv 2408.14267):
///   data gradient    sum over n of (scale_n G[m, n]) sign W[k, n], samples of scale_n G pruned
///   weight gradient  scale of X x sum over m of sign X[m, k] G[m, n], channels of G pruned
/// Operands of the sums are signs and odd integers of `bits` bits, that is, bit planes; the sums
/// are exact integers up to 2^24, and take the scales of their sample or channel at the end.
struct OneBitBackward {
  const OpGroup& group;
  GridSize grid;
  StepMatrix<const float> gradient;
  StepMatrix<const float> forward;  ///< the other operand as the forward GEMM multiplied it
  const OneBitTraining& training;
  std::uint64_t seed = 1;
};

void multiply(const OneBitBackward& backward, float* result, Workers& workers);

/// What a backward GEMM multiplies as bit planes.
struct PlaneCost {
  std::string layer;
  Pass pass = Pass::kBackwardData;
  std::int64_t groups = 0;  ///< samples or channels
  std::int64_t kept = 0;
  std::int64_t macs = 0;  ///< of the whole GEMM: one-bit products of a binary GEMM

  /// One-bit products of `bits` planes of the groups that stay.
  double plane_macs(int bits) const {
    return static_cast<double>(macs) * static_cast<double>(kept * bits) /
           static_cast<double>(groups);
  }
};

/// Of the backward GEMMs of one_bit_layers().
std::vector<PlaneCost> plane_costs(const OpList& ops, const OneBitTraining& training);

}  // namespace mxsim
