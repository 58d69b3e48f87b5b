#include "sim/config/technology_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <regex>

#include "models/energy/visit_prices.h"
#include "sim/config/load.h"
#include "sim/json/strict_json.h"
#include "tests/support/csv.h"
#include "tests/support/diagnostics.h"
#include "tests/support/technology.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::string kFile = MXSIM_ROOT "/configs/technology/45nm.json";

struct NamedPrice {
  std::string pointer;
  Price price;
};

std::vector<NamedPrice> shipped_prices() {
  const TechnologyTable table = shipped_technology();
  std::vector<NamedPrice> prices;
  visit_prices(table, [&](std::string path, const Price& price) {
    std::replace(path.begin(), path.end(), '.', '/');
    prices.push_back({"/" + path, price});
  });
  return prices;
}

std::string json_of(const Price& p, const std::string& left_out = "",
                    const std::string& added = "") {
  std::vector<std::string> members;
  const auto add = [&](const char* key, const std::string& value) {
    if (key != left_out) members.push_back(fmt::format("\"{}\": {}", key, value));
  };
  add("value", fmt::format("{}", p.value));
  add("unit", "\"" + p.unit + "\"");
  add("source", "\"" + p.source + "\"");
  add("low", fmt::format("{}", p.low));
  add("high", fmt::format("{}", p.high));
  if (!added.empty()) members.push_back(added);
  return "{" + fmt::format("{}", fmt::join(members, ", ")) + "}";
}

std::vector<std::string> faults_with(const std::string& pointer, const std::string& json) {
  return fault_lines([&] { load_config<TechnologyFile>(kFile, {{pointer, json}}); });
}

TEST(TechnologyReader, EveryPriceIsAcceptedAsItStands) {
  const std::vector<NamedPrice> prices = shipped_prices();
  EXPECT_GT(prices.size(), 60u);
  for (const NamedPrice& p : prices) {
    EXPECT_THAT(faults_with(p.pointer, json_of(p.price)), IsEmpty()) << p.pointer;
  }
}

TEST(TechnologyReader, EveryKeyOfEveryPriceIsRequired) {
  for (const NamedPrice& p : shipped_prices()) {
    for (const char* key : {"value", "unit", "source", "low", "high"}) {
      EXPECT_THAT(faults_with(p.pointer, json_of(p.price, key)),
                  ElementsAre(HasSubstr(p.pointer + "/" + key + ": missing")));
    }
  }
}

TEST(TechnologyReader, EveryPriceRefusesKeysItDoesNotKnow) {
  for (const NamedPrice& p : shipped_prices()) {
    EXPECT_THAT(faults_with(p.pointer, json_of(p.price, "", "\"note\": 1")),
                ElementsAre(HasSubstr(p.pointer + "/note")));
  }
}

TEST(TechnologyReader, EveryPriceNeedsASourceItsUnitAndAValueInsideItsBand) {
  for (const NamedPrice& p : shipped_prices()) {
    const auto with = [&](auto change) {
      Price changed = p.price;
      change(changed);
      return faults_with(p.pointer, json_of(changed));
    };
    EXPECT_THAT(with([](Price& x) { x.source = " "; }),
                ElementsAre(HasSubstr(p.pointer + "/source: empty: every price needs a source")));
    EXPECT_THAT(with([](Price& x) { x.unit = "nJ"; }),
                ElementsAre(HasSubstr(p.pointer + "/unit: got \"nJ\"")));
    EXPECT_THAT(with([](Price& x) { x.low = 2 * x.high + 1; }),
                ElementsAre(AllOf(HasSubstr(p.pointer + "/low: "), HasSubstr("above the value"))));
    EXPECT_THAT(with([](Price& x) { x.high = x.low = x.value / 2; }),
                ElementsAre(AllOf(HasSubstr(p.pointer + "/high: "), HasSubstr("below the value"))));
    EXPECT_THAT(with([](Price& x) { x.low = -1; }), ElementsAre(HasSubstr(p.pointer + "/low: ")));
    EXPECT_THAT(with([](Price& x) { x.value = -1; }),
                ElementsAre(HasSubstr(p.pointer + "/value: got -1")));
    EXPECT_THAT(with([](Price& x) {
                  x = {0, 0, 1, x.unit, x.source};
                }),
                ElementsAre(HasSubstr(p.pointer + "/value: 0 with an uncertainty")));
  }
}

// Renaming the key of any one line makes it both unknown and missing.
TEST(TechnologyReader, EveryKeyOfTheFileIsRequiredAndNoOtherIsKnown) {
  const std::string text = read_text_file(kFile);
  const std::regex key("\"([a-z0-9_]+)\": ");
  int keys = 0;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), key);
       match != std::sregex_iterator(); ++match) {
    std::string renamed = text;
    renamed.insert(static_cast<std::size_t>(match->position(1)), "x");
    const auto faults = fault_lines(
        [&] { load_config<TechnologyFile>(Document::parse(renamed, "technology.json")); });
    EXPECT_GE(faults.size(), 2u) << match->str(1);
    ++keys;
  }
  EXPECT_GT(keys, 400);
}

TEST(TechnologyReader, NumbersThatNoDoubleHoldsAreRefused) {
  const std::string text = read_text_file(kFile);
  for (const char* number : {"NaN", "1e999", "-1e999", "Infinity"}) {
    std::string broken = text;
    broken.replace(broken.find("\"value\": 1.0"), 12, std::string("\"value\": ") + number);
    EXPECT_THROW(load_config<TechnologyFile>(Document::parse(broken, "technology.json")),
                 InputError)
        << number;
  }
}

