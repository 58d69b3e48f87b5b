#include "sim/train/checkpoint.h"

#include <cstring>

#include "models/core/error.h"
#include "sim/npy/npy_floats.h"
#include "sim/npy/npz_file.h"

namespace mxsim {
namespace {

constexpr const char* kAccuracy = "__accuracy";
constexpr const char* kLoss = "__loss";
constexpr const char* kRun = "__run";
constexpr const char* kStatistics = "__statistics";

template <class T>
NpyArray array_of(NpyType type, const std::vector<T>& items) {
  NpyArray array{type, {static_cast<std::int64_t>(items.size())}, {}};
  array.bytes.resize(items.size() * sizeof(T));
  std::memcpy(array.bytes.data(), items.data(), array.bytes.size());
  return array;
}

std::vector<double> doubles_of(const NpyArray& array) {
  std::vector<double> items(array.bytes.size() / sizeof(double));
  std::memcpy(items.data(), array.bytes.data(), items.size() * sizeof(double));
  return items;
}

NetworkTensors tensors_of(const NpzArrays& arrays, const std::string& path) {
  NetworkTensors tensors;
  for (const auto& [name, array] : arrays) {
    if (name.starts_with("__")) continue;
    tensors[name] = to_floats(array, path + ": " + name, Float64Rounding::kNearestEven);
  }
  return tensors;
}

}  // namespace

void write_weights(const std::string& path, const NetworkTensors& tensors) {
  NpzArrays arrays;
  for (const auto& [name, values] : tensors) arrays[name] = array_of(NpyType::kFloat32, values);
  write_npz(path, arrays);
}

void write_checkpoint(const std::string& path, const std::string& run, const TrainingState& state) {
  NpzArrays arrays;
  for (const auto& [name, values] : state.tensors) {
    arrays[name] = array_of(NpyType::kFloat32, values);
  }
  std::vector<double> accuracy;
  std::vector<double> loss;
  for (const EpochResult& epoch : state.epochs) {
    accuracy.push_back(epoch.accuracy);
    loss.push_back(epoch.loss);
  }
  arrays[kAccuracy] = array_of(NpyType::kFloat64, accuracy);
  arrays[kLoss] = array_of(NpyType::kFloat64, loss);
  arrays[kRun] = array_of(NpyType::kUint8, std::vector<std::uint8_t>(run.begin(), run.end()));
  if (!state.statistics.empty()) {
    arrays[kStatistics] = array_of(NpyType::kFloat64, statistics_numbers(state.statistics));
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

NetworkTensors read_weights(const std::string& path) { return tensors_of(read_npz(path), path); }

}  // namespace mxsim
