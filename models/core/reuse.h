#pragma once

namespace mxsim {

/// Whether work that is provably the same is done once (models/mapping/README.md). Results do not
/// depend on it, so that no configuration has it.
bool reuses_work();

/// While one of them exists, repeated and identical work is done again.
class NoReuse {
 public:
  NoReuse();
  ~NoReuse();
  NoReuse(const NoReuse&) = delete;
  NoReuse& operator=(const NoReuse&) = delete;
};

}  // namespace mxsim
