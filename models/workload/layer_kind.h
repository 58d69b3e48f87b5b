#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/shape.h"
#include "models/formats/format_spec.h"
#include "models/workload/attributes.h"
#include "models/workload/constants.h"
#include "models/workload/matrix_view.h"

namespace mxsim {

class LayerKind;
class StepBuilder;

/// Largest extent of an input, channel or feature count; with kLargestKernel it keeps the products
/// that layer kinds form before they are checked below 2^63.
inline constexpr std::int64_t kLargestExtent = std::int64_t{1} << 32;
inline constexpr std::int64_t kLargestKernel = 1 << 12;

/// A layer whose shapes are known. Image tensors are N, C, H, W; others have features last.
struct ShapedLayer {
  std::string name;
  const LayerKind* kind = nullptr;
  Attributes attributes;
  std::vector<std::int32_t> inputs;  ///< indices into ShapedGraph::tensors
  std::vector<std::int32_t> outputs;
  std::vector<Shape> input_shapes;
  std::vector<Shape> output_shapes;
  std::int32_t weights_of = -1;   ///< layer whose first parameter this one uses too (Layer)
  MatrixView other_weights = {};  ///< of that parameter
  std::optional<FormatSpec> weight_format = std::nullopt;  ///< the network's own, for its GEMMs
  std::optional<FormatSpec> activation_format = std::nullopt;
  Constants constants = {};
  bool cost_alone = false;  ///< Layer::cost_alone
};

/// What a parameter is used for: a GEMM operand has a master copy and narrow operand copies; a
/// per-channel vector (bias, scale) is read in FP32 as the optimizer keeps it.
enum class ParameterUse : std::uint8_t { kGemmOperand, kVector };

/// How training begins. kScaledNormal: normal with variance 2 / (rows of the matrix), He et al.
/// 2015; kNormal: with deviation 0.02.
enum class InitialValues : std::uint8_t { kScaledNormal, kNormal, kZeros, kOnes, kQuarter };

struct ParameterSpec {
  std::string_view name;  ///< "weight", "bias"
  ParameterUse use = ParameterUse::kGemmOperand;
  std::int64_t rows = 1;  ///< matrix view of op_list.h
  std::int64_t cols = 1;
  InitialValues initial = InitialValues::kScaledNormal;
};

/// Faults of one layer; `below` is a pointer inside the layer ("/inputs/0") or empty.
class LayerFaults {
 public:
  LayerFaults(std::string pointer, std::vector<Diagnostic>& all)
      : pointer_(std::move(pointer)), all_(all) {}
  void add(std::string_view below, std::string message) {
    all_.push_back({"", pointer_ + std::string(below), std::move(message)});
    ++count_;
  }
  bool none() const { return count_ == 0; }

 private:
  std::string pointer_;
  std::vector<Diagnostic>& all_;
  int count_ = 0;
};

/// Whether a layer starts the backward pass.
enum class LayerRole : std::uint8_t { kInner, kLoss };

/// Everything the simulator knows about one operator. A kind is one file in kinds/ and one line of
/// the table in layer_kind.cpp. Kinds have no state.
class LayerKind {
 public:
  virtual ~LayerKind() = default;

  virtual std::string_view op() const = 0;
  virtual std::size_t input_count() const { return 1; }
  virtual std::size_t output_count() const { return 1; }
  /// Kinds that join or cut tensors take more.
  virtual std::size_t most_inputs() const { return input_count(); }
  virtual std::size_t most_outputs() const { return output_count(); }
  virtual LayerRole role() const { return LayerRole::kInner; }
  /// Whether it multiplies by the first parameter of another layer (Layer::weights_of).
  virtual bool uses_other_weights() const { return false; }
  virtual std::span<const AttributeSpec> attributes() const { return {}; }
  virtual std::span<const ConstantSpec> constants() const { return {}; }

  /// Shapes of the outputs from name, attributes and input shapes (all positive, batch first). With
  /// a fault added the result is ignored.
  virtual std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const = 0;

  /// The rest is called only after infer() found no fault.
  virtual std::vector<ParameterSpec> parameters(const ShapedLayer&) const { return {}; }
  /// Multiply-accumulates of the forward GEMMs (0 without GEMM), as factors so that the caller
  /// finds overflow. `out_pad` positions of no use are included, as every MAC count in the field
  /// does.
  virtual std::vector<std::int64_t> mac_factors(const ShapedLayer&) const { return {0}; }

  /// Emits the steps that compute the outputs from the inputs (in the builder's mode).
  virtual void forward(const ShapedLayer& layer, StepBuilder& steps) const = 0;
  /// Training only: emits the steps from the outputs' gradients to the gradients of parameters and
  /// of those inputs that need one.
  virtual void backward(const ShapedLayer& layer, StepBuilder& steps) const = 0;
};

/// Every kind, in the order they are listed to users.
std::span<const LayerKind* const> all_layer_kinds();
/// The kind of that name, or nullptr.
const LayerKind* find_layer_kind(std::string_view op);

}  // namespace mxsim
