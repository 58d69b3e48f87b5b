#include "sim/config/load.h"

#include <gmock/gmock.h>

#include <array>
#include <string>
#include <vector>

#include "tests/support/diagnostics.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {

// A configuration with every kind of key.
enum class Colour : std::uint8_t { kRed, kGreen };

constexpr std::array<Choice<Colour>, 2> kColours{
    {{"red", Colour::kRed}, {"green", Colour::kGreen}}};

struct Wheel {
  std::int64_t spokes = 8;
  Bytes size{16};
};

struct Engine {
  double power_w = 100.5;
  std::string format = "bf16";
};

struct Car {
  Colour colour = Colour::kGreen;
  bool open_roof = false;
  std::string name = "none";
  std::vector<std::int64_t> gears{1, 2};
  std::vector<double> ratios;
  std::vector<std::string> tags;
  std::vector<Wheel> wheels{Wheel{}, Wheel{}};
  std::map<std::string, Wheel> spares;
  Engine engine;
};

void bind(Binder& b, Wheel& s) {
  b.integer({"spokes", "", "spokes of a wheel"}, s.spokes, {1, 64});
  b.integer({"size", "bytes", "size"}, s.size);
}

void bind(Binder& b, Engine& s) {
  b.number({"power", "W", "power"}, s.power_w, {0, 1000});
  b.one_of({"format", "", "format"}, s.format, {"bf16", "mxsf"});
}

void bind(Binder& b, Car& s) {
  b.choice({"colour", "", "paint", Presence::kRequired}, s.colour, kColours);
  b.flag({"open_roof", "", "no roof"}, s.open_roof);
  b.text({"name", "", "name"}, s.name);
  b.integers({"gears", "", "gears"}, s.gears, {1, 9}, {2, 3});
  b.numbers({"ratios", "", "ratios"}, s.ratios, {0, 1}, {0, 4});
  b.texts({"tags", "", "tags"}, s.tags, {0, 4});
  b.list({"wheels", "", "wheels"}, s.wheels, {1, 4});
  b.map({"spares", "", "spare wheels"}, s.spares);
  b.reference({"engine", "", "engine"}, s.engine);
  if (s.name == s.engine.format) b.fault("name", "is the name of a format");
}

std::vector<Diagnostic> validate(const Car& car) {
  if (car.engine.power_w <= 500 || car.wheels.size() > 1) return {};
  return {{"", "/engine/power", "got more power than one wheel carries"}};
}

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Car load(const std::string& text, const std::vector<Override>& overrides = {}) {
  return load_config<Car>(Document::parse(text, "car.json"), overrides);
}

std::vector<std::string> faults(const std::string& text,
                                const std::vector<Override>& overrides = {}) {
  return fault_lines([&] { load(text, overrides); });
}

TEST(LoadConfig, FillsEveryKindOfKey) {
  const Car car = load(R"({"colour": "red", "open_roof": true, "name": "a", "gears": [3, 4, 5],
      "ratios": [0.5, 1], "tags": ["x"], "wheels": [{"spokes": 3}], "spares": {"left": {"size": 4}},
      "engine": {"power": 7, "format": "mxsf"}})");
  EXPECT_EQ(car.colour, Colour::kRed);
  EXPECT_TRUE(car.open_roof);
  EXPECT_THAT(car.gears, ElementsAre(3, 4, 5));
  EXPECT_THAT(car.ratios, ElementsAre(0.5, 1.0));
  EXPECT_THAT(car.tags, ElementsAre("x"));
  ASSERT_EQ(car.wheels.size(), 1u);
  EXPECT_EQ(car.wheels[0].spokes, 3);
  EXPECT_EQ(car.spares.at("left").size, Bytes(4));
  EXPECT_EQ(car.engine.power_w, 7.0);
  EXPECT_EQ(car.engine.format, "mxsf");
}

TEST(LoadConfig, KeepsTheDefaultsOfAbsentKeys) {
  const Car car = load(R"({"colour": "red"})");
  EXPECT_EQ(car.name, "none");
  EXPECT_EQ(car.wheels.size(), 2u);
  EXPECT_EQ(car.engine.power_w, 100.5);
}

