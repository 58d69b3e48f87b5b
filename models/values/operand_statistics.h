#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/pass.h"
#include "models/formats/layout.h"
#include "models/formats/quantization_statistics.h"
#include "models/values/cast_observer.h"
#include "models/values/workers.h"

namespace mxsim {

/// Operands of a layer's GEMMs; kWeightGradients: the results of its backward-weight GEMMs.
enum class OperandRole : std::uint8_t { kWeights, kActivations, kGradients, kWeightGradients };

/// "weights", "activations", "gradients", "weight_gradients"
std::string_view to_string(OperandRole role);

/// What the casts of a layer's operands of one role did in one pass.
struct OperandStatistics {
  std::string layer;
  Pass pass = Pass::kForward;
  OperandRole role = OperandRole::kWeights;
  std::string format;
  QuantizationStatistics casts;
  /// Finite non-zero values before the cast by floor(log2 |x|).
  std::map<int, std::int64_t> magnitudes;
};

/// Counts the casts of GEMM operands and of weight gradients, by layer, pass and role; work that is
/// done again for the backward pass counts as forward.
class OperandObserver : public CastObserver {
 public:
  /// The op list and the workers outlive this.
  OperandObserver(const OpList& ops, Workers& workers);

  void cast(TensorId id, const float* from, const StoredMatrix& to, const OpGroup* reader) override;
  /// Everything since the last call, in the order of the op list.
  std::vector<OperandStatistics> take();

 private:
  static constexpr std::size_t kExponents = 256;  ///< exponent fields of FP32

  struct Row {
    OperandStatistics head;
    FormatSpec format;
    std::optional<StatisticsCollector> collector;  ///< formats of up to 16 bits
    QuantizationStatistics wide;                   ///< others
    std::array<std::int64_t, kExponents> exponents{};
    std::map<int, std::int64_t> subnormals;
  };
  /// Where a tensor is read or written in a layout.
  struct Use {
    DataLayout layout;
    const OpGroup* group;
    bool on_load;  ///< stored in another layout
    std::size_t row;
  };

  std::size_t row_of(const OpGroup& group, OperandRole role, const FormatSpec& format);
  void add_use(const OpGroup& group, TensorId id, OperandRole role, const DataLayout& layout);
  static void count_magnitudes(Row& row, const std::vector<float>& values);
  static void count_wide(Row& row, const std::vector<float>& before,
                         const std::vector<float>& after);

  const OpList& ops_;
  Workers& workers_;
  std::vector<Row> rows_;
  std::map<TensorId, std::vector<Use>> uses_;
};

}  // namespace mxsim
