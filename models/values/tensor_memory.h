#pragma once

#include "models/workload/op_list.h"

namespace mxsim {

/// Where the tensors of an op list are kept, and what multiplies them. T is the arithmetic of the
/// vector unit: float, or double for checks.
template <class T>
class TensorMemory {
 public:
  virtual ~TensorMemory() = default;
  /// Begins a group: pointers that load() gave lose their meaning.
  virtual void begin_group() {}
  /// Row-major values of a stored tensor, decoded.
  virtual const T* load(TensorId id) = 0;
  /// Casts the values to the tensor's layout.
  virtual void store(TensorId id, const T* values) = 0;
  /// The GEMMs of a group, over its whole grid.
  virtual void multiply(const OpGroup& group, T* result) = 0;
};

}  // namespace mxsim
