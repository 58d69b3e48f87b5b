#pragma once

#include <string>
#include <vector>

#include "models/mapping/memory/traffic_bound.h"
#include "models/mapping/search/gemm_mapper.h"
#include "sim/config/run_config.h"

namespace mxsim {

/// Where the mapping of a GEMM comes from.
enum class MappingOrigin : std::uint8_t { kSearched, kPinned };

/// One GEMM of a layer in one pass with its mapping and the best ones of the search.
/// Where a tensor that a GEMM reads or that is in step with its results lies.
struct TensorPlace {
  std::string use;  ///< left, right, streamed or results
  std::string tensor;
  DramTile tile;
};

struct GemmExplanation {
  Pass pass = Pass::kForward;
  std::string op;
  std::size_t gemm = 0;  ///< of the group (phases of a strided convolution's data gradient)
  GemmWork work;
  MappingOrigin origin = MappingOrigin::kSearched;
  GemmMapping chosen;
  std::vector<GemmMapping> best;  ///< the search's, best first; the first is chosen if not pinned
  TrafficBound group_bound;       ///< of all that the group moves
  std::vector<TensorPlace> places;
};

struct LayerExplanation {
  std::string layer;
  MappingObjective objective = MappingObjective::kEdp;
  std::vector<GemmExplanation> gemms;
};

/// How the run's GEMMs of one layer are mapped; nothing is simulated. Throws InputError when the
/// network has no such layer with a GEMM.
LayerExplanation explain_layer(const RunConfig& config, const std::string& layer);

}  // namespace mxsim
