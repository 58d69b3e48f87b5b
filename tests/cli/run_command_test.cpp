#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/npy/npy_array.h"
#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

json run_json(std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"run", kTinyCnn, "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const CommandResult result = run_command(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json::parse(result.out);
}

TEST(Run, LayersAndComponentsAddUpToTheTotals) {
  const json report = run_json();
  std::int64_t cycles = 0, macs = 0, dram = 0;
  double energy = 0;
  for (const json& layer : report["layers"]) {
    cycles += layer["cycles"].get<std::int64_t>();
    macs += layer["macs"].get<std::int64_t>();
    dram += layer["dram_bytes"].get<std::int64_t>();
    energy += layer["energy_pj"].get<double>();
  }
  const json& totals = report["totals"];
  EXPECT_EQ(cycles, totals["cycles"].get<std::int64_t>());
  EXPECT_EQ(macs, totals["macs"].get<std::int64_t>());
  EXPECT_EQ(macs, report["events"]["mac"].get<std::int64_t>());
  EXPECT_EQ(dram, totals["dram_read_bytes"].get<std::int64_t>() +
                      totals["dram_write_bytes"].get<std::int64_t>());
  const double total = totals["energy_pj"].get<double>();
  EXPECT_NEAR(energy, total, 1e-9 * total);
  double components = 0, terms = 0;
  for (const json& component : report["energy_pj"]) components += component.get<double>();
  for (const json& term : report["energy_terms"]) {
    terms += term["amount"].get<double>() * term["price"].get<double>();
  }
  EXPECT_NEAR(components, total, 1e-9 * total);
  EXPECT_NEAR(terms, total, 1e-9 * total);
  EXPECT_LE(totals["energy_low_pj"].get<double>(), total);
  EXPECT_GE(totals["energy_high_pj"].get<double>(), total);
}

TEST(Run, WorksThroughABatchInMicroBatches) {
  const json whole = run_json();
  const json parts = run_json({"--set", "/gradient_accumulation_steps=2"});
  EXPECT_EQ(whole["gradient_accumulation_steps"], 1);
  EXPECT_EQ(parts["gradient_accumulation_steps"], 2);
  EXPECT_EQ(parts["totals"]["macs"], whole["totals"]["macs"]);
  ASSERT_EQ(parts["layers"].size(), whole["layers"].size());
  std::int64_t cycles = 0;
  for (const json& layer : parts["layers"]) {
    cycles += layer["cycles"].get<std::int64_t>();
    const auto op = layer["op"].get<std::string>();
    EXPECT_TRUE(layer["pass"] != "forward" || op.find("accumulate") == std::string::npos) << op;
  }
  EXPECT_EQ(cycles, parts["totals"]["cycles"].get<std::int64_t>());
}

TEST(Run, RefusesMicroBatchesThatDoNotDivideTheBatchOrHaveNoGradients) {
  const auto error = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"run", kTinyCnn});
    const CommandResult result = run_command(more);
    EXPECT_EQ(result.exit_code, 2);
    return result.err;
  };
  EXPECT_EQ(error({"--set", "/gradient_accumulation_steps=3"}),
            "--set: /gradient_accumulation_steps: got 3, expected a divisor of the batch of 2\n");
  EXPECT_EQ(error({"--mode", "infer", "--set", "/gradient_accumulation_steps=2"}),
            "--set: /gradient_accumulation_steps: got 2, expected 1: inference has no gradients\n");
}

TEST(Run, EveryUnitIsBusyStalledOrIdleInEveryCycle) {
  const json report = run_json();
  const auto cycles = report["totals"]["cycles"].get<std::int64_t>();
  for (const char* unit : {"array", "dma.read", "dma.write", "vector", "requant"}) {
    std::int64_t sum = 0;
    for (const json& state : report["units"][unit]) sum += state.get<std::int64_t>();
    EXPECT_EQ(sum, cycles) << unit;
  }
}

TEST(Run, ReportsThePeakUseOfEveryMemory) {
  const json memory = run_json()["memory"];
  for (const char* name : {"dram", "sram.input", "sram.weight", "sram.accumulator"}) {
    EXPECT_GT(memory[name]["peak_bytes"].get<std::int64_t>(), 0) << name;
    EXPECT_LE(memory[name]["peak_bytes"], memory[name]["capacity_bytes"]) << name;
  }
  EXPECT_LE(memory["dram"]["peak_live_bytes"], memory["dram"]["peak_bytes"]);
  EXPECT_LT(memory["dram"]["peak_bytes"], memory["dram"]["tensor_bytes"]);
}

