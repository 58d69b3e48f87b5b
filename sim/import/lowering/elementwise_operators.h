#pragma once

#include <map>
#include <string>

namespace mxsim {

/// ONNX operators of one tensor: the trace's.
const std::map<std::string, std::string>& unary_operators();

/// What an operator of two tensors becomes.
struct BinaryOperator {
  std::string tensors;   ///< of two activations
  std::string scalar;    ///< of an activation and one number
  std::string constant;  ///< of an activation and a larger constant
  bool trained = false;  ///< whether that constant is a parameter
};
const std::map<std::string, BinaryOperator>& binary_operators();

}  // namespace mxsim
