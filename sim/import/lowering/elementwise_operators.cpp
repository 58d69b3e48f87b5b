#include "sim/import/lowering/elementwise_operators.h"

namespace mxsim {

const std::map<std::string, std::string>& unary_operators() {
  static const std::map<std::string, std::string> kRows{
      {"Relu", "relu"},
      {"Gelu", "gelu"},
      {"FastGelu", "gelu"},
      {"QuickGelu", "silu"},
      {"Silu", "silu"},
      {"Swish", "silu"},
      {"Tanh", "tanh"},
      {"Sigmoid", "sigmoid"},
      {"HardSigmoid", "hard_sigmoid"},
      {"HardSwish", "hard_swish"},
      {"LeakyRelu", "leaky_relu"},
      {"ThresholdedRelu", "threshold"},
      {"Elu", "elu"},
      {"Selu", "selu"},
      {"Celu", "celu"},
      {"Softplus", "softplus"},
      {"Softsign", "softsign"},
      {"Mish", "mish"},
      {"Exp", "exp"},
      {"Log", "log"},
      {"Sqrt", "sqrt"},
      {"Reciprocal", "reciprocal"},
      {"Erf", "erf"},
      {"Abs", "absolute"},
      {"Neg", "negate"},
      {"Sign", "sign"},
      {"Floor", "round"},
      {"Ceil", "round"},
      {"Round", "round"},
      {"Sin", "trigonometric"},
      {"Cos", "trigonometric"},
      {"Tan", "trigonometric"},
      {"Asin", "inverse_trigonometric"},
      {"Acos", "inverse_trigonometric"},
      {"Atan", "inverse_trigonometric"},
      {"Sinh", "hyperbolic"},
      {"Cosh", "hyperbolic"},
      {"Asinh", "inverse_hyperbolic"},
      {"Acosh", "inverse_hyperbolic"},
      {"Atanh", "inverse_hyperbolic"},
      {"Not", "logical"},
      {"IsNaN", "logical"},
      {"IsInf", "logical"},
      {"Shrink", "threshold"},
      {"CumSum", "shift"},
      {"Trilu", "logical"},
      {"BitwiseNot", "logical"},
  };
  return kRows;
}

const std::map<std::string, BinaryOperator>& binary_operators() {
  const BinaryOperator compared{"compare", "logical", "add_constant", false};
  static const std::map<std::string, BinaryOperator> kRows{
      {"Add", {"add", "shift", "add_constant", true}},
      {"Sub", {"subtract", "shift", "add_constant", true}},
      {"Mul", {"multiply", "scale", "multiply_constant", true}},
      {"Div", {"divide", "scale", "multiply_constant", true}},
      {"Pow", {"raise", "power", "multiply_constant", false}},
      {"PRelu", {"multiply", "leaky_relu", "prelu", true}},
      {"Mod", {"remainder", "round", "add_constant", false}},
      {"BitShift", {"multiply", "scale", "multiply_constant", false}},
      {"And", compared},
      {"Or", compared},
      {"Xor", compared},
      {"BitwiseAnd", compared},
      {"BitwiseOr", compared},
      {"BitwiseXor", compared},
      {"Equal", compared},
      {"Less", compared},
      {"LessOrEqual", compared},
      {"Greater", compared},
      {"GreaterOrEqual", compared},
  };
  return kRows;
}

}  // namespace mxsim
