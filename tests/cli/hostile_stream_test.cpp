// Inputs without an end, of an absurd size, or that another program would read otherwise.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/json/strict_json.h"
#include "sim/npy/npy_array.h"
#include "sim/npy/npz_file.h"
#include "tests/support/command.h"
#include "tests/support/small_data.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kRun = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";
constexpr const char* kDevice = MXSIM_ROOT "/configs/dram/ddr4-3200.json";

/// The one line that a command is refused with.
std::string refusal(const std::vector<std::string>& arguments) {
  const CommandResult result = run_command(arguments);
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(lines_of(result.err).size(), 1u) << result.err;
  return result.err.substr(0, result.err.size() - 1);
}

std::string replay(const std::string& trace, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"dram", "--device", kDevice, "--trace", trace};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return refusal(arguments);
}

TEST(HostileStream, TracesAreRegularFiles) {
  const TemporaryFolder folder;
  const std::string fifo = (folder.path() / "fifo").string();
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(replay(fifo), fifo + ": is not a regular file");
  EXPECT_EQ(replay("/dev/zero"), "/dev/zero: is not a regular file");
  EXPECT_EQ(replay(folder.path().string()), folder.path().string() + ": is not a regular file");
}

TEST(HostileStream, AnEndlessLineEndsTheReading) {
  const TemporaryFolder folder;
  const std::string path = folder.write("t.trc", "0x0 READ 0\n");
  fs::resize_file(path, std::uintmax_t{1} << 40);  // a hole of zeros
  EXPECT_EQ(replay(path), path + ": line 2: more than 65536 bytes");
}

TEST(HostileStream, ALogOfRefreshesIsBounded) {
  const TemporaryFolder folder;
  const std::string log = (folder.path() / "log.csv").string();
  const std::string far = folder.write("far.trc", "0x0 READ 1152921504606846975\n");
  EXPECT_EQ(replay(far, {"--commands", log}),
            far +
                ": line 1: cycle exceeds 124800000000: --commands would hold more than 10000000 "
                "refreshes");
  EXPECT_FALSE(fs::exists(log));
  const CommandResult unlogged =
      run_command({"dram", "--device", kDevice, "--trace", far, "--json"});
  ASSERT_EQ(unlogged.exit_code, 0) << unlogged.err;
  EXPECT_GT(json::parse(unlogged.out)["energy_pj"]["total"].get<double>(), 0);
}

TEST(HostileStream, JsonEndsWithItsFile) {
  const TemporaryFolder folder;
  const std::string good = read_text_file(MXSIM_ROOT "/configs/chips/tiny-8x8.json");
  const std::string path = folder.write("nul.json", good + std::string("\0garbage", 8));
  EXPECT_THAT(refusal({"check", path}), HasSubstr(path + ": control character U+0000 at line "));
}

TEST(HostileStream, ArgumentsAreUtf8) {
  EXPECT_EQ(refusal({"run", kRun, "--format", "mx\xff"}), "argument 4, \"mx\\xff\": not UTF-8");
  EXPECT_EQ(refusal({"check", "\xc3(.json"}), "argument 2, \"\\xc3(.json\": not UTF-8");
  EXPECT_THAT(refusal({"run", kRun, "--set", "/seed=\xed\xa0\x80"}), HasSubstr("not UTF-8"));
}

