#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"
#include "sim/npy/npy_floats.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class T>
std::string npy_file(NpyType type, const Shape& shape, const std::vector<T>& values) {
  return npy_header(type, shape) +
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

std::string float_file(const Shape& shape, const std::vector<float>& values) {
  return npy_file(NpyType::kFloat32, shape, values);
}

class Quantize : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string write(const std::string& name, const std::string& content) const {
    return folder_.write(name, content);
  }
  std::vector<int> bytes_of(const std::string& name) const {
    const NpyArray array = read_npy(path(name));
    std::vector<int> values;
    for (const char byte : array.bytes) values.push_back(static_cast<unsigned char>(byte));
    return values;
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(Quantize, WritesCodesScalesAndValuesOfTheWorkedExample) {
  const std::string in = write("in.npy", float_file({1, 4}, {5.3f, -1.0f, 0.97f, -0.1f}));
  const CommandResult result =
      run_command({"quantize", in, "--format", "mxsf", "-o", path("dq.npy"), "--codes",
                   path("codes.npy"), "--scales", path("scales.npy"), "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(bytes_of("codes.npy"), ElementsAre(0x6a, 0xa0, 0x20, 0x92));
  EXPECT_THAT(bytes_of("scales.npy"), ElementsAre(127));
  const auto values = to_floats(read_npy(path("dq.npy")), "", Float64Rounding::kNearestEven);
  EXPECT_THAT(values, ElementsAre(5.25f, -1.0f, 1.0f, -0.09375f));
  EXPECT_EQ(read_npy(path("dq.npy")).shape, (Shape{1, 4}));
}

TEST_F(Quantize, ReportsErrorSaturationUnderflowAndModes) {
  const std::string in = write("in.npy", float_file({2, 2}, {7.95f, 1.0f, 0x1p-11f, 0.25f}));
  const CommandResult result = run_command({"quantize", in, "--format", "mxsf", "--json"});
  const auto report = nlohmann::json::parse(result.out);
  EXPECT_EQ(report["elements"], 4);
  EXPECT_EQ(report["blocks"], 1);
  EXPECT_EQ(report["saturated"], 1);
  EXPECT_EQ(report["underflowed"], 1);
  EXPECT_EQ(report["modes"], (nlohmann::json{{"e2m5", 2}, {"e3m2", 2}}));
  const double last = 7.95f;
  const double signal = last * last + 1 + 0x1p-22 + 0.0625;
  const double noise = (last - 7.875) * (last - 7.875) + 0x1p-22;
  EXPECT_NEAR(report["sqnr_db"].get<double>(), 10 * std::log10(signal / noise), 1e-9);
}

TEST_F(Quantize, AnExactArrayHasNoSignalToNoiseRatio) {
  const std::string in = write("in.npy", float_file({1, 2}, {1, 2}));
  const CommandResult result = run_command({"quantize", in, "--format", "mxsf", "--json"});
  EXPECT_TRUE(nlohmann::json::parse(result.out)["sqnr_db"].is_null());
}

TEST_F(Quantize, GivenRandomWordsDecideStochasticRounding) {
  const std::string in = write("in.npy", float_file({1, 3}, {4.0f, 4.0625f, 4.0625f}));
  const std::string words =
      write("r.npy", npy_file<std::uint16_t>(NpyType::kUint16, {1, 3}, {65535, 32767, 32768}));
  const CommandResult result = run_command({"quantize", in, "--format", "mxsf", "--rounding", "sr",
                                            "--random", words, "--codes", path("codes.npy")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(bytes_of("codes.npy"), ElementsAre(0x60, 0x60, 0x61));
}

TEST_F(Quantize, BlockAndScaleRuleAreOptions) {
  const std::string in = write("in.npy", float_file({2, 2}, {7.95f, 1, 0.5f, 1}));
  const CommandResult result = run_command({"quantize", in, "--format", "mxsf", "--block", "1x2",
                                            "--scale-rule", "up", "--scales", path("scales.npy")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(bytes_of("scales.npy"), ElementsAre(128, 125));
}

struct Refusal {
  std::vector<std::string> arguments;
  std::string message;
};

TEST_F(Quantize, WrongArgumentsEndWithTwoAndWriteNothing) {
  const std::string in = write("in.npy", float_file({1, 2}, {1, 2}));
  const std::string words = write("words.npy", npy_file<std::uint16_t>(NpyType::kUint16, {1}, {7}));
  const Refusal kRefusals[] = {
      {{"--format", "mxfs"}, "unknown format \"mxfs\", did you mean \"mxsf\"?\n"},
      {{"--format", "mxsf", "--block", "8"},
       "--block: got \"8\", expected ROWSxCOLUMNS such as 8x8, each 1..1048576\n"},
      {{"--format", "mxsf", "--block", "0x8"},
       "--block: got \"0x8\", expected ROWSxCOLUMNS such as 8x8, each 1..1048576\n"},
      {{"--format", "bf16", "--block", "8x8"}, "--block: format bf16 has no block scale\n"},
      {{"--format", "mx9", "--block", "1x3"},
       "--block: format mx9 needs blocks of whole sub-blocks (1x2)\n"},
      {{"--format", "int8", "--scale-rule", "up"},
       "--scale-rule: format int8 has no power-of-two block scale\n"},
      {{"--format", "mxsf", "--rounding", "rnd"},
       "unknown rounding \"rnd\": rne, rna, rnz, rtz or sr, did you mean \"rne\"?\n"},
      {{"--format", "mxsf", "--random", words}, "--random: is for --rounding sr\n"},
      {{"--format", "mxsf", "--rounding", "sr", "--random", words},
       words + ": holds 1 words, expected one for each of 2 elements\n"},
      {{"--format", "mxsf", "--rounding", "sr", "--random", in},
       in + ": holds float32, expected uint16\n"},
      {{"--format", "bf16", "--scales", path("part.npy")},
       "--scales: format bf16 has no block scale\n"},
      {{"--format", "mxsf", "--zero-points", path("part.npy")},
       "--zero-points: format mxsf has no zero points\n"},
      {{"--format", "uint8", "--offsets", path("part.npy")},
       "--offsets: format uint8 has no sub-block offsets\n"},
  };
  for (const Refusal& refusal : kRefusals) {
    std::vector<std::string> arguments{"quantize", in, "-o", path("out.npy")};
    arguments.insert(arguments.end(), refusal.arguments.begin(), refusal.arguments.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.err, refusal.message);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(path("out.npy")));
    EXPECT_FALSE(std::filesystem::exists(path("part.npy")));
  }
}

TEST_F(Quantize, OutputsThatAreTheInputOrEachOtherAreRefused) {
  const std::string content = float_file({1, 2}, {1, 2});
  const std::string in = write("in.npy", content);
  std::filesystem::create_symlink(in, path("link.npy"));
  std::filesystem::create_directory_symlink(path(""), path("same"));
  const std::string out = path("out.npy");
  const std::string aliased = path("same/out.npy");
  const Refusal kRefusals[] = {
      {{"-o", in}, "--output: " + in + " is also the input\n"},
      {{"--codes", path("link.npy")}, "--codes: " + path("link.npy") + " is also the input\n"},
      {{"-o", out, "--codes", out}, "--codes: " + out + " is also the file of --output\n"},
      {{"--codes", out, "--scales", aliased},
       "--scales: " + aliased + " is also the file of --codes\n"},
  };
  for (const Refusal& refusal : kRefusals) {
    std::vector<std::string> arguments{"quantize", in, "--format", "mxsf"};
    arguments.insert(arguments.end(), refusal.arguments.begin(), refusal.arguments.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.err, refusal.message);
    EXPECT_FALSE(std::filesystem::exists(out));
    EXPECT_EQ(read_npy(in).bytes.size(), 8u);
  }
}

TEST_F(Quantize, ADeviceIsNoOutput) {
  const std::string in = write("in.npy", float_file({1, 2}, {1, 2}));
  const CommandResult result = run_command({"quantize", in, "--format", "mxsf", "-o", "/dev/null"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "/dev/null: is not a regular file\n");
}

TEST_F(Quantize, ReportsTheTensorScaleOfFormatsThatHaveOne) {
  const std::string in = write("in.npy", float_file({1, 2}, {5376, 1}));
  const auto json = [&](const std::string& format) {
    return nlohmann::json::parse(run_command({"quantize", in, "--format", format, "--json"}).out);
  };
  EXPECT_EQ(json("nvfp4")["tensor_scale"], 2.0);  // 5376 = 2 * 448 * 6
  EXPECT_TRUE(json("mxsf")["tensor_scale"].is_null());
  EXPECT_THAT(run_command({"quantize", in, "--format", "nvfp4"}).out, HasSubstr("tensor scale"));
}

TEST_F(Quantize, AnArchiveIsRefusedByName) {
  const std::string in = write("in.npz", std::string("PK\x03\x04", 4) + std::string(100, '\0'));
  const CommandResult result = run_command({"quantize", in, "--format", "mxsf"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, in + ": an .npz archive: unpack it and name one of its .npy files\n");
}

// More rows than a band holds, so that codes, scales and words come in pieces.
TEST_F(Quantize, ALongArrayIsWhatTheQuantizerMakesOfItAsAWhole) {
  const Shape shape{700, 500};
  std::vector<float> values;
  for (int i = 0; i < 700 * 500; ++i) values.push_back(static_cast<float>(std::sin(i * 0.37) * i));
  const std::string in = write("in.npy", float_file(shape, values));
  const CommandResult result =
      run_command({"quantize", in, "--format", "mxsf", "--rounding", "sr", "--seed", "3", "--codes",
                   path("codes.npy"), "--scales", path("scales.npy")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const QuantizedMatrix expected =
      quantize(values, 700, 500, default_layout(parse_format("mxsf")),
               {.rounding = Rounding::kStochastic, .random = {}, .seed = 3});
  EXPECT_EQ(bytes_of("codes.npy"), std::vector<int>(expected.codes.begin(), expected.codes.end()));
  EXPECT_EQ(bytes_of("scales.npy"),
            std::vector<int>(expected.scales.begin(), expected.scales.end()));
  EXPECT_EQ(read_npy(path("scales.npy")).shape, (Shape{88, 63}));
}

TEST_F(Quantize, AFolderIsNoOutput) {
  const std::string in = write("in.npy", float_file({1, 2}, {1, 2}));
  const CommandResult result = run_command({"quantize", in, "--format", "mxsf", "-o", path("")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, path("") + ": is a folder\n");
}

TEST_F(Quantize, InfinitiesAreNoBinade) {
  const std::string in = write("in.npy", float_file({1, 2}, {1e6f, 1}));
  const auto report =
      nlohmann::json::parse(run_command({"quantize", in, "--format", "fp16", "--json"}).out);
  EXPECT_EQ(report["saturated"], 1);
  EXPECT_EQ(report["binades"], (nlohmann::json{{{"exponent", 0}, {"elements", 1}}}));
}

TEST_F(Quantize, APlaceThatCannotBeWrittenLeavesNoOtherOutput) {
  const std::string in = write("in.npy", float_file({1, 2}, {1, 2}));
  const CommandResult result = run_command({"quantize", in, "--format", "mxsf", "-o",
                                            path("dq.npy"), "--codes", path("none/codes.npy")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr(path("none/codes.npy") + ": cannot be written"));
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path(""))) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(names, ElementsAre("in.npy"));
}

TEST(Formats, ListsEveryRowOfTheTableAndAnyNamedFormat) {
  const auto all = nlohmann::json::parse(run_command({"formats", "--json"}).out);
  ASSERT_EQ(all.size(), format_table().size());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i]["name"], format_table()[i].name);
  const auto one = nlohmann::json::parse(run_command({"formats", "mxsf", "--json"}).out);
  EXPECT_EQ(one[0]["bits_per_element"], 8.125);
  EXPECT_EQ(one[0]["exact_dot_32_bits"], 30);
  EXPECT_THAT(run_command({"formats", "e3m4b7fn"}).out, HasSubstr("1.875"));
  EXPECT_EQ(run_command({"formats", "e3m4b7f"}).exit_code, 2);
}

nlohmann::json listed(const std::string& name, const std::string& terms = "32") {
  return nlohmann::json::parse(run_command({"formats", name, "--terms", terms, "--json"}).out)[0];
}

// arXiv 2311.12359, table of lossless accumulators for 4608 products.
TEST(Formats, GivesThePublishedWidthsOfLosslessAccumulators) {
  EXPECT_EQ(listed("int8", "4608")["lossless_accumulator_bits"], 30);
  EXPECT_EQ(listed("e2m1fin", "4608")["lossless_accumulator_bits"], 22);
  EXPECT_EQ(listed("e5m2fin", "4608")["lossless_accumulator_bits"], 80);
  EXPECT_EQ(listed("mxsf", "64")["exact_dot_bits"], 31);
}

TEST(Formats, PricesThePeOfEveryFormatAndTheExactOneWhereItExists) {
  for (const auto& row : nlohmann::json::parse(run_command({"formats", "--json"}).out)) {
    const auto& fp32 = row["pe"]["fp32"];
    EXPECT_GT(fp32["mac_pj"]["value"], 0) << row["name"];
    EXPECT_GE(fp32["mac_pj"]["value"], fp32["mac_pj"]["low"]) << row["name"];
    EXPECT_LE(fp32["area_um2"]["value"], fp32["area_um2"]["high"]) << row["name"];
  }
  EXPECT_LT(listed("mxsf")["pe"]["exact_block"]["mac_pj"]["value"],
            listed("mxsf")["pe"]["fp32"]["mac_pj"]["value"]);
  EXPECT_TRUE(listed("bf16")["pe"]["exact_block"].is_null());
}

TEST(Formats, ScalesThePeWithTheTechnologyFile) {
  const auto small = nlohmann::json::parse(
      run_command({"formats", "mxsf", "--technology", "configs/technology/22nm.json", "--json"})
          .out)[0];
  EXPECT_LT(small["pe"]["fp32"]["area_um2"]["value"],
            listed("mxsf")["pe"]["fp32"]["area_um2"]["value"]);
  EXPECT_EQ(run_command({"formats", "--technology", "none.json"}).err, "none.json: no such file\n");
}

}  // namespace
}  // namespace mxsim
