#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/command.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

CommandResult explain(std::vector<std::string> more) {
  std::vector<std::string> arguments{"run", kTinyCnn};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_command(arguments);
}

/// The first convolution of the tiny network by its own name in the trace.
std::string first_layer() {
  const json report = json::parse(run_command({"run", kTinyCnn, "--json"}).out);
  for (const json& layer : report["layers"]) {
    if (layer["macs"] > 0) return layer["name"];
  }
  return "";
}

TEST(Explain, PrintsTheChosenMappingAndFiveRunnersUpOfEachPass) {
  const CommandResult result = explain({"--explain", first_layer()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, IsEmpty());
  EXPECT_THAT(result.out, HasSubstr("forward"));
  EXPECT_THAT(result.out, HasSubstr("backward_weight"));
  EXPECT_THAT(result.out, HasSubstr("chosen"));
  EXPECT_THAT(result.out, HasSubstr("lower bound"));
}

// Both micro-batches are mapped alike but for gradients: only the second adds to the first's.
TEST(Explain, ShowsWhatMicroBatchesShareOnce) {
  const auto gemms = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"--explain", first_layer(), "--json"});
    return json::parse(explain(more).out)["gemms"];
  };
  const json whole = gemms({"--set", "/batch=1"});
  const json parts = gemms({"--set", "/gradient_accumulation_steps=2"});
  ASSERT_EQ(parts.size(), whole.size() + 1);
  EXPECT_EQ(parts.back()["op"], whole.back()["op"].get<std::string>() + "+accumulate");
}

TEST(Explain, TheReportOfARunHoldsTheMappingsThatItUsed) {
  const std::string layer = first_layer();
  const json explained = json::parse(explain({"--explain", layer, "--json"}).out);
  const json report = json::parse(run_command({"run", kTinyCnn, "--json"}).out);
  std::size_t found = 0;
  for (const json& each : report["layers"]) {
    if (each["name"] != layer) continue;
    for (const json& mapping : each["mappings"]) {
      const json& gemm = explained["gemms"][found++];
      EXPECT_EQ(mapping["op"], gemm["op"]);
      for (const char* extent : {"m", "k", "n", "products"})
        EXPECT_EQ(mapping[extent], gemm[extent]);
      for (const char* key :
           {"images", "height", "width", "channels", "columns", "order", "tiles", "dram_bytes"}) {
        EXPECT_EQ(mapping["chosen"][key], gemm["chosen"][key]) << key;
      }
      EXPECT_EQ(mapping["times"], 1);
    }
  }
  EXPECT_EQ(found, explained["gemms"].size());
}

/// What mappings are compared by: those that are predicted lead, the others follow by the model.
double cycles_of(const json& mapping) {
  const json& predicted = mapping["cycles"]["predicted"];
  return predicted.is_null() ? mapping["cycles"]["total"].get<double>() : predicted.get<double>();
}

TEST(Explain, ListsMappingsBestFirst) {
  // The model's favourite stays where no other is predicted to be 2 % better.
  constexpr double kFavourite = 0.98;
  for (const char* objective : {"latency", "dram_bytes"}) {
    const json layer = json::parse(explain({"--explain", first_layer(), "--json", "--set",
                                            std::string("/mapping/objective=") + objective})
                                       .out);
    EXPECT_EQ(layer["objective"], objective);
    for (const json& gemm : layer["gemms"]) {
      const bool bytes = std::string(objective) == "dram_bytes";
      EXPECT_EQ(gemm["pinned"], false);
      EXPECT_LE(gemm["runners_up"].size(), 5U);
      json last = gemm["chosen"];
      for (const json& mapping : gemm["runners_up"]) {
        if (bytes) {
          EXPECT_LE(last["dram_bytes"]["total"], mapping["dram_bytes"]["total"]);
        } else if (last["cycles"]["predicted"].is_null() ==
                   mapping["cycles"]["predicted"].is_null()) {
          EXPECT_LE(kFavourite * cycles_of(last), cycles_of(mapping));
        } else {
          EXPECT_TRUE(mapping["cycles"]["predicted"].is_null());
        }
        last = mapping;
      }
    }
  }
}

TEST(Explain, ShowsAPinnedMappingBesideTheSearchsOwn) {
  const std::string layer = first_layer();
  const std::string pin = R"(/mapping/pinned=[{"layers":")" + layer +
                          R"(","pass":"forward","columns":2,"order":"columns-rows-reduction"}])";
  const json explained = json::parse(explain({"--explain", layer, "--json", "--set", pin}).out);
  const json& gemm = explained["gemms"][0];
  EXPECT_EQ(gemm["pinned"], true);
  EXPECT_EQ(gemm["chosen"]["columns"], 2);
  EXPECT_EQ(gemm["chosen"]["order"], "columns-rows-reduction");
  EXPECT_EQ(run_command({"run", kTinyCnn, "--set", pin}).exit_code, 0);
}

TEST(Explain, RefusesALayerThatIsNotThere) {
  const CommandResult result = explain({"--explain", "nowhere"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "--explain: \"nowhere\" is no layer with a GEMM\n");
}

TEST(PinnedMapping, IsRefusedWithItsPlaceWhenItNamesNoLayer) {
  const CommandResult result = explain({"--set", R"(/mapping/pinned=[{"layers":"nowhere"}])"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "--set: /mapping/pinned/0: \"nowhere\" names no layer with a GEMM\n");
}

TEST(PinnedMapping, IsRefusedWithTheNumbersWhenATileDoesNotFitItsSlot) {
  const CommandResult result =
      run_command({"run", MXSIM_ROOT "/configs/runs/resnet18_infer.json", "--set",
                   R"(/mapping/pinned=[{"layers":"layer4.0.conv1"}])"});
  EXPECT_EQ(result.exit_code, 2);
  // 8 images of 7 x 7 positions and 512 channels in FP32.
  EXPECT_EQ(result.err,
            "--set: /mapping/pinned/0: layer \"layer4.0.conv1\" (forward): a tile of the results "
            "has 802816 bytes, a slot of its buffer 131072\n");
}

}  // namespace
}  // namespace mxsim
