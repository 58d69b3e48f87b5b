#pragma once

#include "models/values/stored_matrix.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Sees values on their way into memory and into the PEs.
class CastObserver {
 public:
  virtual ~CastObserver() = default;
  /// `from` holds the values of `to` before the cast, row-major. `reader`: the group whose GEMM
  /// reads the tensor in this layout alone (quantized on load); nullptr: the tensor is stored so.
  virtual void cast(TensorId id, const float* from, const StoredMatrix& to,
                    const OpGroup* reader) = 0;
};

}  // namespace mxsim
