#include "models/values/weight_statistics.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "models/core/error.h"
#include "models/formats/band_cast.h"
#include "models/workload/format_rules.h"
#include "models/workload/own_parameters.h"

namespace mxsim {
namespace {

/// Casts a matrix and tells both collectors.
void collect(std::span<const float> values, MatrixView view, const DataLayout& layout,
             StatisticsCollector& own, StatisticsCollector& all) {
  const BandCast cast(layout, {}, view.rows, view.cols);
  std::vector<float> after;
  std::vector<std::byte> codes;
  for (std::int64_t row = 0; row < view.rows; row += cast.band_rows()) {
    const std::int64_t rows = std::min(cast.band_rows(), view.rows - row);
    const auto band = values.subspan(static_cast<std::size_t>(row * view.cols),
                                     static_cast<std::size_t>(rows * view.cols));
    after.resize(band.size());
    codes.resize(static_cast<std::size_t>(cast.bytes_above(row + rows, EncodingPart::kCodes) -
                                          cast.bytes_above(row, EncodingPart::kCodes)));
    CastOutput output{after, {}};
    output.parts[static_cast<std::size_t>(EncodingPart::kCodes)] = codes;
    cast.run(row, band, output);
    own.add(band, after, codes);
    all.add(band, after, codes);
  }
}

/// The layouts of every layer's weights in one format.
class WeightLayouts {
 public:
  WeightLayouts(const FormatSpec& format, const ShapedGraph& graph)
      : policy_(policy_of(format)), rules_(policy_, graph) {}
  DataLayout of(std::size_t layer) const {
    return rules_.operand(static_cast<std::int32_t>(layer), Pass::kForward, TensorRole::kWeight,
                          ReductionAxis::kRows);
  }

 private:
  static LoweringPolicy policy_of(const FormatSpec& format) {
    LoweringPolicy policy;
    policy.mode = Mode::kInfer;
    policy.formats.format = format;
    if (format.fixed_block) policy.formats.block = format.default_block;
    return policy;
  }

  LoweringPolicy policy_;
  FormatRules rules_;
};

class Collection {
 public:
  Collection(const ShapedGraph& graph, const NetworkTensors& weights,
             std::span<const FormatSpec> formats)
      : graph_(graph), weights_(weights), formats_(formats) {
    layouts_.reserve(formats.size());
    for (const FormatSpec& format : formats) {
      layouts_.push_back(std::make_unique<WeightLayouts>(format, graph));
      totals_.emplace_back(format);
    }
  }

  NetworkWeightStatistics run() {
    for (std::size_t l = 0; l < graph_.layers.size(); ++l) {
      const ShapedLayer& layer = graph_.layers[l];
      for (const ParameterSpec& spec : own_parameters(layer)) {
        if (spec.use == ParameterUse::kGemmOperand) add(l, spec);
      }
    }
    for (const StatisticsCollector& total : totals_) result_.all.formats.push_back(total.finish());
    if (!faults_.empty()) throw InputError(std::move(faults_));
    return std::move(result_);
  }

 private:
  void add(std::size_t layer, const ParameterSpec& spec) {
    WeightStatistics made{graph_.layers[layer].name + "." + std::string(spec.name),
                          spec.rows,
                          spec.cols,
                          spec.rows * spec.cols,
                          0,
                          {}};
    const auto found = weights_.find(made.name);
    if (found == weights_.end()) {
      result_.unknown.push_back(made.name);
      return;
    }
    const std::vector<float>& values = found->second;
    if (static_cast<std::int64_t>(values.size()) != made.elements) {
      faults_.push_back({"", "",
                         "\"" + made.name + "\" has " + std::to_string(values.size()) +
                             " elements, expected " + std::to_string(made.elements)});
      return;
    }
    made.zeros = std::count(values.begin(), values.end(), 0.0F);
    for (std::size_t f = 0; f < formats_.size(); ++f) {
      StatisticsCollector own(formats_[f]);
      collect(values, {spec.rows, spec.cols}, layouts_[f]->of(layer), own, totals_[f]);
      made.formats.push_back(own.finish());
    }
    result_.all.elements += made.elements;
    result_.all.zeros += made.zeros;
    result_.layers.push_back(std::move(made));
  }

  const ShapedGraph& graph_;
  const NetworkTensors& weights_;
  std::span<const FormatSpec> formats_;
  std::vector<std::unique_ptr<WeightLayouts>> layouts_;
  std::vector<StatisticsCollector> totals_;
  NetworkWeightStatistics result_;
  std::vector<Diagnostic> faults_;
};

}  // namespace

NetworkWeightStatistics weight_statistics(ShapedGraph graph, const NetworkTensors& weights,
                                          std::span<const FormatSpec> formats) {
  for (ShapedLayer& layer : graph.layers) {
    layer.weight_format.reset();
    layer.activation_format.reset();
  }
  return Collection(graph, weights, formats).run();
}

}  // namespace mxsim
