#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/core/shape.h"

namespace mxsim {

/// Numbers of a constant that the network's shapes may depend on. A long double holds every int64.
struct ConstantValues {
  std::vector<long double> numbers;  ///< row-major
  bool whole = false;                ///< integers or truth values
};

/// A tensor of a network file, every extent known. `shape` has all axes, the batch too.
struct NetTensor {
  std::string name;
  Shape shape;
  bool constant = false;                 ///< follows from the file alone
  bool whole = false;                    ///< holds integers or truth values
  std::optional<ConstantValues> values;  ///< of small constants
  bool computed = false;     ///< a constant that arithmetic made: a table or a mask, no parameter
  std::string element = {};  ///< type of its elements: "float", "int8", ...
  std::string format = {};   ///< what a quantizer left it in
};

/// An operator of a network file, named as ONNX names it.
struct NetNode {
  std::string op;
  std::string domain;  ///< "" for standard operators
  std::string name;
  std::int64_t version = 0;  ///< of the operator set
  std::vector<int> inputs;   ///< indices of tensors, -1: left out
  std::vector<int> outputs;
  std::map<std::string, std::vector<std::int64_t>> integers;
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> texts;  ///< lists by comma

  std::int64_t integer(const std::string& key, std::int64_t standard) const {
    const auto found = integers.find(key);
    return found == integers.end() || found->second.empty() ? standard : found->second.front();
  }
  std::string text(const std::string& key, const std::string& standard) const {
    const auto found = texts.find(key);
    return found == texts.end() ? standard : found->second;
  }
};

/// A network with known shapes; nodes stand behind those that feed them. Constants have no nodes.
struct TensorNetwork {
  std::string name;
  std::string source;
  std::vector<NetTensor> tensors;
  std::vector<NetNode> nodes;
  std::vector<int> inputs;
  std::vector<int> outputs;
};

}  // namespace mxsim