/// A sparse file: the row would take more memory than most machines have.
TEST(HostileStream, AnEnormousRowIsRefused) {
  const TemporaryFolder folder;
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3000000000), }";
  header.append(128 - 10 - header.size() - 1, ' ');
  header += '\n';
  std::string start("\x93NUMPY\x01\x00", 8);
  start += static_cast<char>(header.size());
  start += '\0';
  const std::string path = folder.write("big.npy", start + header);
  fs::resize_file(path, 128 + std::uintmax_t{12'000'000'000});
  EXPECT_EQ(refusal({"quantize", path, "--format", "mxsf"}),
            path +
                ": 1 row of 3000000000 elements are cast together, expected at most 268435456 "
                "elements");
}

/// One of them made the mean of all samples none, and every loss with it.
TEST(HostileStream, SamplesAreFinite) {
  const TemporaryFolder folder;
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    std::array<float, 64> pixels{};
    pixels[5] = bad;
    const std::string path =
        folder.write("x_train.npy",
                     npy_header(NpyType::kFloat32, {1, 1, 8, 8}) +
                         std::string(reinterpret_cast<const char*>(pixels.data()), sizeof pixels));
    folder.write("y_train.npy", npy_header(NpyType::kUint8, {1}) + '\x01');
    EXPECT_EQ(refusal({"train", mxsim::testing::write_quarters_run(folder), "--data",
                       folder.path().string(), "--out", (folder.path() / "out").string()}),
              path + ": element 5 is no finite number (of binary32)");
  }
}

/// The hash of the run is no secret.
TEST(HostileStream, AChangedCheckpointIsRefused) {
  const TemporaryFolder folder;
  mxsim::testing::write_quarters(folder, 32, 8);
  const std::string path = (folder.path() / "out/bf16-seed1.npz").string();
  const std::vector<std::string> train{"train",
                                       mxsim::testing::write_quarters_run(folder),
                                       "--data",
                                       folder.path().string(),
                                       "--formats",
                                       "bf16",
                                       "--epochs",
                                       "1",
                                       "--resume",
                                       "--out",
                                       (folder.path() / "out").string()};
  ASSERT_EQ(run_command(train).exit_code, 0);
  const NpzArrays good = read_npz(path);
  const auto refused = [&](const NpzArrays& changed) {
    write_npz(path, changed);
    return refusal(train);
  };
  NpzArrays arrays = good;
  arrays.erase("fc.bias");
  EXPECT_EQ(refused(arrays), path + ": no \"fc.bias\"");
  arrays = good;
  arrays["fc.bias"] = flat_array(NpyType::kFloat32, std::vector<float>{1});
  EXPECT_EQ(refused(arrays), path + ": \"fc.bias\" has 1 elements, expected 4");
  arrays = good;
  arrays["more"] = good.at("fc.bias");
  EXPECT_EQ(refused(arrays), path + ": \"more\" is no tensor of the network");
  arrays = good;
  for (const char* name : {"__accuracy", "__loss"}) {
    arrays[name] = flat_array(NpyType::kFloat64, std::vector<double>{0.5, 0.5});
  }
  EXPECT_EQ(refused(arrays), path + ": 2 epochs, expected at most 1");
  write_npz(path, good);
  EXPECT_EQ(run_command(train).exit_code, 0);
}

TEST(HostileStream, TextsInFilesHoldNoControlCharacters) {
  const TemporaryFolder folder;
  json trace = json::parse(read_text_file(MXSIM_ROOT "/traces/tiny_cnn.json"));
  for (const auto& [name, code] :
       {std::pair{"x\x1b[31m", "001B"}, std::pair{"a\nb", "000A"}, std::pair{"\xc2\x9b", "009B"}}) {
    trace["name"] = name;
    const std::string path = folder.write("trace.json", trace.dump());
    EXPECT_EQ(refusal({"check", path}),
              path + ": /name: control character U+" + code + " in a text");
  }
  trace["name"] = "\xe2\x80\xae";
  const std::string path = folder.write("trace.json", trace.dump());
  EXPECT_EQ(refusal({"check", path}), path + ": /name: invisible character U+202E in a text");
  EXPECT_EQ(refusal({"run", kRun, "--set", "/workload/name=\x1b[31m"}),
            "--set: /workload/name: control character U+001B in a text");
}

