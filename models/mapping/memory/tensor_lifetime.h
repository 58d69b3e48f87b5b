#pragma once

#include <cstdint>
#include <vector>

#include "models/workload/op_list.h"

namespace mxsim {

/// Groups of the OpList in which a tensor's bytes are needed, both included.
struct Lifetime {
  std::int32_t first = 0;
  std::int32_t last = 0;

  bool overlaps(const Lifetime& other) const { return first <= other.last && other.first <= last; }
  bool operator==(const Lifetime&) const = default;
};

/// One for each tensor. A tensor that some group reads before any writes it was there before the
/// step (inputs, parameters, states) and stays for the next: it lives throughout. So does one that
/// no group touches. Others live from the first group that writes them to the last that touches
/// them, or, when no group reads them afterwards (results of the network), to the end. A
/// lasting one lives to the end in any case. A passing
/// tensor lives from the first to the last group that touches it.
std::vector<Lifetime> tensor_lifetimes(const OpList& ops);

}  // namespace mxsim
