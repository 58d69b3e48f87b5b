#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/run/comparison.h"

namespace mxsim {

/// One assumption behind a saving, and what else could be assumed.
struct Assumption {
  std::string name;     ///< "storage policy"; several rows may share it
  std::string setting;  ///< "all tensors narrow"
  std::function<void(Comparison&)> change;
};

/// Every assumption that `mxsim compare --sensitivity` changes alone. A row that changes nothing in
/// a comparison, because the assumption is made already, is left out there.
const std::vector<Assumption>& assumption_table();

}  // namespace mxsim
