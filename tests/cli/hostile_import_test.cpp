// Networks from elsewhere whose few bytes ask for years of work, or for more memory than there is.
#include <gmock/gmock.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/config/trace_reader.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// The wire format of protocol buffers.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string number(std::uint64_t field, std::uint64_t value) {
  return varint(field << 3) + varint(value);
}
std::string bytes(std::uint64_t field, const std::string& content) {
  return varint(field << 3 | 2) + varint(content.size()) + content;
}

// Messages of onnx.proto.
std::string node(const std::string& op, const std::string& input, const std::string& output,
                 const std::string& domain = "") {
  return bytes(1, input) + bytes(2, output) + bytes(4, op) + bytes(7, domain);
}
std::string tensor(const std::string& name, std::uint64_t extent, const std::string& more) {
  return number(1, extent) + number(2, 7) + bytes(8, name) + more;  // INT64
}
std::string value(const std::string& name) {
  const std::string shape = bytes(1, number(1, 1)) + bytes(1, number(1, 8));
  return bytes(1, name) + bytes(2, bytes(1, number(1, 1) + bytes(2, shape)));
}
std::string model(const std::string& nodes, const std::string& more = "") {
  const std::string graph = nodes + bytes(2, "g") + bytes(11, value("x")) + bytes(12, value("y"));
  return number(1, 8) + bytes(7, graph) + bytes(8, number(2, 13)) +
         bytes(8, bytes(1, "f") + number(2, 1)) + more;
}
std::string function(const std::string& name, const std::string& nodes) {
  return bytes(25, bytes(1, name) + bytes(4, "a") + bytes(5, "b") + nodes +
                       bytes(9, number(2, 13)) + bytes(10, "f"));
}

const std::string kRelu = bytes(1, node("Relu", "x", "y"));

class HostileImport : public testing::Test {
 protected:
  /// What the import of a file is refused with, behind the file's name.
  std::string refusal(const std::string& name, const std::string& content) const {
    const std::string path = folder_.write(name, content);
    const std::string out = (folder_.path() / "out.json").string();
    const CommandResult result = run_command({"trace", "import", path, "-o", out});
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_FALSE(fs::exists(out));
    const std::vector<std::string> lines = lines_of(result.err);
    if (lines.empty() || !lines.front().starts_with(path + ": ")) return result.err;
    return lines.front().substr(path.size() + 2);
  }

  TemporaryFolder folder_;
};

