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

/// Each of 65,536 copies of a block has its names and attributes again.
TEST(HostileTraces, WhatABlockCopiesIsShort) {
  const std::string name(501, 'a');
  const auto check_block = [](const json& changes) {
    return check_changed([&](json& trace) {
             json layer{{"name", "l"}, {"op", "relu"}, {"inputs", {"x"}}, {"outputs", {"y"}}};
             layer.update(changes);
             trace["blocks"] = json::array({{{"name", "b"},
                                             {"repeat", 65536},
                                             {"inputs", {"image"}},
                                             {"reads", {"x"}},
                                             {"layers", json::array({layer})}}});
           })
        .err;
  };
  const std::string layer = ": /blocks/0/layers/0/";
  const std::string fault = ": a name of 501 bytes, expected at most 500\n";
  EXPECT_THAT(check_block({{"outputs", {name}}}), HasSubstr(layer + "outputs" + fault));
  EXPECT_THAT(check_block({{"inputs", {name}}}), HasSubstr(layer + "inputs" + fault));
  EXPECT_THAT(check_block({{"op", name}}), HasSubstr(layer + "op" + fault));
  EXPECT_THAT(check_block({{"weights_of", name}}), HasSubstr(layer + "weights_of" + fault));
  EXPECT_THAT(check_block({{"attributes", {{name, 1}}}}), HasSubstr(layer + "attributes" + fault));
  EXPECT_THAT(check_block({{"attributes", {{"a", name}}}}),
              HasSubstr(layer + "attributes" + fault));
  json many;
  for (int i = 0; i < 65; ++i) many[std::to_string(i)] = 1;
  EXPECT_THAT(check_block({{"attributes", many}}),
              HasSubstr(layer + "attributes: 65 entries, expected at most 64\n"));
  EXPECT_THAT(check_block({{"constants", many}}),
              HasSubstr(layer + "constants: 65 entries, expected at most 64\n"));
}

/// Every fault named all dimensions.
TEST(HostileTraces, UnknownDimensionsAreCutShort) {
  const std::string err = check_changed([](json& trace) {
                            for (int i = 0; i < 21; ++i) {
                              trace["dimensions"]["d" + std::to_string(i)] = 1;
                            }
                            trace["layers"][0]["attributes"]["out_channels"] = "dd";
                          }).err;
  EXPECT_THAT(err, HasSubstr("/layers/0/attributes/out_channels: the network has no dimension "
                             "\"dd\"; it has 21\n"));
}

}  // namespace
}  // namespace mxsim