TEST(Run, MemoryClassesAddUpToEachMemorysFullestMoment) {
  const json memory = run_json({"--set", "/mapping/keep_on_chip_bytes=4096"})["memory"];
  const auto sum = [&](const char* name) {
    std::int64_t bytes = 0;
    for (const json& each : memory[name]["classes"]) {
      EXPECT_GE(each["peak_bytes"], each["at_peak_bytes"]) << name;
      bytes += each["at_peak_bytes"].get<std::int64_t>();
    }
    return bytes;
  };
  EXPECT_EQ(sum("dram"), memory["dram"]["peak_live_bytes"].get<std::int64_t>());
  for (const char* buffer : {"sram.input", "sram.weight", "sram.accumulator"}) {
    EXPECT_EQ(sum(buffer), memory[buffer]["peak_bytes"].get<std::int64_t>()) << buffer;
  }
  EXPECT_GT(sum("kept"), 0);
  EXPECT_LE(sum("kept"), memory["kept"]["peak_bytes"].get<std::int64_t>());
  EXPECT_EQ(memory["sram.weight"]["classes"]["optimizer_state"]["peak_bytes"], 0);
  EXPECT_GT(memory["sram.input"]["classes"]["optimizer_state"]["peak_bytes"], 0)
      << "updates stream through the input buffer";
}

TEST(Run, PrintsWhatTheMemoriesAreFullOf) {
  const CommandResult result = run_command({"run", kTinyCnn, "--width", "120"});
  for (const char* row : {"memory when fullest", "weights", "activations kept", "gradients",
                          "optimizer state", "workspace"}) {
    EXPECT_THAT(result.out, HasSubstr(row));
  }
}

TEST(Run, MemoryOverTimePeaksWhereThePlanDoes) {
  const json report = run_json();
  const json& over = report["memory_over_time"];
  ASSERT_GT(over["cycle"].size(), 10u);
  EXPECT_EQ(over["cycle"].size(), over["dram_bytes"].size());
  EXPECT_EQ(over["cycle"].size(), over["layer"].size());
  EXPECT_EQ(over["cycle"][0], 0);
  EXPECT_TRUE(std::is_sorted(over["cycle"].begin(), over["cycle"].end()));
  EXPECT_LT(over["cycle"].back(), report["totals"]["cycles"]);
  EXPECT_EQ(*std::max_element(over["dram_bytes"].begin(), over["dram_bytes"].end()),
            report["memory"]["dram"]["peak_live_bytes"]);
  for (const json& layer : over["layer"]) EXPECT_LT(layer, report["layers"].size());
}

TEST(Run, EveryPriceTellsItsBandAndWhoseNumbersItIsUncertainBy) {
  const json report = run_json();
  for (const json& term : report["energy_terms"]) {
    EXPECT_LE(term["price_low"], term["price"]) << term;
    EXPECT_GE(term["price_high"], term["price"]) << term;
    const bool uncertain = term["price_low"] != term["price_high"];
    const bool priced = term["price"] > 0;
    EXPECT_EQ(uncertain, priced && !term["factors"].empty()) << term;
    for (const json& name : term["factors"]) {
      const json& factor = report["price_factors"][name.get<std::string>()];
      EXPECT_FALSE(factor["source"].get<std::string>().empty()) << name;
    }
  }
  EXPECT_EQ(report["chip"]["clock_hz"].get<double>() * report["totals"]["time_s"].get<double>(),
            report["totals"]["cycles"].get<double>());
}

TEST(Run, LayersSayWhatEveryUnitWaitedFor) {
  const json report = run_json();
  for (const json& layer : report["layers"]) {
    for (const auto& [unit, states] : layer["units"].items()) {
      std::int64_t sum = 0;
      for (const json& cycles : states) sum += cycles.get<std::int64_t>();
      EXPECT_EQ(sum, layer["cycles"]) << layer["name"] << " " << unit;
    }
  }
}

TEST(Run, GivesTheSameBytesAgainWithATimelineAndIntoFiles) {
  const TemporaryFolder folder;
  const std::string timeline = (folder.path() / "timeline.json").string();
  const std::string out = (folder.path() / "results").string();
  const CommandResult once = run_command({"run", kTinyCnn, "--json"});
  const CommandResult again =
      run_command({"run", kTinyCnn, "--json", "--timeline", timeline, "--out", out});
  EXPECT_EQ(once.out, again.out);
  EXPECT_EQ(content(out + "/report.json"), once.out);
  EXPECT_THAT(content(out + "/layers.csv"), HasSubstr("conv1,forward,"));
  const json trace = json::parse(content(timeline));
  const auto cycles = json::parse(once.out)["totals"]["cycles"].get<std::int64_t>();
  std::size_t spans = 0;
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    ++spans;
    EXPECT_LE(
        event["args"]["cycle"].get<std::int64_t>() + event["args"]["cycles"].get<std::int64_t>(),
        cycles);
  }
  EXPECT_GT(spans, 100u);
}