TEST(LoadConfig, ReportsEveryFaultAtOnce) {
  EXPECT_THAT(
      faults(R"({"colour": "gren", "open_roof": 1, "name": 4, "gears": [0, 2.0], "ratios": [2, "x"],
          "tags": [7], "wheels": [{"spokes": 0}, {"spoke": 1}, 5], "spares": {"a/b": {"size": -1}},
          "engine": {"power": 1e30, "format": "mxsg"}, "Name": 1})"),
      ElementsAre(
          "car.json: /colour: got \"gren\", expected one of red, green (paint), did you mean "
          "\"green\"?",
          "car.json: /open_roof: got 1, expected true or false (no roof)",
          "car.json: /name: got 4, expected a text (name)",
          "car.json: /gears/0: got 0, expected 1..9 (gears)",
          "car.json: /gears/1: got 2.0, expected an integer, 1..9 (gears)",
          "car.json: /ratios/0: got 2, expected 0..1 (ratios)",
          "car.json: /ratios/1: got \"x\", expected a number, 0..1 (ratios)",
          "car.json: /tags/0: got 7, expected a text (tags)",
          "car.json: /wheels/0/spokes: got 0, expected 1..64 (spokes of a wheel)",
          "car.json: /wheels/1/spoke: unknown key, did you mean \"spokes\"?",
          "car.json: /wheels/2: got 5, expected an object; its keys: spokes, size",
          "car.json: /spares/a~1b/size: got -1, expected at least 0 (size)",
          "car.json: /engine/power: got 1e+30, expected 0..1000 (power)",
          "car.json: /engine/format: got \"mxsg\", expected one of bf16, mxsf (format), did you "
          "mean \"mxsf\"?",
          "car.json: /Name: unknown key, did you mean \"name\"?"));
}

TEST(LoadConfig, RefusesIntegersBeyond64Bits) {
  EXPECT_THAT(faults(R"({"colour": "red", "wheels": [{"size": 9223372036854775808}]})"),
              ElementsAre("car.json: /wheels/0/size: got 9223372036854775808, expected at least 0 "
                          "(size)"));
  EXPECT_THAT(faults(R"({"colour": "red", "wheels": [{"size": 1e30}]})"),
              ElementsAre("car.json: /wheels/0/size: got 1e+30, expected an integer, at least 0 "
                          "(size)"));
}

TEST(LoadConfig, NamesARequiredKeyThatIsMissing) {
  EXPECT_THAT(faults("{}"),
              ElementsAre("car.json: /colour: missing, expected one of red, green (paint)"));
}

TEST(LoadConfig, ChecksTheLengthOfArrays) {
  EXPECT_THAT(faults(R"({"colour": "red", "gears": [1], "wheels": []})"),
              ElementsAre("car.json: /gears: got an array of 1, expected an array of 2..3 integers "
                          "(gears)",
                          "car.json: /wheels: got an array of 0, expected an array of 1..4 objects "
                          "(wheels)"));
}

TEST(LoadConfig, ReportsRulesAcrossKeys) {
  EXPECT_THAT(faults(R"({"colour": "red", "name": "bf16"})"),
              ElementsAre("car.json: /name: is the name of a format"));
}

TEST(LoadConfig, RefusesADocumentThatIsNoObject) {
  EXPECT_THAT(faults("[]"),
              ElementsAre("car.json: got an array of 0, expected an object (the whole file)"));
}

TEST(LoadConfig, ReadsANamedFileRelativeToTheFileThatNamesIt) {
  const TemporaryFolder folder;
  folder.write("engines/big.json", R"({"power": 900})");
  const std::string run =
      folder.write("runs/car.json", R"({"colour": "red", "engine": "../engines/big.json"})");
  EXPECT_EQ(load_config<Car>(run).engine.power_w, 900.0);
}

TEST(LoadConfig, NamesTheFileInWhichAFaultStands) {
  const TemporaryFolder folder;
  const std::string engine = folder.write("engine.json", R"({"power": -1, "fuel": 2})");
  const std::string run = folder.write("car.json", R"({"colour": 1, "engine": "engine.json"})");
  EXPECT_THAT(fault_lines([&] { load_config<Car>(run); }),
              ElementsAre(run + ": /colour: got 1, expected one of red, green (paint)",
                          engine + ": /power: got -1, expected 0..1000 (power)",
                          engine + ": /fuel: unknown key"));
}

TEST(LoadConfig, NamesTheFileInWhichARuleAcrossObjectsIsBroken) {
  const TemporaryFolder folder;
  const std::string engine = folder.write("engine.json", R"({"power": 900})");
  const std::string run =
      folder.write("car.json", R"({"colour": "red", "wheels": [{}], "engine": "engine.json"})");
  EXPECT_THAT(fault_lines([&] { load_config<Car>(run); }),
              ElementsAre(engine + ": /power: got more power than one wheel carries"));
}

