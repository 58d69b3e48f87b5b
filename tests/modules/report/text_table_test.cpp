#include "sim/report/text_table.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "sim/report/comparison_table.h"
#include "tests/support/command.h"

namespace mxsim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TextTable sample() {
  TextTable table({{"layer"},
                   {"cycles", Align::kRight},
                   {"share", Align::kRight, 1},
                   {"MMAC", Align::kRight, 2}});
  table.add_row({"conv1", "1200", "10.5", "7"});
  table.add_row({"fc", "8", "0.1", "1234"});
  return table;
}

TEST(TextTable, LinesUpItsColumns) {
  EXPECT_THAT(lines_of(sample().text()), ElementsAre("layer  cycles  share  MMAC",  //
                                                     "conv1    1200   10.5     7",  //
                                                     "fc          8    0.1  1234"));
  EXPECT_EQ(sample().width(), 26u);
}

TEST(TextTable, LeavesOutColumnsOfTheHighestRankUntilTheLinesFit) {
  const TextTable table = sample();
  EXPECT_THAT(lines_of(table.text(Colour::kOff, 25)),
              ElementsAre("layer  cycles  share", "conv1    1200   10.5", "fc          8    0.1"));
  EXPECT_THAT(table.left_out(25), ElementsAre("MMAC"));
  EXPECT_THAT(table.left_out(26), IsEmpty());
  // Columns of rank 0 stay, however narrow the terminal is.
  EXPECT_THAT(lines_of(table.text(Colour::kOff, 1)),
              ElementsAre("layer  cycles", "conv1    1200", "fc          8"));
  EXPECT_THAT(table.left_out(1), ElementsAre("share", "MMAC"));
}

TEST(TextTable, PartsRepeatTheFixedColumnsAndHoldEveryOtherOnce) {
  const TextTable table = sample();
  EXPECT_THAT(lines_of(table.text_in_parts(20, 1)),
              ElementsAre("layer  cycles  share", "conv1    1200   10.5", "fc          8    0.1",
                          "", "layer  MMAC", "conv1     7", "fc     1234"));
  EXPECT_EQ(table.text_in_parts(26, 1), table.text());
  for (std::size_t width = 1; width < 40; ++width) {
    std::size_t found = 0;
    for (const char* title : {"cycles", "share", "MMAC"}) {
      const std::string text = table.text_in_parts(width, 1);
      found += text.find(title) != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(found, 3u) << width;
  }
}

TEST(TextTable, WhatIsTooWideInOnePartIsWrapped) {
  TextTable table({{"name"}, {"count", Align::kRight}, {"meaning"}});
  table.add_row({"a", "12", "words that do not fit"});
  table.add_row({"b", "3", "none"});
  EXPECT_THAT(lines_of(table.text_in_parts(25, 3)),
              ElementsAre("name  count  meaning",     //
                          "a        12  words that",  //
                          "             do not fit",  //
                          "b         3  none"));
}

TEST(TextTable, CellsThatAreTooWideAloneAreWrapped) {
  TextTable table({{"key"}, {"value"}, {"more", Align::kRight}});
  const std::string cell = "[{\"layers\":\"conv1|conv2\",\"weights\":\"mxfp6_e2m3\"}]";
  table.add_row({"/formats/overrides/a/b/c", cell, "1"});
  for (std::size_t width = 30; width < 100; ++width) {
    std::string letters;
    for (const std::string& line : lines_of(table.text_in_parts(width, 1))) {
      EXPECT_LE(line.size(), width) << line;
      letters += line;
    }
    letters.erase(std::remove(letters.begin(), letters.end(), ' '), letters.end());
    const auto is_in = [&](char c) { return std::count(letters.begin(), letters.end(), c); };
    EXPECT_EQ(is_in('['), 1) << width;
    EXPECT_EQ(is_in('|'), 1) << width;
    EXPECT_EQ(is_in('}'), 1) << width;
  }
}

TEST(TextTable, WrapsAtSpacesAndIndentsWhatFollows) {
  EXPECT_EQ(wrapped("one two three four", 9, 2), "one two\n  three\n  four");
  EXPECT_EQ(wrapped("short", 3, 2), "short");
  EXPECT_EQ(wrapped("", 10, 2), "");
}

ComparisonTable compared(std::size_t formats) {
  std::vector<std::string> labels, energies, times;
  for (std::size_t i = 0; i < formats; ++i) {
    labels.push_back("format" + std::to_string(i));
    energies.push_back(std::to_string(100 + i) + ".25");
    times.push_back(std::to_string(7 + i));
  }
  ComparisonTable table(labels);
  table.add_section("Work");
  table.add_row("time, ms", times);
  table.add_row("a figure with a long name", energies);
  table.add_section("Energy, mJ");
  table.add_row("total", energies, Emphasis::kTotal);
  return table;
}

TEST(ComparisonTable, PutsFewFormatsIntoColumnsAndManyIntoRows) {
  EXPECT_THAT(lines_of(compared(2).text(80, Colour::kOff)),
              ElementsAre("                             format0  format1",  //
                          "Work",                                           //
                          "  time, ms                         7        8",  //
                          "  a figure with a long name   100.25   101.25",  //
                          "Energy, mJ",                                     //
                          "  total                       100.25   101.25"));
  EXPECT_THAT(lines_of(compared(3).text(50, Colour::kOff)),
              ElementsAre("Work",                                            //
                          "           time, ms  a figure with a long name",  //
                          "  format0         7                     100.25",
                          "  format1         8                     101.25",
                          "  format2         9                     102.25",  //
                          "Energy, mJ",                                      //
                          "            total",                               //
                          "  format0  100.25",                               //
                          "  format1  101.25",                               //
                          "  format2  102.25"));
}

TEST(ComparisonTable, FitsTheTerminalWhateverTheNumberOfFormats) {
  for (const std::size_t formats : {1u, 2u, 9u, 30u}) {
    for (const std::size_t width : {80u, 120u}) {
      const std::string text = compared(formats).text(width, Colour::kOff);
      for (const std::string& line : lines_of(text)) EXPECT_LE(line.size(), width) << line;
      for (std::size_t i = 0; i < formats; ++i) {
        EXPECT_THAT(text, HasSubstr(std::to_string(100 + i) + ".25")) << formats << " " << width;
      }
    }
  }
}

}  // namespace
}  // namespace mxsim