TEST(TechnologyReader, TwoUnitsForOneElementOrNoneForBf16AreRefused) {
  EXPECT_THAT(faults_with("/pe/mac/1/element", "\"e8m7\""),
              ElementsAre(HasSubstr("/pe: two units for element \"e8m7\" and one accumulator")));
  EXPECT_THAT(faults_with("/pe/mac/0/element", "\"e8m8\""),
              ElementsAre(HasSubstr("/pe: no fp32 unit for element \"e8m7\" (BF16)")));
}

TEST(TechnologyReader, AllFaultsOfAFileAreToldAtOnce) {
  const auto faults = fault_lines([] {
    load_config<TechnologyFile>(kFile, {{"/nand2_area/low", "-1"},
                                        {"/sram/cell", "\"itrs-lst\""},
                                        {"/vector/add/source", "\"\""}});
  });
  EXPECT_EQ(faults.size(), 3u);
}

TEST(TechnologyReader, BadSramTablesAreRefusedWithTheirLine) {
  const TemporaryFolder folder;
  const std::string good = read_text_file(MXSIM_ROOT "/configs/technology/sram_cacti.csv");
  const std::string header = good.substr(0, good.find('\n') + 1);
  const auto faults = [&](const std::string& content, std::int64_t node = 22) {
    const std::string path = folder.write("sram.csv", content);
    auto lines = fault_lines([&] { load_sram_table(path, node, "itrs-lstp"); });
    for (std::string& line : lines) line = line.substr(path.size() + 2);
    return lines;
  };
  EXPECT_THAT(faults("node_nm,cell\n"), ElementsAre(StartsWith("line 1: expected the columns")));
  const std::string row = "22,itrs-lstp,1024,32,1,0.2,0.6,0.0003,0.0002,0.0008,0.5\n";
  EXPECT_THAT(faults(header + row), IsEmpty());
  EXPECT_THAT(faults(header + row + "22,itrs-lstp,1024,32,1,0.2\n"),
              ElementsAre("line 3: not a row of SRAM results"));
  EXPECT_THAT(faults(header + "22,itrs-lstp,x,32,1,0.2,0.6,0.0003,0.0002,0.0008,0.5\n"),
              ElementsAre("line 2: not a row of SRAM results"));
  EXPECT_THAT(faults(header + "22,itrs-lstp,1024,32,1,nan,0.6,0.0003,0.0002,0.0008,0.5\n"),
              ElementsAre("22 nm, itrs-lstp: SRAM values must be positive and finite"));
  EXPECT_THAT(faults(header + row + row),
              ElementsAre("22 nm, itrs-lstp: the SRAM point of 1024 bytes, 32 bits, 1 banks "
                          "appears twice"));
  EXPECT_THAT(faults(header + row, 7),
              ElementsAre("7 nm, itrs-lstp: no SRAM point of this cell type and node"));
}

TEST(TechnologyReader, EveryShippedNodeIsTheReferenceNodeButForItsScaling) {
  const std::vector<NamedPrice> reference = shipped_prices();
  for (const int node : {65, 32, 22}) {
    TechnologyTable table = shipped_technology(node);
    EXPECT_EQ(table.node_nm, node);
    std::size_t i = 0;
    visit_prices(table, [&](const std::string& path, const Price& price) {
      if (path != "logic_energy_scale" && path != "logic_area_scale") {
        EXPECT_EQ(json_of(price), json_of(reference[i].price)) << path;
      }
      ++i;
    });
  }
}

// The shipped numbers are those of the cited tables.
TEST(TechnologyReader, ShippedMacUnitsAreTheSynthesisTable) {
  std::map<std::string, std::map<std::string, std::string>> units;
  for (auto& row : read_csv(MXSIM_TEST_DATA "/energy/pe_synthesis_45nm.csv")) {
    units[row["unit"]] = row;
  }
  const auto pin = [&](const Price& price, const std::string& unit, const char* column) {
    EXPECT_EQ(price.value, std::stod(units.at(unit).at(column))) << unit;
    EXPECT_THAT(price.source, HasSubstr(unit));
  };
  const TechnologyTable table = shipped_technology();
  for (const MacUnit& mac : table.pe.mac) {
    const std::string unit = mac.energy.source.substr(mac.energy.source.find(": ") + 2);
    const std::string name = unit.substr(0, unit.find(';'));
    pin(mac.energy, name, "pj_per_op");
    pin(mac.area, name, "nand2_equivalents");
  }
  EXPECT_EQ(table.pe.mac.size(), 14u);
  pin(table.pe.block_end.at(0).energy, "blk_fp24", "pj_per_op");
  pin(table.pe.block_end.at(1).area, "blk_fp36", "nand2_equivalents");
  pin(table.requant.max, "rq_max", "pj_per_op");
  pin(table.requant.encode_float, "rq_mxsf_m23", "pj_per_op");
  pin(table.requant.encode_int, "rq_int8_m23", "pj_per_op");
  pin(table.requant.convert, "int16_add", "pj_per_op");
}

TEST(TechnologyReader, ShippedVectorPricesAreThePublishedOnes) {
  const TechnologyTable table = shipped_technology();
  std::map<std::string, double> published;
  for (auto& row : read_csv(MXSIM_TEST_DATA "/energy/arithmetic.csv")) {
    if (row["kind"] == "published" && row["node_nm"] == "45") {
      published[row["op"] + row["format"]] = std::stod(row["pj_per_op"]);
    }
  }
  EXPECT_EQ(table.vector.add.value, published.at("addFP32"));
  EXPECT_EQ(table.vector.mul.value, published.at("mulFP32"));
  EXPECT_EQ(table.vector.compare.value, published.at("addINT32"));
}

}  // namespace
}  // namespace mxsim