TEST_F(HostileImport, AModelOfNothingMoreIsGood) {
  const std::string out = (folder_.path() / "out.json").string();
  const CommandResult result =
      run_command({"trace", "import", folder_.write("m.onnx", model(kRelu)), "-o", out});
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

/// 2^20 nodes in a kilobyte.
TEST_F(HostileImport, FunctionsThatCallEachOtherTwiceAreCounted) {
  std::string functions;
  for (int i = 0; i < 14; ++i) {
    const std::string next = "f" + std::to_string(i + 1);
    std::string calls;
    for (int call = 0; call < 8; ++call) {
      const std::string from = call == 0 ? "a" : "t" + std::to_string(call);
      const std::string to = call == 7 ? "b" : "t" + std::to_string(call + 1);
      calls += bytes(7, node(next, from, to, "f"));
    }
    functions += function("f" + std::to_string(i), calls);
  }
  functions += function("f14", bytes(7, node("Relu", "a", "b")));
  EXPECT_THAT(refusal("m.onnx", model(bytes(1, node("f0", "x", "y", "f")), functions)),
              HasSubstr("functions and branches are too large when they are spelled out"));
}

/// libonnx read the extents of a window beyond the weights' last.
TEST_F(HostileImport, WindowsHaveAnExtentForEveryAxis) {
  const std::string weights =
      bytes(5, number(1, 4) + number(2, 1) + bytes(8, "w") + bytes(9, std::string(16, '\0')));
  const std::string conv =
      bytes(1, "x") + bytes(1, "w") + bytes(2, "y") + bytes(4, "ConvTranspose");
  EXPECT_EQ(refusal("m.onnx", model(bytes(1, conv) + weights)),
            "ConvTranspose \"y\": weights of 1 axes for an input of 2");
}

/// Each takes two bytes of the file and a hundred of memory.
TEST_F(HostileImport, MessagesAreCountedBeforeTheyAreBuilt) {
  const auto empty = [](std::uint64_t field, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += bytes(field, "");
    return all;
  };
  constexpr int kMany = 5'000'000;
  EXPECT_EQ(refusal("m.onnx", model(kRelu, bytes(25, empty(7, 300'000)))),
            "more than 200000 nodes");
  EXPECT_EQ(refusal("m.onnx", model(kRelu + empty(5, kMany))),
            "more than 4194304 messages and texts");
  EXPECT_EQ(refusal("m.onnx", model(bytes(1, node("Relu", "x", "y") + empty(1, kMany)))),
            "more than 4194304 messages and texts");
  EXPECT_EQ(refusal("m.onnx", model(kRelu, empty(999, kMany))),
            "more than 4194304 messages and texts");
}

/// 2^61 elements of 8 bytes are 2^64 bytes: none, where sizes wrap.
TEST_F(HostileImport, SizesOfStoredTensorsDoNotWrap) {
  const std::uint64_t extent = std::uint64_t{1} << 61;
  const std::string path = folder_.write("m.onnx", model(kRelu));
  fs::create_directory(folder_.path() / "data");
  folder_.write("data/input_0.pb", tensor("x", extent, bytes(9, "")));
  folder_.write("data/output_0.pb", tensor("y", extent, bytes(9, "")));
  const CommandResult result =
      run_command({"verify", path, "--data", (folder_.path() / "data").string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, path + ": \"x\": its elements are no numbers\n");
}

TEST_F(HostileImport, NamesThatNoTraceMayHaveAreNotWritten) {
  EXPECT_EQ(refusal("t.csv", "\x1b[31m,4,4,4\n"),
            "/inputs/0/name: control character U+001B in a text");
  EXPECT_EQ(refusal("t.csv", std::string(600, 'x') + ",4,4,4\n"),
            "/layers/0/name: a name of 600 bytes, expected at most 500");
}

TEST_F(HostileImport, NamesOfAModelHoldNoControlCharacters) {
  const auto named = [](const std::string& name) {
    return model(bytes(1, node("Relu", "x", "y") + bytes(3, name)));
  };
  EXPECT_EQ(refusal("m.onnx", named("\x1b[31m")),
            "onnx.NodeProto.name \"\\x1b[31m\": control character U+001B");
  EXPECT_EQ(refusal("m.onnx", named("\xff")), "onnx.NodeProto.name \"\\xff\": not UTF-8");
}

/// Names took the square of their number: this many, a minute.
TEST_F(HostileImport, RowsOfOneNameAreNumbered) {
  constexpr int kRows = 20'000;
  std::string rows;
  for (int i = 0; i < kRows; ++i) rows += "a,1,1,1\n";
  const std::string out = (folder_.path() / "out.json").string();
  const CommandResult result =
      run_command({"trace", "import", folder_.write("t.csv", "a_2,1,1,1\n" + rows), "-o", out});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Graph graph = load_trace(out);
  ASSERT_EQ(graph.layers.size(), kRows + 1u);
  EXPECT_EQ(graph.layers[0].name, "a_2");
  EXPECT_EQ(graph.layers[1].name, "a");
  EXPECT_EQ(graph.layers[2].name, "a_3");
  EXPECT_EQ(graph.layers.back().name, "a_" + std::to_string(kRows + 1));
}

TEST_F(HostileImport, FaultsOfATopologyAreCutShort) {
  std::string rows;
  for (int i = 0; i < 1000; ++i) rows += "a" + std::to_string(i) + ",0,0,0\n";
  const CommandResult result = run_command({"trace", "import", folder_.write("t.csv", rows), "-o",
                                            (folder_.path() / "out.json").string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(lines_of(result.err).size(), 200u);
}

}  // namespace
}  // namespace mxsim
