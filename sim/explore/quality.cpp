#include "sim/explore/quality.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>

#include "models/core/rng.h"
#include "models/formats/format_parameters.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"
#include "models/workload/lower.h"

namespace mxsim {

double gaussian_noise(const DataLayout& layout) {
  constexpr std::int64_t kSide = 256;
  const CounterRng rng(1, "gaussian noise");
  std::vector<float> values;
  for (std::uint64_t i = 0; i < kSide * kSide; ++i) {
    values.push_back(static_cast<float>(rng.normal(i)));
  }
  const QuantizedMatrix quantized = quantize(values, kSide, kSide, layout);
  double signal = 0;
  double noise = 0;
  for (std::int64_t i = 0; i < kSide * kSide; ++i) {
    const double value = values[static_cast<std::size_t>(i)];
    const double error = value - quantized.value(i / kSide, i % kSide);
    signal += value * value;
    noise += error * error;
  }
  return noise / signal;
}

namespace {

/// 0 for a file that cannot be read.
std::uint64_t file_hash(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return file ? stable_hash(bytes.str()) : 0;
}

}  // namespace

std::string text_of(const QualityConfig& config) {
  std::string text;
  for (const LayerQualityConfig& layer : config.layers) {
    text += fmt::format("{} {:.17g}\n", layer.layers, layer.weight);
    for (const auto& [format, value] : layer.sqnr_db) {
      text += fmt::format("{} {:.17g}\n", format, value);
    }
  }
  if (!config.weights.empty()) {
    text += fmt::format("{} {:016x} {} {}\n", config.weights, file_hash(config.weights),
                        config.data, config.samples);
  }
  return text;
}

namespace {

bool is_usual_block(const std::string& name, BlockShape block) {
  for (const FormatSpec& row : format_table()) {
    if (row.name == name) return row.default_block == block;
  }
  return false;
}

}  // namespace

Quality::Quality(QualityConfig config) : config_(std::move(config)) {
  for (const LayerQualityConfig& each : config_.layers) patterns_.emplace_back(each.layers);
}

const LayerQualityConfig* Quality::find(const std::string& layer) const {
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    if (patterns_[i].matches(layer)) return &config_.layers[i];
  }
  return nullptr;
}

double Quality::operand_noise(const LayerQualityConfig& layer, const FormatSpec& format,
                              BlockShape block) {
  auto given = layer.sqnr_db.find(format.name);
  if (given == layer.sqnr_db.end()) {  // the format's usual block, stated
    const std::string bare(name_without_block(format));
    if (bare != format.name && is_usual_block(bare, block)) given = layer.sqnr_db.find(bare);
  }
  if (given != layer.sqnr_db.end()) return std::pow(10, -given->second / 10);
  const std::string key = fmt::format("{} {}x{}", format.name, block.rows, block.cols);
  const auto [place, is_new] = measured_.try_emplace(key, 0);
  if (is_new) place->second = gaussian_noise({format, block});
  return place->second;
}

void Quality::load(const RunConfig& run) {
  if (!accuracy_) accuracy_.emplace(config_, run);
}

void Quality::measure(const RunConfig& run, PointExtras& extras) {
  if (measures_accuracy()) {
    load(run);
    extras.accuracy = accuracy_->of(run);
  }
  if (!wanted()) return;
  double noise = 0;
  double weights = 0;
  LoweringPolicy policy = lowering_policy(run);
  policy.gradient_accumulation_steps = 1;  // each layer once
  for (const OpGroup& group : lower(run.workload, policy).groups) {
    if (group.pass != Pass::kForward || group.gemms.empty()) continue;
    const LayerQualityConfig* layer = find(group.layer);
    if (layer == nullptr) continue;
    for (const GemmWork& work : group.gemms) {
      noise += layer->weight * (operand_noise(*layer, work.format_a, work.block_a) +
                                operand_noise(*layer, work.format_b, work.block_b));
      weights += layer->weight;
    }
  }
  extras.noise = noise;
  if (noise > 0 && weights > 0) extras.sqnr_db = -10 * std::log10(noise / weights);
}

}  // namespace mxsim
