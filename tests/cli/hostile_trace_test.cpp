#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/json/strict_json.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// Faults of `traces/tiny_cnn.json` after `change`, through the program.
CommandResult check_changed(const std::function<void(json&)>& change) {
  const TemporaryFolder folder;
  json trace = json::parse(read_text_file(MXSIM_ROOT "/traces/tiny_cnn.json"));
  change(trace);
  CommandResult result = run_command({"check", folder.write("trace.json", trace.dump())});
  EXPECT_EQ(result.exit_code, 2);
  return result;
}

TEST(HostileTraces, ACycleOfLayersIsNamed) {
  const CommandResult result =
      check_changed([](json& trace) { trace["layers"][0]["inputs"] = {"relu"}; });
  EXPECT_THAT(result.err, HasSubstr("cycle"));
}

TEST(HostileTraces, AnUnknownOperatorIsNamedWithTheNearestKnownOne) {
  const CommandResult result =
      check_changed([](json& trace) { trace["layers"][0]["op"] = "conv2"; });
  EXPECT_THAT(result.err, HasSubstr("/layers/0/op: "));
  EXPECT_THAT(result.err, HasSubstr("did you mean \"conv2d\"?"));
}

TEST(HostileTraces, AnInputThatNoLayerMakesIsNamed) {
  const CommandResult result =
      check_changed([](json& trace) { trace["layers"][1]["inputs"] = {"nothing"}; });
  EXPECT_THAT(result.err, HasSubstr("/layers/1/inputs/0: "));
}

TEST(HostileTraces, AWindowLargerThanItsInputIsRefused) {
  const CommandResult result =
      check_changed([](json& trace) { trace["layers"][0]["attributes"]["kernel"] = 1000; });
  EXPECT_THAT(result.err, HasSubstr("/layers/0"));
}

TEST(HostileTraces, ProductsBeyond64BitsAreRefused) {
  const CommandResult result = check_changed([](json& trace) {
    trace["inputs"][0]["shape"] = {4294967296, 4294967296, 4294967296};
    trace.erase("macs");
    trace.erase("parameters");
  });
  EXPECT_THAT(result.err, HasSubstr("trace.json: "));
}

TEST(HostileTraces, AttributesOfTheWrongTypeOrSignAreRefused) {
  for (const json& value : {json(-1), json(0), json(3.9), json("x"), json(1e30), json(nullptr)}) {
    const CommandResult result =
        check_changed([&](json& trace) { trace["layers"][0]["attributes"]["stride"] = value; });
    EXPECT_THAT(result.err, HasSubstr("/layers/0/attributes/stride")) << value.dump();
  }
}

TEST(HostileTraces, ClaimsThatTheLayersDoNotMeetAreRefused) {
  EXPECT_THAT(check_changed([](json& trace) { trace["macs"] = 1; }).err, HasSubstr("/macs: "));
  EXPECT_THAT(check_changed([](json& trace) { trace["parameters"] = 1; }).err,
              HasSubstr("/parameters: "));
}

}  // namespace
}  // namespace mxsim
