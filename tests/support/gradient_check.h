#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/values/group_executor.h"
#include "models/workload/shaped_graph.h"
#include "tests/support/double_memory.h"

namespace mxsim::testing {

/// A training step of a network in double, without any cast: its loss, the last layer "loss", and
/// the gradients of its parameters. Inputs are drawn from a normal distribution, or are numbers
/// 0 .. `tokens` - 1; labels count through the classes.
class DoubleStep {
 public:
  DoubleStep(const Graph& graph, std::int64_t batch, std::int64_t tokens = 0);

  /// Of the parameters as they are.
  double loss();
  std::vector<double> gradient(const std::string& parameter);
  std::map<std::string, std::vector<double>>& parameters() { return parameters_; }

 private:
  void give_inputs(const Graph& graph, std::int64_t tokens);

  ShapedGraph shaped_;
  OpList ops_;
  DoubleMemory memory_;
  std::map<std::string, std::vector<double>> parameters_;
};

/// The first difference between the gradients and central differences of the loss, of some elements
/// of every parameter; "" if there is none.
std::string gradient_fault(const Graph& graph, std::int64_t batch, std::int64_t tokens = 0);

}  // namespace mxsim::testing
