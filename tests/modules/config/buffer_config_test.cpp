#include "sim/config/buffer_config.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "sim/config/load.h"
#include "tests/support/diagnostics.h"

namespace mxsim {
namespace {

using testing::ElementsAre;
using enum BufferRole;

struct BuffersOnly {
  BufferSet buffers;
};

void bind(Binder& b, BuffersOnly& s) { bind(b, s.buffers); }
std::vector<Diagnostic> validate(const BuffersOnly& s) {
  return below("/buffers", validate(s.buffers));
}

BufferSet read(const std::string& buffers) {
  return load_config<BuffersOnly>(Document::parse("{\"buffers\": {" + buffers + "}}", "c.json"))
      .buffers;
}

std::vector<std::string> faults(const std::string& buffers) {
  return fault_lines([&] { read(buffers); });
}

constexpr const char* kThree =
    R"("input": {"bytes": 4096}, "weight": {"bytes": 4096}, "accumulator": {"bytes": 4096})";

TEST(BufferConfig, TakesRolesFromNamesUnlessTheyAreGiven) {
  const BufferSet three = read(kThree);
  EXPECT_THAT(three.at("input").roles, ElementsAre(kActivations));
  EXPECT_THAT(three.at("weight").roles, ElementsAre(kWeights));
  EXPECT_THAT(three.at("accumulator").roles, ElementsAre(kAccumulators));
  const BufferSet shared = read(R"("shared": {"bytes": 131072, "banks": 32, "width_bits": 64})");
  EXPECT_THAT(shared.at("shared").roles, ElementsAre(kActivations, kWeights, kAccumulators));
  const BufferSet own = read(
      R"("left": {"bytes": 4096, "roles": ["activations", "gradients"]},
         "right": {"bytes": 4096, "roles": ["weights"]}, "accumulator": {"bytes": 4096})");
  EXPECT_THAT(own.at("left").roles, ElementsAre(kActivations, kGradients));
  const BufferSet stream = read(std::string(kThree) + R"(, "stream": {"bytes": 1024})");
  EXPECT_THAT(stream.at("stream").roles, ElementsAre(kStreams));
}

TEST(BufferConfig, WantsEveryRoleOnceAndNamesTheBuffersThatAreWrong) {
  EXPECT_THAT(faults(R"("input": {"bytes": 4096}, "weight": {"bytes": 4096})"),
              ElementsAre("c.json: /buffers: no buffer holds the accumulators"));
  EXPECT_THAT(faults(std::string(kThree) + R"(, "shared": {"bytes": 4096, "roles": ["weights"]})"),
              ElementsAre("c.json: /buffers: weights are in shared and weight: a role belongs to "
                          "one buffer"));
  EXPECT_THAT(faults(std::string(kThree) + R"(, "acumulator": {"bytes": 4096})"),
              ElementsAre("c.json: /buffers/acumulator: the name says no role and there is no key "
                          "\"roles\", did you mean \"accumulator\"?"));
  EXPECT_THAT(faults(R"("shared": {"bytes": 4096, "roles": ["weight"]})"),
              ElementsAre("c.json: /buffers/shared/roles: got \"weight\", expected one of "
                          "activations, weights, gradients, accumulators, streams, did you "
                          "mean \"weights\"?"));
}

TEST(BufferConfig, KeepsSlotsInBanksOfTheirOwn) {
  const auto with = [](const std::string& keys) {
    return R"("weight": {"bytes": 4096}, "accumulator": {"bytes": 4096}, "input": {)" + keys + "}";
  };
  EXPECT_THAT(faults(with(R"("bytes": 4096, "banks": 2, "slots": 3)")),
              ElementsAre("c.json: /buffers/input/banks: a role has 2 banks, expected one or more "
                          "for each of the 3 slots: slots have banks of their own"));
  EXPECT_EQ(read(with(R"("bytes": 102400, "banks": 25)")).at("input").banks_without_slot(), 1);
  EXPECT_EQ(read(with(R"("bytes": 4096, "banks": 4)")).at("input").banks_without_slot(), 0);
  EXPECT_THAT(faults(with(R"("bytes": 4096, "banks": 6)")),
              ElementsAre("c.json: /buffers/input/bytes: got 4096, expected a multiple of the 6 "
                          "banks"));
  EXPECT_EQ(read(with(R"("bytes": 4096, "banks": 1)")).at("input").banks, 1);
  EXPECT_EQ(read(with(R"("bytes": 4095, "banks": 3, "slots": 3)")).at("input").slots, 3);
}

TEST(BufferConfig, DividesASharedBufferAsItSays) {
  EXPECT_THAT(faults(R"("shared": {"bytes": 4096, "banks": 4, "role_banks": [1, 2]})"),
              ElementsAre("c.json: /buffers/shared/role_banks: got 2 numbers for 3 roles"));
  EXPECT_THAT(faults(R"("shared": {"bytes": 4096, "banks": 4, "role_banks": [2, 2, 1]})"),
              ElementsAre("c.json: /buffers/shared/role_banks: the sum is 5, the buffer has 4 "
                          "banks"));
  EXPECT_THAT(faults(R"("shared": {"bytes": 4096, "banks": 2})"),
              ElementsAre("c.json: /buffers/shared/banks: got 2, expected one or more for each of "
                          "the 3 roles"));
}

}  // namespace
}  // namespace mxsim