TEST(Run, AssumptionsFollowTheConfiguration) {
  const auto assumptions = [](std::vector<std::string> more) {
    std::vector<std::string> arguments{"run", kTinyCnn, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json::parse(run_command(arguments).out)["assumptions"];
  };
  const std::string overlap =
      "a group's first transfers run while its predecessor computes and stores";
  const std::string none = "nothing stays on chip from one group to the next";
  EXPECT_THAT(assumptions({}), IsSupersetOf({overlap, none}));
  const json other = assumptions(
      {"--set", "/mapping/overlap_groups=off", "--set", "/mapping/keep_on_chip_bytes=1024"});
  EXPECT_THAT(other, IsSupersetOf({"a group begins when its predecessor has finished",
                                   "1024 bytes of the input buffer keep whole tensors from one "
                                   "group to the next"}));
  EXPECT_THAT(other, Not(AnyOf(Contains(overlap), Contains(none))));
}

TEST(Run, PrintsAnOverviewWithoutJson) {
  const CommandResult result = run_command({"run", kTinyCnn});
  ASSERT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out,
              HasSubstr("tiny_cnn, train, batch 2, mxsf 8x8 (reuse), 8x8 PEs, fidelity tile\n"));
  EXPECT_THAT(result.out, HasSubstr("bound by "));
}

TEST(Run, OptionsReplaceKeysOfTheRunFile) {
  const json report =
      run_json({"--format", "bf16", "--batch", "3", "--mode", "infer", "--set", "/seed=7"});
  EXPECT_EQ(report["formats"]["default"], "bf16");
  EXPECT_EQ(report["batch"], 3);
  EXPECT_EQ(report["mode"], "infer");
  EXPECT_EQ(report["seed"], 7);
  for (const json& layer : report["layers"]) EXPECT_EQ(layer["pass"], "forward");
}

TEST(Run, RefusesWhatDoesNotFitAndWritesNothing) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "results").string();
  const CommandResult result = run_command(
      {"run", kTinyCnn, "--format", "fp32", "--out", out, "--set", "/chip/buffers/input/bytes=64"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr("no tile fits the buffers"));
  EXPECT_FALSE(std::filesystem::exists(out));
  const CommandResult format = run_command({"run", kTinyCnn, "--format", "mxfs", "--out", out});
  EXPECT_EQ(format.exit_code, 2);
  EXPECT_THAT(format.err, HasSubstr("unknown format \"mxfs\", did you mean \"mxsf\"?"));
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Run, OperandsFromAFileChangeTheBitsOfTheirGemmsAndNothingElse) {
  const TemporaryFolder folder;
  const std::string zeros(27 * 10 * sizeof(float), '\0');
  folder.write("conv1.weight.npy", npy_header(NpyType::kFloat32, {27, 10}) + zeros);
  const json drawn = run_json({"--format", "bf16", "--bits"});
  const json given = run_json({"--format", "bf16", "--operands", folder.path().string()});
  const json timed = run_json({"--format", "bf16"});
  EXPECT_FALSE(timed.contains("output_hashes"));
  EXPECT_EQ(drawn["totals"], timed["totals"]);
  EXPECT_EQ(given["totals"], timed["totals"]);
  ASSERT_EQ(drawn["output_hashes"].size(), given["output_hashes"].size());
  for (std::size_t i = 0; i < drawn["output_hashes"].size(); ++i) {
    const json& gemm = drawn["output_hashes"][i];
    const bool reads_it = gemm["layer"] == "conv1" && gemm["pass"] == "forward";
    EXPECT_EQ(gemm != given["output_hashes"][i], reads_it) << gemm;
  }
}

TEST(Run, RefusesOperandFilesThatFitNothing) {
  const TemporaryFolder folder;
  const std::string small = folder.write(
      "conv1.weight.npy", npy_header(NpyType::kFloat32, {1, 1}) + std::string(4, '\0'));
  const std::string unknown = folder.write(
      "conv2.weight.npy", npy_header(NpyType::kFloat32, {1, 1}) + std::string(4, '\0'));
  const CommandResult result = run_command({"run", kTinyCnn, "--operands", folder.path().string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, small + ": got 1x1, expected 27x10 (rows x columns of \"conv1.weight\")\n" +
                            unknown +
                            ": no GEMM operand has this name, did you mean \"conv1.weight\"?\n");
}

TEST(Compare, SavesNothingAgainstItselfAndReportsEveryFormat) {
  const CommandResult result =
      run_command({"compare", kTinyCnn, "--formats", "mxsf,mxfp8_e4m3", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json report = json::parse(result.out);
  EXPECT_EQ(report["baseline"], "bf16");
  ASSERT_EQ(report["runs"].size(), 3u);
  const json& baseline = report["runs"][0];
  EXPECT_EQ(baseline["format"], "bf16");
  EXPECT_EQ(baseline["saving"]["energy"], 0.0);
  EXPECT_EQ(baseline["saving"]["energy_high"], 0.0);
  for (const json& run : report["runs"]) {
    EXPECT_LE(run["saving"]["energy_low"], run["saving"]["energy"]);
    EXPECT_GE(run["saving"]["energy_high"], run["saving"]["energy"]);
    const double saved = 1 - run["energy_pj"].get<double>() / baseline["energy_pj"].get<double>();
    EXPECT_NEAR(run["saving"]["energy"].get<double>(), saved, 1e-12);
  }
}

TEST(Compare, ARunInItIsTheRunAlone) {
  const json compared =
      json::parse(run_command({"compare", kTinyCnn, "--formats", "bf16,mxsf", "--json"}).out);
  EXPECT_EQ(compared["runs"][1]["report"], run_json());
}

}  // namespace
}  // namespace mxsim
