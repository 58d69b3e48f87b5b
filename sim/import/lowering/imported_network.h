#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/core/shape.h"
#include "models/workload/graph.h"
#include "sim/import/lowering/tensor_layout.h"

namespace mxsim {

/// What the user states about a network file that leaves sizes open.
struct ImportOptions {
  std::map<std::string, std::int64_t> dims;  ///< symbolic extent: value
  std::map<std::string, Shape> shapes;       ///< input of the network: whole shape, batch first
};

/// Numbers of one tensor of a network file, in the order of its axes.
struct FileNumbers {
  std::string tensor;
  std::optional<std::vector<float>> values;  ///< those that the import knows; else the file's
};

/// Where a parameter or a constant of the trace comes from.
struct ParameterSource {
  using Arrange = std::function<std::vector<float>(const std::vector<std::vector<float>>&)>;
  std::vector<FileNumbers> tensors;
  Arrange arrange;
};

/// A tensor of the trace beside the file's.
struct FileTensor {
  std::string tensor;  ///< of the file
  Shape shape;         ///< with the batch
  TensorLayout layout;
};

/// A network read from another program's file.
struct ImportedNetwork {
  Graph graph;
  std::vector<std::string> notes;  ///< assumptions made on the way, one line each
  std::int64_t batch = 1;
  std::map<std::string, ParameterSource> parameters = {};  ///< "conv1.weight"
  std::map<std::string, FileTensor> inputs = {};           ///< by the trace's name
  std::map<std::string, FileTensor> outputs = {};
  std::vector<std::string> inexact = {};  ///< nodes whose values the trace does not have
};

}  // namespace mxsim
