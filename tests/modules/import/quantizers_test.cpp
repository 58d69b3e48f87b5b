// Formats that quantizers leave tensors in, and how operators pass them on.
#include "sim/import/lowering/quantizers.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

NetTensor tensor(const std::string& element, const std::string& format) {
  NetTensor made{"t", {1, 4}, false, element != "float", {}};
  made.element = element;
  made.format = format;
  return made;
}

NetTensor number(long double value) {
  NetTensor made{"c", {}, true, false, ConstantValues{{value}, false}};
  made.element = "float";
  return made;
}

NetNode node(const std::string& op, std::vector<int> inputs) {
  NetNode made;
  made.op = op;
  made.inputs = std::move(inputs);
  made.outputs = {-1};
  return made;
}

TEST(Quantizers, LimitsOfIntegersNarrowTheirFormatAndLimitsOfValuesDoNot) {
  std::vector<NetTensor> tensors{tensor("int8", "int8"), number(-8), number(7)};
  EXPECT_EQ(format_after(node("Clip", {0, 1, 2}), tensors), "int4");
  // Behind the step back to values: a ReLU6 of dequantized numbers
  tensors = {tensor("float", "uint8"), number(0), number(6)};
  EXPECT_EQ(format_after(node("Clip", {0, 1, 2}), tensors), "uint8");
}

TEST(Quantizers, JoinedTensorsHaveAFormatThatAllHave) {
  const std::vector<NetTensor> tensors{tensor("float", "int4"), tensor("float", "int4"),
                                       tensor("float", "int8"), tensor("float", "")};
  EXPECT_EQ(format_after(node("Concat", {0, 1}), tensors), "int4");
  EXPECT_EQ(format_after(node("Concat", {0, 2}), tensors), "");
  EXPECT_EQ(format_after(node("Concat", {0, 3}), tensors), "");
}

}  // namespace
}  // namespace mxsim
