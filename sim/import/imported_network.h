#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/core/shape.h"
#include "models/workload/graph.h"

namespace mxsim {

/// What the user states about a network file that leaves sizes open.
struct ImportOptions {
  std::map<std::string, std::int64_t> dims;  ///< symbolic extent: value
  std::map<std::string, Shape> shapes;       ///< input of the network: whole shape, batch first
};

/// A network read from another program's file.
struct ImportedNetwork {
  Graph graph;
  std::vector<std::string> notes;  ///< assumptions made on the way, one line each
};

}  // namespace mxsim
