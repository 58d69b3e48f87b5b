#include "models/formats/format_definition.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "models/core/error.h"
#include "models/formats/format_table.h"

namespace mxsim {
namespace {

FormatSpec renamed(std::string_view text, const std::string& name) {
  FormatSpec format = parse_format(text);
  format.name = name;
  return format;
}

FormatDefinition six_bits() { return {"e3m2fin", "e8m0", "", "", {1, 32}, {}, 1, {}}; }

TEST(FormatDefinition, MeansTheSameAsItsPartsInTheGrammar) {
  const auto define = [](const FormatDefinition& parts) { return defined_format("mine", parts); };
  EXPECT_EQ(define({"e3m4b7fn", "", "", "", {}, {}, 1, {}}), renamed("e3m4b7fn", "mine"));
  EXPECT_EQ(define(six_bits()), renamed("mxfp6_e3m2:1x32", "mine"));
  EXPECT_EQ(define({"e2m1fin", "e4m3fn", "float32", "", {1, 16}, {}, 1, {"rounding=sr"}}),
            renamed("nvfp4:16:rounding=sr", "mine"));
  EXPECT_EQ(define({"uint8", "float32", "", "uint8", {}, {}, 1, {}}), renamed("uint8", "mine"));
  EXPECT_EQ(define({"int8", "e8m0", "", "", {1, 16}, {1, 2}, 1, {}}),
            renamed("int8,e8m0_t16s2o1", "mine"));
  EXPECT_EQ(define({"int8", "float32", "", "", {1, 0}, {}, 1, {}}),
            renamed("int8,float32_t0", "mine"));
  EXPECT_EQ(define({"mxsf:bias=7", "e8m0", "", "", {8, 8}, {}, 1, {"up"}}),
            renamed("mxsf:bias=7:up:8x8", "mine"));
}

TEST(FormatDefinition, WhatMakesNoFormatIsRefused) {
  struct Refusal {
    std::string name;
    FormatDefinition parts;
    std::string message;
  };
  FormatDefinition other = six_bits();
  const auto with = [&](auto change) {
    FormatDefinition parts = six_bits();
    change(parts);
    return parts;
  };
  const std::vector<Refusal> refusals{
      {"mxsf", other, "format \"mxsf\": the name means a format already"},
      {"int9", other, "format \"int9\": the name means a format already"},
      {"a:b", other,
       "format \"a:b\": a name is a letter and up to 39 letters, digits, \"_\", \"-\" or \".\""},
      {"", other,
       "format \"\": a name is a letter and up to 39 letters, digits, \"_\", \"-\" or \".\""},
      {"mine", with([](auto& p) { p.element = "e3m2,e8m0"; }),
       "format \"mine\": \"e3m2,e8m0\" has a comma, expected a number"},
      {"mine", with([](auto& p) { p.scale = "e8m0_t32"; }),
       "format \"mine\": \"e8m0_t32\" is no number"},
      {"mine", with([](auto& p) { p.scale = ""; }), "format \"mine\": a block needs a scale"},
      {"mine", with([](auto& p) { p.zero_point = "uint8"; }),
       "format \"e3m2fin,e8m0_uint8\": a power-of-two scale stands alone"},
      {"mine", with([](auto& p) {
         p.sub_block = {1, 5};
       }),
       "format \"mine\": sub_block does not divide the block"},
      {"mine", with([](auto& p) { p.parameters = {"bias=7"}; }),
       "format \"mine:bias=7\": bias is a parameter of mxsf"},
  };
  for (const Refusal& refusal : refusals) {
    try {
      defined_format(refusal.name, refusal.parts);
      ADD_FAILURE() << refusal.message;
    } catch (const InputError& error) {
      EXPECT_EQ(std::string(error.what()), refusal.message);
    }
  }
}

TEST(DefinedFormats, AreKnownWhileTheirScopeLivesOnItsThreadAlone) {
  EXPECT_THROW(parse_format("mine"), InputError);
  {
    const DefinedFormats scope(defined_formats({{"mine", six_bits()}}));
    EXPECT_EQ(parse_format("mine"), defined_format("mine", six_bits()));
    EXPECT_EQ(parse_format("mine:up:nan=saturate").name, "mine:up:nan=saturate");
    EXPECT_EQ(parse_format("mine:8x8").name, "mine:8x8");
    EXPECT_EQ(parse_format("mine:1x32").name, "mine");
    try {
      parse_format("mien");
      ADD_FAILURE();
    } catch (const InputError& error) {
      EXPECT_STREQ(error.what(), "unknown format \"mien\", did you mean \"mine\"?");
    }
    bool known_elsewhere = true;
    std::thread([&] { known_elsewhere = DefinedFormats::find("mine") != nullptr; }).join();
    EXPECT_FALSE(known_elsewhere);
    FormatDefinition wide = six_bits();
    wide.element = "e2m3fin";
    const DefinedFormats inner(defined_formats({{"mine", wide}, {"other", six_bits()}}));
    EXPECT_EQ(parse_format("mine").element, parse_format("mxfp6_e2m3").element);
  }
  EXPECT_THROW(parse_format("mine"), InputError);
}

TEST(DefinedFormats, AParameterThatUndoesOneOfTheDefinitionIsPartOfTheName) {
  FormatDefinition parts = six_bits();
  parts.parameters = {"up", "rounding=sr"};
  const DefinedFormats scope(defined_formats({{"mine", parts}}));
  EXPECT_EQ(parse_format("mine:up").name, "mine");
  EXPECT_EQ(parse_format("mine:floor:rounding=rne").name, "mine:floor:rounding=rne");
  EXPECT_EQ(parse_format("mine:floor").scale_rule, ScaleRule::kFloor);
}

}  // namespace
}  // namespace mxsim
