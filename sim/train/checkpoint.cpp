#include "sim/train/checkpoint.h"

#include <cstring>

#include "models/core/error.h"
#include "sim/npy/npz_file.h"
#include "sim/npy/weight_archive.h"

namespace mxsim {
namespace {

constexpr const char* kAccuracy = "__accuracy";
constexpr const char* kLoss = "__loss";
constexpr const char* kRun = "__run";
constexpr const char* kStatistics = "__statistics";

std::vector<double> doubles_of(const NpyArray& array) {
  std::vector<double> items(array.bytes.size() / sizeof(double));
  std::memcpy(items.data(), array.bytes.data(), items.size() * sizeof(double));
  return items;
}

}  // namespace

void write_checkpoint(const std::string& path, const std::string& run, const TrainingState& state) {
  NpzArrays arrays;
  for (const auto& [name, values] : state.tensors) {
    arrays[name] = flat_array(NpyType::kFloat32, values);
  }
  std::vector<double> accuracy;
  std::vector<double> loss;
  for (const EpochResult& epoch : state.epochs) {
    accuracy.push_back(epoch.accuracy);
    loss.push_back(epoch.loss);
  }
  arrays[kAccuracy] = flat_array(NpyType::kFloat64, accuracy);
  arrays[kLoss] = flat_array(NpyType::kFloat64, loss);
  arrays[kRun] = flat_array(NpyType::kUint8, std::vector<std::uint8_t>(run.begin(), run.end()));
  if (!state.statistics.empty()) {
    arrays[kStatistics] = flat_array(NpyType::kFloat64, statistics_numbers(state.statistics));
  }
  write_npz(path, arrays);
}

TrainingState read_checkpoint(const std::string& path, const std::string& run,
                              const EpochStatistics& rows) {
  const NpzArrays arrays = read_npz(path);
  const auto fail = [&](const std::string& message) { throw InputError({{path, "", message}}); };
  const auto held = arrays.find(kRun);
  const auto accuracy = arrays.find(kAccuracy);
  const auto loss = arrays.find(kLoss);
  if (held == arrays.end() || accuracy == arrays.end() || loss == arrays.end() ||
      accuracy->second.type != NpyType::kFloat64 || loss->second.type != NpyType::kFloat64 ||
      accuracy->second.shape != loss->second.shape) {
    fail("not a checkpoint");
  }
  if (std::string(held->second.bytes.begin(), held->second.bytes.end()) != run) {
    fail("a checkpoint of another run: other settings, format, seed or data");
  }
  TrainingState state;
  state.tensors = tensors_of(arrays, path);
  const std::vector<double> accuracies = doubles_of(accuracy->second);
  const std::vector<double> losses = doubles_of(loss->second);
  for (std::size_t i = 0; i < accuracies.size(); ++i) {
    state.epochs.push_back({accuracies[i], losses[i]});
  }
  if (rows.empty()) return state;
  const auto counts = arrays.find(kStatistics);
  if (counts == arrays.end() || counts->second.type != NpyType::kFloat64) fail("not a checkpoint");
  const std::vector<double> numbers = doubles_of(counts->second);
  state.statistics = read_statistics(numbers, state.epochs.size(), rows);
  if (state.statistics.size() != state.epochs.size()) fail("not a checkpoint");
  return state;
}

}  // namespace mxsim
