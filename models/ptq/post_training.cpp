#include "models/ptq/post_training.h"

#include <algorithm>
#include <array>
#include <set>

#include "models/core/error.h"
#include "models/ptq/band_rounder.h"
#include "models/ptq/error_diffusion.h"
#include "models/ptq/gemm_inputs.h"
#include "models/ptq/gptq.h"

namespace mxsim {
namespace {

constexpr std::array<std::string_view, 4> kNames{"rtn", "gptq", "error-diffusion", "adaround"};

std::string about(const std::string& layer, const std::string& message) {
  return "layer \"" + layer + "\": " + message;
}

void check_finite(const PtqLayer& layer) {
  if (!layer.weights.allFinite()) {
    throw InputError({{"", "", "\"" + layer.name + ".weight\" has an element that is not finite"}});
  }
  for (const InputSums& sums : layer.groups) {
    if (sums.wide.allFinite() && sums.mixed.allFinite() && sums.narrow.allFinite()) continue;
    throw InputError(
        {{"", "", about(layer.name, "its inputs are not finite on the calibration samples")}});
  }
}

/// The batch norm that alone reads the layer's output, or nullptr.
const ShapedLayer* following_batch_norm(const ShapedGraph& graph, const std::string& name) {
  const auto layer = std::find_if(graph.layers.begin(), graph.layers.end(),
                                  [&](const ShapedLayer& each) { return each.name == name; });
  if (layer == graph.layers.end()) return nullptr;
  const auto output = layer->outputs.front();
  const std::vector<std::int32_t>& readers =
      graph.tensors[static_cast<std::size_t>(output)].consumers;
  const bool is_output =
      std::find(graph.outputs.begin(), graph.outputs.end(), output) != graph.outputs.end();
  if (readers.size() != 1 || is_output) return nullptr;
  const ShapedLayer& reader = graph.layers[static_cast<std::size_t>(readers.front())];
  return reader.kind->op() == "batch_norm" ? &reader : nullptr;
}

bool multiplies_weights(const OpGroup& group) {
  return std::any_of(group.gemms.begin(), group.gemms.end(),
                     [](const GemmWork& work) { return work.role_b == TensorRole::kWeight; });
}

}  // namespace

std::string_view to_string(PtqMethod method) { return kNames[static_cast<std::size_t>(method)]; }

PostTrainingQuantizer::PostTrainingQuantizer(InferredNetwork& wide, InferredNetwork& narrow,
                                             PtqSettings settings, Workers& workers)
    : wide_(wide),
      narrow_(narrow),
      settings_(settings),
      workers_(workers),
      wide_groups_(wide.forward_groups()) {
  fix_product_blocking();
  check_layers();
}

void PostTrainingQuantizer::check_layers() const {
  std::vector<Diagnostic> faults;
  const OpList& ops = narrow_.executor().ops();
  for (const std::size_t g : narrow_.forward_groups()) {
    const GemmWork* const work = weight_gemm(ops, ops.groups[g]);
    if (work == nullptr) continue;
    const std::string& layer = ops.groups[g].layer;
    if (work->gemm_k() > kLongestReduction) {
      faults.push_back({"", "/workload",
                        about(layer, "a reduction of " + std::to_string(work->gemm_k()) +
                                         ", at most " + std::to_string(kLongestReduction))});
    }
    if (work->format_b.hadamard > 0 && settings_.method != PtqMethod::kNearest) {
      faults.push_back({"", "/formats",
                        about(layer, "format \"" + work->format_b.name +
                                         "\" transforms its blocks: only rtn takes it")});
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

PostTraining PostTrainingQuantizer::run(const NetworkTensors& tensors,
                                        std::span<const float> inputs, const Progress& progress) {
  wide_next_ = 0;
  for (InferredNetwork* const network : {&wide_, &narrow_}) {
    network->set(tensors);
    network->give(inputs);
  }
  PostTraining result;
  result.tensors = tensors;
  std::set<std::string> cast_alone;
  const OpList& ops = narrow_.executor().ops();
  const std::vector<std::size_t> groups = narrow_.forward_groups();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const OpGroup& group = ops.groups[groups[i]];
    const GemmWork* const work = weight_gemm(ops, group);
    if (work != nullptr) {
      quantize_layer({groups[i], work}, result);
    } else if (multiplies_weights(group) && cast_alone.insert(group.layer).second) {
      result.cast_alone.push_back(group.layer);
    }
    narrow_.executor().run_group(groups[i], {});
    progress(i + 1, groups.size());
  }
  return result;
}

PostTrainingQuantizer::Place PostTrainingQuantizer::place_in_wide(const std::string& layer) {
  const OpList& ops = wide_.executor().ops();
  for (std::size_t i = 0; i < wide_groups_.size(); ++i) {
    const OpGroup& group = ops.groups[wide_groups_[i]];
    const GemmWork* const work = group.layer == layer ? weight_gemm(ops, group) : nullptr;
    if (work == nullptr) continue;
    for (; wide_next_ < i; ++wide_next_) {
      wide_.executor().run_group(wide_groups_[wide_next_], {});
    }
    return {wide_groups_[i], work};
  }
  throw InternalError("a layer that the wide network lacks");
}

std::vector<InputSums> PostTrainingQuantizer::sums_of(const Place& wide, const Place& narrow) {
  constexpr std::int64_t kRows = 512;
  const auto inputs = [&](InferredNetwork& network, const Place& place) {
    StepExecutor& executor = network.executor();
    return GemmInputs(executor, executor.ops().groups[place.group], *place.work, workers_);
  };
  const GemmInputs x = inputs(wide_, wide);
  const GemmInputs y = inputs(narrow_, narrow);
  const GemmWork& work = *narrow.work;
  std::vector<InputSums> sums;
  for (std::int64_t group = 0; group < work.groups; ++group) {
    InputSums& own = sums.emplace_back(work.gemm_k());
    for (std::int64_t row = 0; row < work.positions(); row += kRows) {
      const std::int64_t count = std::min(kRows, work.positions() - row);
      own.add(x.rows(group, row, count), y.rows(group, row, count), workers_);
    }
  }
  return sums;
}

RowMatrix PostTrainingQuantizer::quantized(const PtqLayer& layer) const {
  switch (settings_.method) {
    case PtqMethod::kNearest:
      break;
    case PtqMethod::kGptq:
      return gptq(layer, settings_.damping, workers_);
    case PtqMethod::kErrorDiffusion:
      return error_diffusion(layer, workers_);
    case PtqMethod::kAdaRound:
      return adaround(layer, settings_.learned, workers_);
  }
  return cast_weights(layer.layout, layer.weights);
}

void PostTrainingQuantizer::quantize_layer(const Place& narrow, PostTraining& result) {
  const std::string& name = narrow_.executor().ops().groups[narrow.group].layer;
  const GemmWork& work = *narrow.work;
  const std::string weights = name + ".weight";
  PtqLayer layer{name,
                 to_row_matrix(result.tensors.at(weights), work.gemm_k(), work.groups * work.n),
                 {work.format_b, work.block_b},
                 sums_of(place_in_wide(name), narrow)};
  check_finite(layer);
  const RowMatrix rounded = quantized(layer);
  QuantizedLayer row{name, work.format_b.name, layer.weights.rows(), layer.weights.cols()};
  row.weight_sqnr_db = weight_sqnr_db(layer, rounded);
  OutputError error = output_error(layer, rounded, workers_);
  std::vector<float>& held = result.tensors.at(weights);
  held = to_floats(rounded);
  narrow_.executor().give(weights, held);
  if (settings_.corrects_bias && correct_bias(layer, rounded, result)) {
    row.bias_corrected = true;
    const auto positions = static_cast<double>(layer.groups.front().positions);
    error.noise -= positions * mean_error(layer, rounded).squaredNorm();
  }
  row.output_sqnr_db = error.sqnr_db();
  result.layers.push_back(std::move(row));
}

bool PostTrainingQuantizer::correct_bias(const PtqLayer& layer, const RowMatrix& weights,
                                         PostTraining& result) {
  const Eigen::VectorXd errors = mean_error(layer, weights);
  const auto add = [&](const std::string& name, double sign) {
    std::vector<float>& values = result.tensors.at(name);
    for (std::int64_t c = 0; c < errors.size(); ++c) {
      float& value = values[static_cast<std::size_t>(c)];
      value = static_cast<float>(value + sign * errors(c));
    }
  };
  const std::string bias = layer.name + ".bias";
  if (narrow_.executor().has(bias)) {
    add(bias, 1);
    narrow_.executor().give(bias, result.tensors.at(bias));
    return true;
  }
  const ShapedLayer* const norm = following_batch_norm(narrow_.graph(), layer.name);
  if (norm == nullptr) return false;
  add(norm->name + ".running", -1);
  narrow_.set(result.tensors);
  return true;
}

}  // namespace mxsim
