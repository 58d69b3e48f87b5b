#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/mapping/tiles/gemm_tiling.h"
#include "models/values/cast_observer.h"
#include "models/values/forward_operands.h"
#include "models/values/pruned_gradient.h"
#include "models/values/stored_matrix.h"
#include "models/values/tensor_memory.h"
#include "models/values/workers.h"

namespace mxsim {

/// Tilings of a mapping: of each group, of each of its GEMMs.
using MappedTilings = std::vector<std::vector<GemmTiling>>;

/// The tensors of an op list as the chip stores them, and GEMMs as its array adds. A reduction is
/// cut where passes of the array end; between the tiles of a mapping it is cut only if that is
/// given.
class TensorStore : public TensorMemory<float> {
 public:
  /// What is referred to outlives this.
  TensorStore(const OpList& ops, const ArraySpec& array, Workers& workers);

  void begin_group() override;
  const float* load(TensorId id) override;
  void store(TensorId id, const float* values) override;
  /// Casts without an observer: values that the step itself will store there again.
  void store_unseen(TensorId id, const float* values);
  void multiply(const OpGroup& group, float* result) override;

  const StoredMatrix& matrix(TensorId id) const;
  /// From now on GEMMs run tile by tile (slowly), to the bits of the chip.
  void follow(MappedTilings tilings) { tilings_ = std::move(tilings); }
  /// From now on GEMMs of backward passes read weights and activations as their layer's forward
  /// GEMM multiplied them: straight-through estimators.
  void follow_forward() { forward_.emplace(ops_); }
  /// follow_forward(), and layers whose forward GEMMs have operands of one bit multiply pruned
  /// gradients (one_bit_backward.h). Throws InputError.
  void train_in_one_bit(const OneBitTraining& training);
  /// From now on casts are shown to the observer; nullptr: to nobody.
  void observe(CastObserver* observer) { observer_ = observer; }
  /// From now on stochastic rounding draws from this seed and the tensor's number.
  void draw_from(std::uint64_t seed) { seed_ = seed; }

 private:
  StoredMatrix& held(TensorId id);
  std::uint64_t seed_of(TensorId id) const;
  float* scratch(std::int64_t elements);
  /// The tensor as the PEs get it: quantized on load where it is stored in another layout.
  const float* operand(const OpGroup& group, TensorId id, const DataLayout& layout);
  /// The same as codes, in `narrow` if it is not stored so.
  const StoredMatrix& coded_operand(const OpGroup& group, TensorId id, const DataLayout& layout,
                                    std::optional<StoredMatrix>& narrow);
  void multiply_codes(const OpGroup& group, const GemmWork& work, const GemmTiling* tiling,
                      float* result);
  /// Puts the values of forward operands in place of a backward group's own, until restore().
  void substitute(const OpGroup& group);
  void restore();
  /// The backward GEMMs of a layer with one-bit operands.
  void multiply_one_bit(const OpGroup& group, float* result);
  const GemmTiling* tiling_of(const OpGroup& group, std::size_t gemm) const;

  const OpList& ops_;
  const ArraySpec& array_;
  Workers& workers_;
  MappedTilings tilings_;
  CastObserver* observer_ = nullptr;
  std::uint64_t seed_ = 1;
  std::vector<std::optional<StoredMatrix>> matrices_;
  std::optional<ForwardOperands> forward_;
  OneBitTraining one_bit_;
  std::set<std::string> one_bit_layers_;
  std::map<TensorId, StoredMatrix> substitutes_;
  std::map<TensorId, const float*> loaded_;
  std::vector<std::vector<float>> buffers_;  ///< for decoded values, kept from group to group
  std::size_t used_buffers_ = 0;
};

}  // namespace mxsim
