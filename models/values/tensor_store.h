#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/values/stored_matrix.h"
#include "models/values/tensor_memory.h"
#include "models/values/workers.h"

namespace mxsim {

/// The tensors of an op list as the chip stores them, and GEMMs as its array adds. A reduction is
/// cut where passes of the array end; it is not cut between the tiles of a mapping.
class TensorStore : public TensorMemory<float> {
 public:
  /// What is referred to outlives this.
  TensorStore(const OpList& ops, const ArraySpec& array, Workers& workers);

  void begin_group() override;
  const float* load(TensorId id) override;
  void store(TensorId id, const float* values) override;
  void multiply(const OpGroup& group, float* result) override;

  const StoredMatrix& matrix(TensorId id) const;

 private:
  StoredMatrix& held(TensorId id);
  float* scratch(std::int64_t elements);
  /// The tensor as the PEs get it: quantized on load where it is stored in another layout.
  const float* operand(TensorId id, const DataLayout& layout);
  /// The same as codes, in `narrow` if it is not stored so.
  const StoredMatrix& coded_operand(TensorId id, const DataLayout& layout,
                                    std::optional<StoredMatrix>& narrow);
  void multiply_codes(const OpGroup& group, const GemmWork& work, float* result);

  const OpList& ops_;
  const ArraySpec& array_;
  Workers& workers_;
  std::vector<std::optional<StoredMatrix>> matrices_;
  std::map<TensorId, const float*> loaded_;
  std::vector<std::vector<float>> buffers_;  ///< for decoded values, kept from group to group
  std::size_t used_buffers_ = 0;
};

}  // namespace mxsim
