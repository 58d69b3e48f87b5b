// The reduced form of fuzzing: seeds and seeded mutations of them, without guidance by coverage.
#include "tests/support/fuzz_targets.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

void take_mutations(const FuzzTarget& target, std::uint64_t inputs) {
  const std::vector<std::string> seeds = target.seeds();
  ASSERT_FALSE(seeds.empty());
  for (std::uint64_t i = 0; i < inputs; ++i) {
    const std::string input = mutated(seeds[i % seeds.size()], i);
    try {
      target.run(input);
    } catch (const std::exception& error) {
      FAIL() << target.name << " " << i << ": " << error.what() << "\n" << input.substr(0, 2000);
    }
  }
}

class FuzzTargets : public ::testing::TestWithParam<std::size_t> {};

TEST_P(FuzzTargets, TakeTheirSeeds) {
  const FuzzTarget& target = fuzz_targets()[GetParam()];
  const std::vector<std::string> seeds = target.seeds();
  const std::size_t most = target.name == "settings" ? 60 : seeds.size();
  const std::size_t stride = std::max<std::size_t>(1, seeds.size() / most);
  for (std::size_t i = 0; i < seeds.size(); i += stride) {
    EXPECT_NO_THROW(target.run(seeds[i])) << target.name << ": " << seeds[i].substr(0, 200);
  }
}

TEST_P(FuzzTargets, TakeMutations) {
  const FuzzTarget& target = fuzz_targets()[GetParam()];
  const bool runs = target.name == "settings" || target.name == "runs";
  const bool large = target.name == "trace" || target.name == "onnx" || target.name == "sweeps" ||
                     target.name == "explorations";
  take_mutations(target, runs ? 60 : large ? 300 : 3000);
}

std::string name_of(const ::testing::TestParamInfo<std::size_t>& each) {
  return fuzz_targets()[each.param].name;
}

INSTANTIATE_TEST_SUITE_P(All, FuzzTargets, ::testing::Range(std::size_t{0}, fuzz_targets().size()),
                         name_of);

class LongFuzzTargets : public FuzzTargets {};
TEST_P(LongFuzzTargets, TakeManyMutations) { take_mutations(fuzz_targets()[GetParam()], 100'000); }
INSTANTIATE_TEST_SUITE_P(LongAll, LongFuzzTargets,
                         ::testing::Range(std::size_t{0}, fuzz_targets().size()), name_of);

}  // namespace
}  // namespace mxsim