TEST(HostileStream, NothingOfACommandLineReachesATerminalRaw) {
  const std::string escape = "\x1b[31m";
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{escape},
                                             {"run", kRun, "--" + escape},
                                             {"run", escape + ".json"},
                                             {"run", kRun, "--set", escape},
                                             {"run", kRun, "--format", escape},
                                             {"run", kRun, "--out", "/proc/" + escape},
                                             {"dram", "--device", kDevice, "--trace", escape},
                                             {"describe", escape},
                                             {"gemm", "1", "1", "1", "--array", escape}}) {
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.out + result.err, Not(HasSubstr("\x1b"))) << result.err;
    EXPECT_THAT(result.err, HasSubstr("\\x1b")) << result.err;
  }
}

TEST(HostileStream, NamesAreShort) {
  const TemporaryFolder folder;
  json trace = json::parse(read_text_file(MXSIM_ROOT "/traces/tiny_cnn.json"));
  trace["layers"][0]["name"] = std::string(50'000, 'a');
  const std::string path = folder.write("trace.json", trace.dump());
  EXPECT_THAT(run_command({"check", path}).err,
              HasSubstr(path + ": /layers/0/name: a name of 50000 bytes, expected at most 500"));
}

TEST(HostileStream, PricesBeyondAllMeasureAreRefused) {
  const std::string key = "/chip/technology/vector/add/";
  EXPECT_THAT(
      run_command({"run", kRun, "--set", key + "value=1e308", "--set", key + "high=1e308"}).err,
      HasSubstr("--set: " + key + "value: got 1e+308, expected a number of at most 1e+18"));
}

TEST(HostileStream, ADeviceThatNeverGetsToItsDataIsRefused) {
  EXPECT_THAT(refusal({"dram", "--device", kDevice, "--traffic", "random:2:1", "--set",
                       "/parameters/tRCD/value=7450000"}),
              HasSubstr("/refresh/interval: got 12480 cycles between refreshes of a bank, expected "
                        "at least "));
  EXPECT_THAT(
      run_command({"run", kRun, "--set", "/chip/dram/device/parameters/tRCD/value=8000000"}).err,
      HasSubstr("/refresh/interval: got 6246 cycles between refreshes of a bank"));
}

TEST(HostileStream, CheckMapsAndPlaces) {
  const TemporaryFolder folder;
  json run = json::parse(read_text_file(kRun));
  const fs::path configs = fs::absolute(MXSIM_ROOT "/configs/runs");
  for (const char* key : {"chip", "workload"}) {
    run[key] = (configs / run[key].get<std::string>()).lexically_normal().string();
  }
  const std::string chip_file = run["chip"];
  json chip = json::parse(read_text_file(chip_file));
  chip["buffers"]["accumulator"]["bytes"] = 64;
  chip["technology"] = fs::absolute(MXSIM_ROOT "/configs/technology/45nm.json").string();
  chip["dram"]["device"] = fs::absolute(MXSIM_ROOT "/configs/dram/lpddr4-3200.json").string();
  run["chip"] = folder.write("chip.json", chip.dump());
  const CommandResult narrow = run_command({"check", folder.write("run.json", run.dump())});
  EXPECT_EQ(narrow.exit_code, 2);
  EXPECT_EQ(narrow.out, "");
  EXPECT_THAT(lines_of(narrow.err).front(),
              HasSubstr((folder.path() / "chip.json").string() + ": /buffers: layer \""));
  run["chip"] = (configs / "../chips/mxsafe-32x32.json").lexically_normal().string();
  run["workload"] = (configs / "../../traces/resnet18.json").lexically_normal().string();
  run["batch"] = 4096;
  const CommandResult large = run_command({"check", folder.write("run.json", run.dump()), kRun});
  EXPECT_EQ(large.exit_code, 2);
  EXPECT_THAT(large.out, Not(HasSubstr(folder.path().string())));
  EXPECT_THAT(large.err, HasSubstr(": /dram: the run needs "));
}

}  // namespace
}  // namespace mxsim
