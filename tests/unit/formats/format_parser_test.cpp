#include "models/formats/format_parser.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <utility>

#include "models/core/error.h"
#include "models/formats/format_parameters.h"
#include "models/formats/format_table.h"

namespace mxsim {
namespace {

struct Synonym {
  std::string_view text;
  std::string_view row;
};

TEST(FormatParser, TextsThatMeanARowOfTheTableGiveThatRow) {
  constexpr Synonym kSynonyms[] = {
      {"float32", "fp32"},
      {"e8m23", "fp32"},
      {"e8m10", "tf32"},
      {"bfloat16", "bf16"},
      {"e8m7b127", "bf16"},
      {"float16", "fp16"},
      {"e5m10", "fp16"},
      {"e4m3fn", "fp8_e4m3"},
      {"e4m3b7fn", "fp8_e4m3"},
      {"float8_e5m2", "fp8_e5m2"},
      {"e5m2,e8m0_t32", "mxfp8_e5m2"},
      {"e4m3fn,e8m0_t32", "mxfp8_e4m3"},
      {"float8_e4m3fn,e8m0_t32d1", "mxfp8_e4m3"},
      {"e3m2fnuz,e8m0_t32", "mxfp6_e3m2"},
      {"e2m3fnuz,e8m0_t32", "mxfp6_e2m3"},
      {"e2m1fnuz,e8m0_t32", "mxfp4_e2m1"},
      {"e2m5fin,e8m0_t32", "mxfp8_e2m5"},
      {"int8,e8m0_t32", "mxint8"},
      {"int8,e8m0_t32,mine", "mxint8"},
      {"int4,e8m0_t32", "mxint4"},
      {"int8,e8m0_t16s2o1", "mx9"},
      {"int5,e8m0_t16s2o1", "mx6"},
      {"int3,e8m0_t16s2o1", "mx4"},
      {"e2m1fnuz,e4m3fn_float32_t16", "nvfp4"},
      {"int8,float32", "int8"},
      {"binary,float32", "binary"},
      {"ternary,float32", "ternary"},
      {"uint8,float32_uint8", "uint8"},
      {"mxsf:floor", "mxsf"},
      {"e4m3", "fp8_e4m3"},
      {"e4m3,e8m0_t32", "mxfp8_e4m3"},
      {"e2m1fin,e4m3_float32_t16", "nvfp4"},
      {"mxfp4", "mxfp4_e2m1"},
      {"MXSF", "mxsf"},
      {"INT8", "int8"},
      {"BF16", "bf16"},
      {"MXFP8-E4M3", "mxfp8_e4m3"},
  };
  for (const Synonym& synonym : kSynonyms) {
    FormatSpec row = parse_format(synonym.row);
    if (synonym.text.find("_t") != std::string_view::npos) {  // a tile that is stated stays
      const BlockShape& block = row.default_block;
      row.name += ":" + std::to_string(block.rows) + "x" + std::to_string(block.cols);
      row.fixed_block = true;
    }
    EXPECT_EQ(parse_format(synonym.text), row) << synonym.text;
    EXPECT_EQ(parse_format(row.name), row) << synonym.text;
  }
}

TEST(FormatParser, ATileThatATextStatesIsNoDefault) {
  for (const char* text : {"e4m3fn,e8m0_t32", "e2m1fin,e8m0_t16", "int8,float32_t0",
                           "int8,e8m0_t16s2o1", "int8,e8m0_t8_t8"}) {
    EXPECT_TRUE(parse_format(text).fixed_block) << text;
  }
  for (const char* text : {"int8,float32", "uint8,float32_uint8", "e4m3fn", "mxfp8_e4m3"}) {
    EXPECT_FALSE(parse_format(text).fixed_block) << text;
  }
}

TEST(FormatParser, ANameOfAFamilyIsAnsweredWithItsFormats) {
  const std::pair<const char*, const char*> families[] = {
      {"mxfp8", "format \"mxfp8\" is a family, expected mxfp8_e4m3 or mxfp8_e5m2"},
      {"MXFP6", "format \"MXFP6\" is a family, expected mxfp6_e2m3 or mxfp6_e3m2"},
      {"fp8", "format \"fp8\" is a family, expected fp8_e4m3 or fp8_e5m2"}};
  for (const auto& [name, message] : families) {
    try {
      parse_format(name);
      FAIL() << name;
    } catch (const InputError& error) {
      EXPECT_STREQ(error.what(), message);
    }
  }
}

TEST(FormatParser, AnExplicitBiasKeepsTheInfinitiesOfE4M3) {
  EXPECT_EQ(parse_format("e4m3b7").element.specials, SpecialCodes::kIeee);
  EXPECT_EQ(parse_format("e4m3b7").element.largest(), 240);
  EXPECT_EQ(parse_format("e4m3").element.largest(), 448);
}

struct Tiling {
  std::string_view text;
  BlockShape block;
};

TEST(FormatParser, TilesGiveTheBlock) {
  constexpr Tiling kTilings[] = {
      {"int8,e8m0_t8", {1, 8}},
      {"int8,e8m0_t64d0", {64, 1}},
      {"int8,e8m0_t8_t16", {8, 16}},
      {"int8,e8m0_t16d1_t8d0", {8, 16}},
      {"int8,float32_t0", {1, kWholeAxis}},
      {"int8,float32_td0", {kWholeAxis, 1}},
      {"int8,float32_t0_t32", {kWholeAxis, 32}},
      {"int8,bfloat16", {kWholeAxis, kWholeAxis}},
  };
  for (const Tiling& tiling : kTilings) {
    EXPECT_EQ(parse_format(tiling.text).default_block, tiling.block) << tiling.text;
  }
}

TEST(FormatParser, AnyMinifloatIsANumberFormat) {
  const NumberSpec number = parse_format("e3m4b7fn").element;
  EXPECT_EQ(number.bits, 8);
  EXPECT_EQ(number.lowest_exponent(), -6);
  EXPECT_EQ(number.largest(), 1.875);  // fields 111 1110: the all-ones code is NaN
  // Nanoo: bias 8, no Inf, NaN is the code of -0.
  EXPECT_EQ(parse_format("float8_e4m3fnuz").element.largest(), 240);
  EXPECT_EQ(parse_format("float8_e5m2fnuz").element.largest(), 57344);
  EXPECT_EQ(parse_format("e3m0fin").element.largest(), 16);
  EXPECT_EQ(parse_format("e1m2fin").element.largest(), 3.5);
  EXPECT_EQ(parse_format("e1m2").element.largest(), 1.5);  // field 1 is Inf and NaN
}

TEST(FormatParser, EveryFieldWidthOfTheGrammarParsesOrIsRefused) {
  for (int exponent_bits = 1; exponent_bits <= 8; ++exponent_bits) {
    for (int mantissa_bits = 0; mantissa_bits <= 23; ++mantissa_bits) {
      for (const char* specials : {"", "fn", "fnuz", "fin"}) {
        const std::string name =
            "e" + std::to_string(exponent_bits) + "m" + std::to_string(mantissa_bits) + specials;
        try {
          const NumberSpec number = parse_format(name).element;
          EXPECT_EQ(number.bits, 1 + exponent_bits + mantissa_bits) << name;
          EXPECT_GT(number.largest(), 0) << name;
        } catch (const InputError& error) {
          const bool out_of_range = exponent_bits == 8;  // fields up to 255: beyond 2^127
          const bool empty = exponent_bits == 1 && mantissa_bits == 0;
          const bool exponent = mantissa_bits == 0;
          EXPECT_TRUE(out_of_range || empty || exponent) << error.what();
        }
      }
    }
  }
}

TEST(FormatParser, ParametersThatDifferFromTheFormatsOwnArePartOfTheName) {
  EXPECT_EQ(parse_format("mxsf:nan=saturate:ceil:boundary=clamp:bias=7").name,
            "mxsf:bias=7:boundary=clamp:ceil:nan=saturate");
  EXPECT_EQ(parse_format("mxsf:boundary=clamp"), parse_format("mxsf_clamp"));
  EXPECT_EQ(parse_format("mxsf_clamp:boundary=carry:bias=8:floor:nan=poison"),
            parse_format("mxsf"));
  EXPECT_EQ(parse_format("mxint8:nan=saturate").nan_policy, NanPolicy::kSaturate);
  EXPECT_EQ(parse_format("fp16:overflow=infinity:subnormals=keep"), parse_format("fp16"));
  EXPECT_EQ(parse_format("mxfp8_e4m3:nan=saturate:up:subnormals=flush:overflow=infinity").name,
            "mxfp8_e4m3:overflow=infinity:subnormals=flush:up:nan=saturate");
  for (const char* name :
       {"mxsf:bias=7:subnormals=flush", "fp16:overflow=saturate", "mxfp8_e4m3:overflow=infinity:up",
        "mxsf:bias=7:boundary=clamp:ceil:nan=saturate", "mxsf_clamp:up"}) {
    EXPECT_EQ(parse_format(parse_format(name).name), parse_format(name)) << name;
  }
}

TEST(FormatParser, AScaleRuleIsPartOfTheName) {
  const FormatSpec format = parse_format("mxfp8_e4m3:up");
  EXPECT_EQ(format.name, "mxfp8_e4m3:up");
  EXPECT_EQ(format.scale_rule, ScaleRule::kUp);
}

struct Refusal {
  std::string_view text;
  std::string_view message;
};

void expect_refused(std::span<const Refusal> refusals) {
  for (const Refusal& refusal : refusals) {
    try {
      parse_format(refusal.text);
      ADD_FAILURE() << "accepted: " << refusal.text;
    } catch (const InputError& error) {
      EXPECT_EQ(error.what(), refusal.message);
    }
  }
}

TEST(FormatParser, WrongTextsAreRefusedByName) {
  constexpr Refusal kRefusals[] = {
      {"", "unknown format \"\""},
      {"mxfs", "unknown format \"mxfs\", did you mean \"mxsf\"?"},
      {"e9m3", "format \"e9m3\": exponent width 9 is not in 1..8"},
      {"e4m24", "format \"e4m24\": mantissa width 24 is not in 0..23"},
      {"e4m3b999", "format \"e4m3b999\": bias 999 is not in 0..255"},
      {"int33,float32", "format \"int33\": width 33 is not in 2..32"},
      {"e1m0fn", "format \"e1m0fn\": a number format without any non-zero number"},
      {"e8m3fn",
       "format \"e8m3fn\": a number format with values outside float32's range (2^-149 to 2^127)"},
      {"int8,t32", "format \"int8,t32\": a scale begins with a number"},
      {"int8,e8m0_t33", "format \"int8,e8m0_t33\": tile size 33 is not 0, 2, 4, 8, ... 1024"},
      {"int8,e8m0_t32s3o1",
       "format \"int8,e8m0_t32s3o1\": sub-tile size 3 does not divide its tile"},
      {"int8,e8m0_t32s2",
       "format \"int8,e8m0_t32s2\": a sub-tile (s) and its offset (o) belong together"},
      {"int8,e8m0_t32d2", "format \"int8,e8m0_t32d2\": axis 2 of a matrix"},
      {"int8,e8m0_x", "format \"int8,e8m0_x\": \"x\" is neither a number nor a tile"},
      {"int8,e8m0_t8_t8_t8", "format \"int8,e8m0_t8_t8_t8\": a matrix has two axes"},
      {"uint8,float32",
       "format \"uint8,float32\": unsigned elements need a zero point: "
       "\"scale_zero\""},
      {"binary,e8m0_t32",
       "format \"binary,e8m0_t32\": the mean magnitude is one floating-point scale"},
      {"binary,float32_float32",
       "format \"binary,float32_float32\": the mean magnitude is one floating-point scale"},
      {"e8m0", "format \"e8m0\": elements have a sign or a zero point"},
      {"bf16:up", "format \"bf16:up\": a scale rule needs a power-of-two scale"},
      {"cb42f1346_e2m3fnuz,e8m0_t32",
       "format \"cb42f1346_e2m3fnuz,e8m0_t32\": codebooks are not supported: their values are "
       "chosen "
       "tile by tile from tables that no multiplier of the array decodes"},
      {"mxsf:", "unknown scale rule \"\": floor, up, ceil, midmax, midmax_step or even"},
      {"mxsf:up:ceil", "format \"mxsf:up:ceil\": parameter \"rule\" twice"},
      {"mxsf:bias=4", "format \"mxsf:bias=4\": bias 4 of MXSF's small mode is not in 5..16"},
      {"mxsf:bias=x", "format \"mxsf:bias=x\": bias is not an integer"},
      {"mxsf:boundary=up", "format \"mxsf:boundary=up\": boundary is carry or clamp"},
      {"mxsf:biass=7",
       "format \"mxsf:biass=7\": unknown parameter \"biass\": bias, boundary, hadamard, nan, "
       "overflow, rounding or subnormals, did you mean \"bias\"?"},
      {"mxsf:overflow=infinity",
       "format \"mxsf:overflow=infinity\": an overflow mode needs elements with infinity or NaN"},
      {"fp16:overflow=inf", "format \"fp16:overflow=inf\": overflow is saturate or infinity"},
      {"mxint8:subnormals=flush",
       "format \"mxint8:subnormals=flush\": subnormals are of floating-point elements"},
      {"mxsf:subnormals=no", "format \"mxsf:subnormals=no\": subnormals are keep or flush"},
      {"mxint8:bias=7", "format \"mxint8:bias=7\": bias is a parameter of mxsf"},
      {"bf16:nan=saturate", "format \"bf16:nan=saturate\": a NaN policy needs a block scale"},
      {"mxsf:nan=keep", "format \"mxsf:nan=keep\": nan is poison or saturate"},
  };
  expect_refused(kRefusals);
}

TEST(FormatParameters, WrongOnesAreRefused) {
  constexpr Refusal kRefusals[] = {
      {"mxsf:rounding=rtz", "format \"mxsf:rounding=rtz\": rounding is rne or sr"},
      {"bf16:hadamard=16", "format \"bf16:hadamard=16\": a Hadamard transform needs a block scale"},
      {"nvfp4:hadamard=8", "format \"nvfp4:hadamard=8\": a Hadamard transform has 16 or 32 points"},
      {"bf16:4x4", "format \"bf16:4x4\": a block needs a block scale"},
      {"mxsf:4x4:8x8", "format \"mxsf:4x4:8x8\": a block twice"},
      {"mxsf:0x8", "format \"mxsf:0x8\": a block is 1 to 4096 rows and columns"},
      {"int8:4x4", "format \"int8:4x4\": one scale serves the whole tensor"},
      {"mx9:1x32", "format \"mx9:1x32\": the block of a format with sub-blocks is its own"},
  };
  expect_refused(kRefusals);
}

TEST(FormatParameters, ABlockOfTheFormatsOwnIsPartOfItsName) {
  const FormatSpec tiles = parse_format("nvfp4:16x16");
  EXPECT_EQ(tiles.default_block, (BlockShape{16, 16}));
  EXPECT_TRUE(tiles.fixed_block);
  EXPECT_EQ(tiles.name, "nvfp4:16x16");
  EXPECT_EQ(parse_format("mxsf:32:up").name, "mxsf:up:1x32");
  EXPECT_EQ(parse_format(parse_format("mxsf:32:up").name), parse_format("mxsf:32:up"));
  // The format's usual one, stated: another format than one whose block a run replaces.
  EXPECT_EQ(parse_format("nvfp4:16").name, "nvfp4:1x16");
  EXPECT_TRUE(parse_format("nvfp4:16").fixed_block);
  EXPECT_EQ(parse_format("nvfp4:1x16:rounding=sr").name, "nvfp4:rounding=sr:1x16");
  EXPECT_EQ(name_without_block(parse_format("nvfp4:16:rounding=sr")), "nvfp4:rounding=sr");
  EXPECT_EQ(parse_format("mx9:1x16").name, "mx9:1x16");
}

TEST(FormatParameters, RoundingAndTransformArePartOfTheName) {
  const FormatSpec format = parse_format("nvfp4:hadamard=16:rounding=sr");
  EXPECT_EQ(format.name, "nvfp4:rounding=sr:hadamard=16");
  EXPECT_EQ(parse_format(format.name), format);
  EXPECT_EQ(without_hadamard(format), parse_format("nvfp4:rounding=sr"));
}

}  // namespace
}  // namespace mxsim
