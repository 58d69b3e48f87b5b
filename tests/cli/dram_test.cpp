#include <fmt/format.h>
#include <gmock/gmock.h>

#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;

const std::string kDdr4 = MXSIM_ROOT "/configs/dram/reference/ddr4.json";

std::string written(const TemporaryFolder& folder, const std::string& name,
                    const std::string& text) {
  const std::string path = (folder.path() / name).string();
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

CommandResult replay(const std::string& trace, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"dram", "--device", kDdr4, "--trace", trace};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_command(arguments);
}

TEST(Dram, TrafficIsTheTraceThatItCanWrite) {
  const TemporaryFolder folder;
  const std::string copy = (folder.path() / "copy.trc").string();
  const CommandResult made =
      run_command({"dram", "--device", kDdr4, "--traffic", "random:2:1", "--requests", "500",
                   "--seed", "3", "--write-trace", copy, "--json"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(json::parse(made.out)["requests"], 500);
  EXPECT_EQ(replay(copy, {"--json"}).out, made.out);
}

// 32-byte bursts: two a line.
TEST(Dram, TrafficMovesWholeLinesWhateverTheBurst) {
  for (const char* name : {"hbm2e", "lpddr4-3200", "ddr4-3200", "reference/lpddr4"}) {
    const CommandResult result =
        run_command({"dram", "--device", std::string("configs/dram/") + name + ".json", "--traffic",
                     "sequential:1:0", "--requests", "1000", "--json"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const json report = json::parse(result.out);
    const std::int64_t burst = report["burst_bytes"];
    EXPECT_EQ(report["requests"], 1000 * std::max<std::int64_t>(1, 64 / burst)) << name;
    EXPECT_LE(report["utilization"], 1.0) << name;
  }
}

TEST(Dram, EveryPolicyOfTheSchedulerIsAKey) {
  const auto cycles = [](std::vector<std::string> more) {
    std::vector<std::string> arguments{"dram",       "--device",   kDdr4,  "--traffic",
                                       "random:4:1", "--requests", "2000", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out)["cycles"].get<std::int64_t>();
  };
  const std::int64_t shipped = cycles({});
  for (const char* key : {"prepare_next_turn=false", "notice=0", "activate_ahead=false", "turn=1",
                          "window=64", "high_writes=8"}) {
    EXPECT_NE(cycles({"--scheduler", key}), shipped) << key;
  }
  EXPECT_GT(cycles({"--scheduler", "activate_ahead=false"}), 3 * shipped);
}

TEST(Dram, FaultsOfTrafficAndSchedulerAreNamed) {
  const auto error = [](std::vector<std::string> more) {
    std::vector<std::string> arguments{"dram", "--device", kDdr4};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 2);
    return result.err;
  };
  EXPECT_EQ(error({"--traffic", "radom:1:1"}),
            "--traffic: got \"radom\", expected one of sequential, streams, tiles, random, did you "
            "mean \"random\"?\n");
  const std::string form =
      ", expected PATTERN:READS:WRITES as in random:2:1 (sequential, streams, tiles, random; "
      "numbers "
      "0..1000000, not both 0)\n";
  for (const char* bad : {"random", "random:1", "random:0:0", "random:-1:1", "random:1:1:1",
                          "random:1:1:", "random:1:x", "random:1:9999999"}) {
    EXPECT_EQ(error({"--traffic", bad}), std::string("--traffic: got ") + bad + form);
  }
  EXPECT_THAT(error({"--traffic", ""}),
              testing::StartsWith("--traffic: got \"\", expected a text that is not empty\n"));
  EXPECT_EQ(error({"--traffic", "random:1:1", "--scheduler", "window"}),
            "--scheduler: got window, expected KEY=VALUE\n");
  EXPECT_EQ(error({"--traffic", "random:1:1", "--scheduler", "windw=3"}),
            "--scheduler: /windw: unknown key, did you mean \"window\"?\n");
  EXPECT_EQ(error({"--traffic", "random:1:1", "--scheduler", "low_writes=40"}),
            "--scheduler: /low_writes: got 40, expected less than high_writes, 26\n");
  EXPECT_EQ(error({"--traffic", "random:1:1", "--profile", "dramsim3", "--scheduler", "turn=4"}),
            "--scheduler: only profile frfcfs on a timed device has these keys\n");
}

// Two reads of one row: seen a cycle after their time, ACT, tRCD 22, RL 22, two bursts of 4 cycles
// tCCD_L 8 apart.
TEST(Dram, ReportsTheKeysThatScriptsReadWithTheirClosedForms) {
  const TemporaryFolder folder;
  const std::string trace = written(folder, "two.trc", "# two\n0x0 READ 0\n\n0x40 READ 0\n");
  const CommandResult result = replay(trace, {"--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json report = json::parse(result.out);
  EXPECT_EQ(report["cycles"], 22 + 22 + 4 + 8);
  EXPECT_EQ(report["requests"], 2);
  EXPECT_EQ(report["clock_hz"], 1'587'301'587);
  EXPECT_EQ(report["burst_bytes"], 64);
  EXPECT_EQ(report["hits"], 1);
  EXPECT_EQ(report["row_empty"], 1);
  EXPECT_EQ(report["row_conflicts"], 0);
  EXPECT_EQ(report["commands"]["ACT"], 1);
  EXPECT_EQ(report["commands"]["RD"], 2);
  EXPECT_DOUBLE_EQ(report["utilization"], 8.0 / 56);
  EXPECT_DOUBLE_EQ(report["read_latency_mean"], (48 + 55) / 2.0);
  const json energy = report["energy_pj"];
  EXPECT_NEAR(energy["total"].get<double>(),
              energy["activate"].get<double>() + energy["read"].get<double>() +
                  energy["write"].get<double>() + energy["refresh"].get<double>() +
                  energy["background"].get<double>(),
              1e-6);
}

TEST(Dram, ReadsGzipAndWritesTheCommandsItIssued) {
  const TemporaryFolder folder;
  const std::string trace = (folder.path() / "one.trc.gz").string();
  {
    std::ofstream file(trace, std::ios::binary);
    boost::iostreams::filtering_ostream stream;
    stream.push(boost::iostreams::gzip_compressor());
    stream.push(file);
    stream << "0x2000 WRITE 5\n";
  }
  const std::string commands = (folder.path() / "commands.csv").string();
  const CommandResult result = replay(trace, {"--commands", commands});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(content(commands),
            "cycle,cmd,channel,rank,bankgroup,bank,row,col\n"
            "6,ACT,0,0,1,0,0,0\n"
            "28,WR,0,0,1,0,0,0\n");
}

TEST(Dram, NamesTheLinesThatItCannotRead) {
  const TemporaryFolder folder;
  const std::string trace =
      written(folder, "bad.trc", "0x0 READ 5\n0x0 READ 4\n64 READ 6\n0x0 LOAD 7\n0x0 READ 8 9\n");
  const CommandResult result = replay(trace);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(lines_of(result.err),
              ::testing::ElementsAre(trace + ": line 2: goes back in time, after cycle 5",
                                     trace + ": line 3: expected 0xADDRESS READ|WRITE CYCLE",
                                     trace + ": line 4: expected 0xADDRESS READ|WRITE CYCLE",
                                     trace + ": line 5: expected 0xADDRESS READ|WRITE CYCLE"));
}

// 2 ranks x 16 banks x 65536 rows x 128 bursts x 64 bytes.
TEST(Dram, NamesTheLinesThatLieBeyondTheDevice) {
  const TemporaryFolder folder;
  const std::string commands = (folder.path() / "commands.csv").string();
  const std::string last = written(folder, "last.trc", "0x3FFFFFFFF READ 0\n");
  EXPECT_EQ(replay(last).exit_code, 0);
  const std::string beyond =
      written(folder, "beyond.trc", "0x0 READ 0\n0x400000000 READ 0\n0x0 WRITE 1\n");
  const CommandResult result = replay(beyond, {"--commands", commands});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(
      lines_of(result.err),
      ::testing::ElementsAre(beyond + ": line 2: lies beyond the device's 17179869184 bytes"));
  EXPECT_FALSE(std::filesystem::exists(commands));
}

TEST(Dram, NumbersTooLargeForAnyDeviceAreTooLargeAndNoOtherMistake) {
  const TemporaryFolder folder;
  const std::string trace = written(folder, "large.trc",
                                    "0xFFFFFFFFFFFFFFFFFFFF READ 0\n0x7FFFFFFFFFFFFFFF READ 0\n"
                                    "0x0 READ 99999999999999999999\n-0x4 READ 0\n0x READ 0\n");
  const CommandResult result = replay(trace);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(lines_of(result.err),
              ::testing::ElementsAre(trace + ": line 1: lies beyond the device's 17179869184 bytes",
                                     trace + ": line 2: lies beyond the device's 17179869184 bytes",
                                     trace + ": line 3: cycle exceeds 1152921504606846975",
                                     trace + ": line 4: expected 0xADDRESS READ|WRITE CYCLE",
                                     trace + ": line 5: expected 0xADDRESS READ|WRITE CYCLE"));
}

TEST(Dram, AcceptsLineEndingsOfOtherSystemsAndAMissingLastOne) {
  const TemporaryFolder folder;
  const CommandResult result =
      replay(written(folder, "crlf.trc", "0x0 READ 0\r\n\r\n0x40\tREAD  0"), {"--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["requests"], 2);
}

TEST(Dram, RefusesWhatIsNoTrace) {
  const TemporaryFolder folder;
  EXPECT_EQ(replay((folder.path() / "missing").string()).exit_code, 2);
  EXPECT_EQ(replay(folder.path().string()).exit_code, 2);
  EXPECT_EQ(replay(written(folder, "cut.gz", "\x1f\x8b\x08 cut")).exit_code, 2);
  EXPECT_EQ(replay(written(folder, "far.trc", "0x0 READ 99999999999999999999\n")).exit_code, 2);
  EXPECT_EQ(replay(written(folder, "empty.trc", "")).exit_code, 0);
  const std::string good = written(folder, "good.trc", "0x0 READ 0\n");
  EXPECT_EQ(replay(good, {"--channels", "3"}).exit_code, 2);
  EXPECT_EQ(replay(good, {"--profile", "fifo"}).exit_code, 2);
}

// The window is the read's own 48 cycles, whatever lies before: one rank with a row open, the other
// one closed; of one rank that wakes, 10 cycles of tXP closed and then 48 open. mA V chips ns = pJ.
TEST(Dram, EnergyCountsTheWindowOfTheRequestsAndNothingBefore) {
  const TemporaryFolder folder;
  const std::string trace = written(folder, "late.trc", "0x0 READ 1000000\n");
  const CommandResult two = replay(trace, {"--json"});
  ASSERT_EQ(two.exit_code, 0) << two.err;
  json report = json::parse(two.out);
  EXPECT_EQ(report["cycles"], 48);
  EXPECT_EQ(report["commands"]["ACT"], 1);
  EXPECT_EQ(report["commands"]["REF"], 0);
  EXPECT_EQ(report["energy_pj"]["refresh"], 0);
  EXPECT_NEAR(report["energy_pj"]["background"].get<double>(), (52 + 37) * 1.2 * 8 * 48 * 0.63,
              0.01);
  const CommandResult one =
      run_command({"dram", "--device", MXSIM_ROOT "/configs/dram/ddr4-3200.json", "--trace", trace,
                   "--json", "--set", "/power_down/mode=idle"});
  ASSERT_EQ(one.exit_code, 0) << one.err;
  report = json::parse(one.out);
  EXPECT_EQ(report["cycles"], 58);
  EXPECT_EQ(report["commands"]["PDE"], 0);
  EXPECT_EQ(report["commands"]["PDX"], 1);
  EXPECT_EQ(report["power_down_rank_cycles"], 0);
  EXPECT_NEAR(report["energy_pj"]["background"].get<double>(),
              (37 * 10 + 52 * 48) * 1.2 * 8 * 0.625, 0.01);
}

// 40000 bursts of 64 bytes on one 25.6 GB/s bus: the rank bit is the lowest one.
TEST(Dram, RanksInTurnStayBelowThePeak) {
  const TemporaryFolder folder;
  std::string lines;
  for (int i = 0; i < 40000; ++i) lines += fmt::format("0x{:x} READ 0\n", 64 * i);
  const CommandResult result = run_command(
      {"dram", "--device", MXSIM_ROOT "/configs/dram/ddr4-3200.json", "--trace",
       written(folder, "stream.trc", lines), "--json", "--set", "/organisation/ranks=2", "--set",
       R"(/address_map=["row:16","column:7","bank:2","bank_group:2","rank:1"])"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json report = json::parse(result.out);
  EXPECT_GE(report["cycles"], 40000 * 4);
  EXPECT_LE(report["bandwidth_bytes_per_s"], 25.6e9);
}

TEST(Dram, LongIdleTimeCostsNothing) {
  const TemporaryFolder folder;
  const std::string trace =
      written(folder, "far.trc", "0x0 READ 0\n0x0 READ 1000000000000000000\n");
  for (const char* profile : {"frfcfs", "dramsim3"}) {
    const CommandResult result = replay(trace, {"--json", "--profile", profile});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const json report = json::parse(result.out);
    EXPECT_GT(report["cycles"], 1'000'000'000'000'000'000);
    EXPECT_NEAR(report["commands"]["REF"].get<double>(), 2e18 / 12480, 1e4);
  }
}

}  // namespace
}  // namespace mxsim
