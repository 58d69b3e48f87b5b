#include "sim/import/scalesim_topology.h"

#include <gtest/gtest.h>

#include "models/workload/shaped_graph.h"
#include "sim/config/trace_reader.h"
#include "sim/import/scalesim_export.h"
#include "sim/json/strict_json.h"
#include "tests/support/diagnostics.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

ImportedNetwork read(std::string_view text) { return read_scalesim_topology(text, "t"); }

std::int64_t macs(const Graph& graph) { return shape_graph(graph, 1).macs; }

Graph wild(const std::string& name) {
  return read_scalesim_topology(read_text_file(MXSIM_TEST_DATA "/import/" + name), name).graph;
}

const std::string kTitles =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
    "Strides,\n";

TEST(ScaleSimTopology, FilesFromTheWildHaveTheMacsOfTheirRows) {
  EXPECT_EQ(macs(wild("Resnet18.csv")), 1438384832);
  EXPECT_EQ(wild("Resnet18.csv").layers.size(), 21U);
  EXPECT_EQ(macs(wild("mobilenet.csv")), 565077408);
  EXPECT_EQ(macs(wild("gpt2_gemm.csv")), 20686307328);
}

TEST(ScaleSimTopology, SizesThatAreSymbolsAreToldRowByRow) {
  const Lines faults = fault_lines([] { wild("lstm_letters.csv"); });
  ASSERT_EQ(faults.size(), 11U);
  EXPECT_EQ(faults[0],
            "line 2: layer \"LSTM_igate_h\": IFMAP Width is \"B\", Channels is \"H\", Num Filter "
            "is \"H\" (expected 1..4294967296)");
}

TEST(ScaleSimTopology, MarksLineEndsBlankRowsAndTitlesDoNotMatter) {
  const std::string clean = kTitles + "a,8,8,3,3,4,5,1,\nb,6,6,1,1,5,7,2,\n";
  const std::string wild_text = "\xEF\xBB\xBF" + kTitles +
                                "\r\n,,,,,,,\r\n\"a\", 8 ,8,3,3,4,5.0,1\r\nSecond part,,,\r\n" +
                                kTitles + "b,6,6,1,1,5,7,2,2:4,remark\r\n";
  // a: 6 x 6 x 3 x 3 x 4 x 5; b: 3 x 3 x 5 x 7
  EXPECT_EQ(macs(read(clean).graph), 6480 + 315);
  EXPECT_EQ(macs(read(wild_text).graph), 6480 + 315);
}

TEST(ScaleSimTopology, OtherSeparatorsAndOrdersOfColumnsAreRead) {
  EXPECT_EQ(macs(read("Layer;M;N;K\na;2;3;5\n").graph), 30);
  EXPECT_EQ(macs(read("K\tLayer\tN\tM\n5\ta\t3\t2\n").graph), 30);
}

TEST(ScaleSimTopology, AFirstRowOfNumbersIsALayer) {
  EXPECT_EQ(macs(read("a,8,8,3,3,4,5,1,\n").graph), 6480);
  EXPECT_EQ(macs(read("a,2,3,5,\n").graph), 30);
}

TEST(ScaleSimTopology, ABatchThatAllRowsShareIsLeftToTheRun) {
  const ImportedNetwork shared = read("Layer,Batch,M,N,K\na,4,2,3,5\nb,4,1,1,1\n");
  EXPECT_EQ(macs(shared.graph), 31);
  EXPECT_EQ(shared.notes, Lines{"the file's batch is 4: run it with --batch 4"});
  EXPECT_EQ(macs(read("Layer,Batch,M,N,K\na,4,2,3,5\nb,2,1,1,1\n").graph), 4 * 30 + 2);
}

TEST(ScaleSimTopology, DepthwiseRowsAreKnownByTheirName) {
  const Graph graph = read(kTitles + "conv2_DP,10,10,3,3,6,1,1,\n").graph;
  EXPECT_EQ(macs(graph), 8 * 8 * 9 * 6);
  EXPECT_EQ(shape_graph(graph, 1).layers[0].output_shapes[0], (Shape{1, 6, 8, 8}));
}

TEST(ScaleSimTopology, FiltersLargerThanTheirInputAndShortRowsAreRefused) {
  EXPECT_EQ(fault_lines([] { read(kTitles + "a,2,2,3,3,4,5,1,\n"); }),
            Lines{"line 2: layer \"a\": filter 3x3 is larger than the input 2x2"});
  EXPECT_EQ(fault_lines([] { read(kTitles + "a,2,2,1,1,\n"); }),
            Lines{"line 2: layer \"a\": Channels is missing, Num Filter is missing, Strides is "
                  "missing (expected 1..4294967296)"});
  EXPECT_EQ(fault_lines([] { read("nothing here\n"); }),
            Lines{"no row is a layer of a SCALE-Sim topology"});
}

TEST(ScaleSimTopology, WhatIsExportedHasTheSameMacsAgain) {
  for (const std::string trace : {"resnet18", "mobilenet_v2", "alexnet", "deit_tiny"}) {
    const Graph graph = load_trace(MXSIM_ROOT "/traces/" + trace + ".json");
    for (const TopologyForm form : {TopologyForm::kConvolution, TopologyForm::kGemm}) {
      EXPECT_EQ(macs(read(scalesim_topology(graph, form)).graph), macs(graph)) << trace;
    }
  }
}

}  // namespace
}  // namespace mxsim
