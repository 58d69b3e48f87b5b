#include "models/values/step_executor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/mapping/tiles/operand_data.h"
#include "models/values/table_rows.h"
#include "models/workload/group_tensors.h"

namespace mxsim {

StepExecutor::StepExecutor(OpList ops, const ArraySpec& array, Workers& workers)
    : ops_(with_tables(std::move(ops))),
      store_(ops_, array, workers),
      executor_(ops_, store_, workers) {
  check_functions(ops_);
  for (std::size_t id = 0; id < ops_.tensors.size(); ++id) {
    copies_[value_name(ops_.tensors[id])].push_back(static_cast<TensorId>(id));
  }
  for (const OpGroup& group : ops_.groups) {
    for (const TensorId id : tensors_written(group)) made_.insert(id);
  }
}

void StepExecutor::give(const std::string& value, std::span<const float> values) {
  const auto found = copies_.find(value);
  ensure(found != copies_.end(), "a value that the step does not have");
  store_.begin_group();
  for (const TensorId id : found->second) {
    const StoredTensor& tensor = ops_.tensors[static_cast<std::size_t>(id)];
    ensure(static_cast<std::int64_t>(values.size()) == tensor.rows * tensor.cols,
           "a given value of another size");
    if (made_.contains(id)) {
      store_.store_unseen(id, values.data());
    } else {
      store_.store(id, values.data());
    }
  }
}

void StepExecutor::run(const StepSettings& settings) {
  store_.draw_from(
      CounterRng(settings.seed, "step").bits(static_cast<std::uint64_t>(settings.step)));
  for (const OpGroup& group : ops_.groups) executor_.run(group, settings);
}

void StepExecutor::run_forward(const StepSettings& settings) {
  for (const OpGroup& group : ops_.groups) {
    if (group.pass == Pass::kForward) executor_.run(group, settings);
  }
}

void StepExecutor::run_group(std::size_t group, const StepSettings& settings) {
  executor_.run(ops_.groups.at(group), settings);
}

TensorId StepExecutor::widest(const std::string& value) const {
  const auto found = copies_.find(value);
  ensure(found != copies_.end(), "a value that the step does not store");
  return *std::max_element(found->second.begin(), found->second.end(), [&](TensorId x, TensorId y) {
    const auto bits = [&](TensorId id) {
      return ops_.tensors[static_cast<std::size_t>(id)].layout.format.element_bits;
    };
    return bits(x) < bits(y);
  });
}

std::vector<float> StepExecutor::read(const std::string& value) {
  const TensorId id = widest(value);
  store_.begin_group();
  const StoredMatrix& matrix = store_.matrix(id);
  const float* const values = store_.load(id);
  return {values, values + matrix.rows() * matrix.cols()};
}

const StoredTensor& StepExecutor::tensor(const std::string& value) const {
  return ops_.tensors[static_cast<std::size_t>(widest(value))];
}

std::vector<std::string> StepExecutor::given() const {
  std::set<std::string> written;
  std::set<std::string> given;
  for (const OpGroup& group : ops_.groups) {
    for (const TensorId id : tensors_read(group)) {
      const std::string name = value_name(ops_.tensors[static_cast<std::size_t>(id)]);
      if (!written.contains(name)) given.insert(name);
    }
    for (const TensorId id : tensors_written(group)) {
      written.insert(value_name(ops_.tensors[static_cast<std::size_t>(id)]));
    }
  }
  return {given.begin(), given.end()};
}

}  // namespace mxsim
