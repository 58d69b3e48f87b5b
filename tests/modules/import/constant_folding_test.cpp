// Constants that the network's nodes make of others.
#include "sim/import/lowering/constant_folding.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

using Numbers = std::vector<long double>;

NetTensor constant(const Numbers& numbers) {
  const Shape shape{static_cast<std::int64_t>(numbers.size())};
  return {"c", shape, true, false, ConstantValues{numbers, false}};
}

Numbers folded(const std::string& op, const std::vector<Numbers>& inputs,
               std::map<std::string, std::vector<std::int64_t>> integers = {}) {
  NetNode node;
  node.op = op;
  node.integers = std::move(integers);
  std::vector<NetTensor> tensors;
  for (const Numbers& numbers : inputs) {
    node.inputs.push_back(static_cast<int>(tensors.size()));
    tensors.push_back(constant(numbers));
  }
  const auto values = fold_constant(node, tensors, tensors.at(0).shape);
  return values ? values->numbers : Numbers{};
}

TEST(ConstantFolding, ARemainderHasTheSignOfTheDivisorOrAsInCOfTheDividend) {
  EXPECT_EQ(folded("Mod", {{-7, 7, -7}, {3, -3, -3}}), (Numbers{2, -2, -1}));
  EXPECT_EQ(folded("Mod", {{-7, 7, -7}, {3, -3, -3}}, {{"fmod", {1}}}), (Numbers{-1, 1, -1}));
}

TEST(ConstantFolding, ACastToFloatingPointKeepsTheFractionAndToIntegersCutsIt) {
  constexpr std::int64_t kInt64 = 7;
  constexpr std::int64_t kBfloat16 = 16;
  EXPECT_EQ(folded("Cast", {{1.5L, -2.25L}}, {{"to", {kBfloat16}}}), (Numbers{1.5L, -2.25L}));
  EXPECT_EQ(folded("Cast", {{1.5L, -2.25L}}, {{"to", {kInt64}}}), (Numbers{1, -2}));
}

}  // namespace
}  // namespace mxsim
