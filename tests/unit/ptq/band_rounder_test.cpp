// Rounding row by row under scales that are chosen before.
#include "models/ptq/band_rounder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "models/formats/dequantize.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"
#include "models/ptq/error_diffusion.h"
#include "models/ptq/gptq.h"
#include "tests/support/drawn_layer.h"

namespace mxsim {
namespace {

using testing::drawn_layer;
using testing::DrawnLayer;

std::vector<std::string> formats() {
  std::vector<std::string> names;
  for (const FormatSpec& format : format_table()) names.push_back(format.name);
  for (const char* name :
       {"int4,float32_t0", "int3,float32_t8", "e2m1fnuz,e8m0_t32", "uint4,float32_uint4_t0",
        "int4,float32_t8_t8", "int8,e8m0_t8", "int2,e8m0_t0"}) {
    names.emplace_back(name);
  }
  return names;
}

TEST(BandRounder, RoundsUnchangedWeightsAsTheQuantizerDoes) {
  for (const std::string& format : formats()) {
    SCOPED_TRACE(format);
    const PtqLayer layer = drawn_layer(3, format, {.reduction = 37, .outputs = 11}).layer;
    const RowMatrix& weights = layer.weights;
    const RowMatrix expected = to_row_matrix(
        dequantize(quantize(to_floats(weights), weights.rows(), weights.cols(), layer.layout)),
        weights.rows(), weights.cols());
    EXPECT_EQ(cast_weights(layer.layout, weights), expected);
    BandRounder rounder(layer.layout, weights.rows(), weights.cols());
    for (std::int64_t row = 0; row < weights.rows(); ++row) {
      if (row % rounder.band_rows() == 0) rounder.begin(row, weights);
      for (std::int64_t col = 0; col < weights.cols(); ++col) {
        EXPECT_EQ(rounder.round(row, col, weights(row, col)), expected(row, col));
      }
    }
  }
}

// Brute force over the codes: no representable number lies between the neighbours.
TEST(BandRounder, NeighboursEncloseAWeightWithNothingBetween) {
  for (const std::string format : {"int4,float32_t0", "mxfp4_e2m1", "mxsf", "binary", "uint4"}) {
    SCOPED_TRACE(format);
    const PtqLayer layer = drawn_layer(5, format, {.reduction = 16, .outputs = 4}).layer;
    const RowMatrix& weights = layer.weights;
    BandRounder rounder(layer.layout, 16, 4);
    const ElementCodec codec(layer.layout.format.element);
    for (std::int64_t row = 0; row < 16; ++row) {
      if (row % rounder.band_rows() == 0) rounder.begin(row, weights);
      const QuantizedMatrix band =
          quantize(to_floats(weights.middleRows(row - row % rounder.band_rows(),
                                                std::min<std::int64_t>(rounder.band_rows(), 16))),
                   std::min<std::int64_t>(rounder.band_rows(), 16), 4, layer.layout);
      const std::int64_t place = row % rounder.band_rows();
      for (std::int64_t col = 0; col < 4; ++col) {
        const double weight = weights(row, col);
        const auto [near, far] = rounder.neighbours(row, col, weight);
        const double rounded = rounder.round(row, col, weight);
        EXPECT_TRUE(rounded == near || rounded == far);
        if (near == far) continue;
        EXPECT_LE(std::min(near, far), weight);
        EXPECT_GE(std::max(near, far), weight);
        for (std::uint32_t code = 0; code < 1U << layer.layout.format.element_bits; ++code) {
          if (std::isnan(codec.decode(code))) continue;
          const auto value = static_cast<float>((codec.decode(code) - band.zero_point(place, col)) *
                                                band.scale_value(place, col));
          EXPECT_FALSE(value > std::min(near, far) && value < std::max(near, far));
        }
      }
    }
  }
}

// What eval casts again has the same codes: scales that are no powers of two are held by anchors.
TEST(BandRounder, ResultsOfTheMethodsAreFixedPointsOfTheCast) {
  Workers alone(1);
  for (const std::string format :
       {"int4,float32_t0", "int3,float32_t8", "mxsf", "mxfp4_e2m1", "mxfp8_e4m3", "mxint4", "int8",
        "uint4", "int2,e8m0_t0", "int4,float32_t8_t8", "mx6", "bf16"}) {
    SCOPED_TRACE(format);
    const DrawnLayer drawn = drawn_layer(7, format, {.reduction = 40, .outputs = 9, .noise = 0.05});
    for (const RowMatrix& result :
         {gptq(drawn.layer, 0.01, alone), error_diffusion(drawn.layer, alone)}) {
      const RowMatrix again = cast_weights(drawn.layer.layout, result);
      const double largest = result.cwiseAbs().maxCoeff();
      EXPECT_LE((again - result).cwiseAbs().maxCoeff(), 1e-6 * largest);
    }
  }
}

}  // namespace
}  // namespace mxsim
