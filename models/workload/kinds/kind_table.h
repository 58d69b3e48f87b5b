#pragma once

#include <span>
#include <vector>

#include "models/workload/layer_kind.h"

namespace mxsim {

/// One kind for each row of a table that outlives it. Call it once for each Kind: the kinds are
/// made by the first call.
template <class Kind, class Rows>
std::span<const LayerKind* const> kinds_of(const Rows& rows) {
  static const std::vector<Kind> kinds(rows.begin(), rows.end());
  static const std::vector<const LayerKind*> pointers = [] {
    std::vector<const LayerKind*> all;
    for (const Kind& kind : kinds) all.push_back(&kind);
    return all;
  }();
  return pointers;
}

}  // namespace mxsim