TEST(LoadConfig, ReportsANamedFileThatIsMissingOrBrokenBesideOtherFaults) {
  const TemporaryFolder folder;
  const std::string run = folder.write("car.json", R"({"colour": 1, "engine": "none.json"})");
  const std::string none = (folder.path() / "none.json").string();
  EXPECT_THAT(fault_lines([&] { load_config<Car>(run); }),
              ElementsAre(run + ": /engine: names \"" + none + "\", which does not exist",
                          run + ": /colour: got 1, expected one of red, green (paint)"));
  folder.write("none.json", "{");
  EXPECT_THAT(fault_lines([&] { load_config<Car>(run); }),
              ElementsAre(HasSubstr(none + ": line 1, column 2"), HasSubstr("/colour")));
}

TEST(Overrides, ReplaceAndAddValues) {
  const Car car = load(R"({"colour": "red", "wheels": [{}, {"spokes": 3}]})",
                       {parse_override("/wheels/1/spokes=5"), parse_override("/engine/power=1"),
                        parse_override("/name=x=y")});
  EXPECT_EQ(car.wheels[1].spokes, 5);
  EXPECT_EQ(car.engine.power_w, 1.0);
  EXPECT_EQ(car.name, "x=y");
}

TEST(Overrides, MayNameAFileAndThenChangeItsContent) {
  const TemporaryFolder folder;
  const std::string engine = folder.write("engine.json", R"({"power": 900, "format": "mxsf"})");
  const Car car = load(R"({"colour": "red"})",
                       {parse_override("/engine/power=3"), parse_override("/engine=" + engine)});
  EXPECT_EQ(car.engine.power_w, 3.0);
  EXPECT_EQ(car.engine.format, "mxsf");
}

TEST(Overrides, NameAPointerThatDoesNotExist) {
  EXPECT_THAT(faults(R"({"colour": "red", "wheels": [{}]})",
                     {parse_override("/engin/power=1"), parse_override("/wheels/7/spokes=1"),
                      parse_override("/colour/x=1")}),
              ElementsAre("--set: /wheels/7: no such element in an array of 1",
                          "--set: /colour/x: unknown key: the value above is \"red\"",
                          "--set: /engin: unknown key, did you mean \"engine\"?"));
}

TEST(Overrides, AreCheckedLikeTheFile) {
  EXPECT_THAT(
      faults(R"({"colour": "red"})", {parse_override("/engine/power=1e999")}),
      ElementsAre("--set: /engine/power: got \"1e999\", expected a number, 0..1000 (power)"));
}

TEST(Overrides, NeedAPointerAndAValue) {
  for (const char* wrong : {"", "a=1", "/a", "=1"}) {
    EXPECT_THAT(
        fault_lines([&] { parse_override(wrong); }),
        ElementsAre("--set: got \"" + std::string(wrong) + "\", expected /json/pointer=value"));
  }
  EXPECT_THAT(fault_lines([&] { parse_override("/a~2=1"); }),
              ElementsAre(HasSubstr("not a JSON pointer")));
}

TEST(DescribeFields, ListsEveryKeyWithTypeUnitRangeAndDefault) {
  std::vector<std::string> rows;
  for (const Field& field : describe_fields<Car>()) {
    rows.push_back(field.pointer + " | " + type_text(field) + " | " + range_text(field) + " | " +
                   field.unit + " | " + field.value);
  }
  EXPECT_THAT(
      rows,
      ElementsAre(
          "/colour | choice | red, green |  | \"green\"",
          "/open_roof | true or false |  |  | false", "/name | text |  |  | \"none\"",
          "/gears | array of integers | 2..3 of 1..9 |  | [1, 2]",
          "/ratios | array of numbers | 0..4 of 0..1 |  | ", "/tags | array of texts | 0..4 |  | ",
          "/wheels | array of objects | 1..4 |  | ", "/wheels/*/spokes | integer | 1..64 |  | 8",
          "/wheels/*/size | integer | at least 0 | bytes | 16",
          "/spares | object of named objects |  |  | ", "/spares/*/spokes | integer | 1..64 |  | 8",
          "/spares/*/size | integer | at least 0 | bytes | 16", "/engine | object or file |  |  | ",
          "/engine/power | number | 0..1000 | W | 100.5",
          "/engine/format | choice | bf16, mxsf |  | \"bf16\""));
}

TEST(CanonicalText, DiffersExactlyWhenAValueDiffers) {
  const Car car;
  Car other;
  EXPECT_EQ(canonical_text(car), canonical_text(other));
  other.wheels[1].spokes = 9;
  EXPECT_NE(canonical_text(car), canonical_text(other));
  EXPECT_THAT(canonical_text(other), HasSubstr("/wheels/1/spokes=9\n"));
}

}  // namespace
}  // namespace mxsim
