#include "models/formats/format_table.h"

#include <string>
#include <utility>

#include "models/core/error.h"
#include "models/formats/format_parameters.h"
#include "models/formats/number_builders.h"

namespace mxsim {
namespace {

constexpr auto kIeee = SpecialCodes::kIeee;
constexpr auto kAllOnesNan = SpecialCodes::kAllOnesNan;
constexpr auto kNone = SpecialCodes::kNone;
constexpr BlockShape kRowOf32{1, 32};

FormatSpec scalar(std::string name, const NumberSpec& number) {
  FormatSpec format;
  format.name = std::move(name);
  format.element_bits = number.bits;
  format.element = number;
  return format;
}

FormatSpec scaled(std::string name, const NumberSpec& number, const NumberSpec& scale,
                  BlockShape block) {
  FormatSpec format = scalar(std::move(name), number);
  format.scale = scale;
  format.scale_bits = scale.bits;
  format.default_block = block;
  return format;
}

FormatSpec mx(std::string name, const NumberSpec& number, BlockShape block = kRowOf32) {
  return scaled(std::move(name), number, power_of_two(8), block);
}

FormatSpec per_tensor(std::string name, const NumberSpec& number) {
  return scaled(std::move(name), number, NumberSpec{}, {kWholeAxis, kWholeAxis});
}

FormatSpec affine(std::string name, int bits) {
  FormatSpec format = per_tensor(std::move(name), unsigned_integer(bits));
  format.zero_point = unsigned_integer(bits);
  format.scale_bits += bits;
  return format;
}

FormatSpec with_mean_scale(FormatSpec format) {
  format.scale_statistic = ScaleStatistic::kMean;
  return format;
}

/// arXiv 2302.08007, table 2: 16 elements, 8-bit scale, 1-bit offset of every two.
FormatSpec shared_microexponents(std::string name, int element_bits) {
  FormatSpec format =
      mx(std::move(name), symmetric_integer(element_bits, 2 - element_bits), {1, 16});
  format.offsets = SubBlockOffsets{{1, 2}, 1};
  return format;
}

/// NVIDIA NVFP4: block scales in E4M3 times one FP32 scale a tensor.
FormatSpec nvfp4() {
  FormatSpec format =
      scaled("nvfp4", minifloat({2, 1, 1, kNone}), minifloat({4, 3, 7, kAllOnesNan}), {1, 16});
  format.tensor_scale = NumberSpec{};
  return format;
}

std::vector<FormatSpec> make_table() {
  std::vector<FormatSpec> table{
      scalar("fp32", NumberSpec{}),
      scalar("tf32", minifloat({8, 10, 127, kIeee})),
      scalar("bf16", minifloat({8, 7, 127, kIeee})),
      scalar("fp16", minifloat({5, 10, 15, kIeee})),
      scalar("fp8_e4m3", minifloat({4, 3, 7, kAllOnesNan})),
      scalar("fp8_e5m2", minifloat({5, 2, 15, kIeee})),
      mx("mxsf", mxsf_number({}), {8, 8}),
      mx("mxsf_clamp", mxsf_number({.mode_boundary = RangeEnd::kClamp}), {8, 8}),
      mx("mxfp8_e4m3", minifloat({4, 3, 7, kAllOnesNan})),
      mx("mxfp8_e5m2", minifloat({5, 2, 15, kIeee})),
      mx("mxfp8_e2m5", minifloat({2, 5, 1, kNone})),
      mx("mxfp8_e3m4", minifloat({3, 4, 3, kNone})),
      mx("mxfp6_e3m2", minifloat({3, 2, 3, kNone})),
      mx("mxfp6_e2m3", minifloat({2, 3, 1, kNone})),
      mx("mxfp4_e2m1", minifloat({2, 1, 1, kNone})),
      nvfp4(),
      shared_microexponents("mx9", 8),
      shared_microexponents("mx6", 5),
      shared_microexponents("mx4", 3),
      affine("uint8", 8),
      affine("uint4", 4),
      with_mean_scale(per_tensor("ternary", symmetric_integer(2, 0))),
      with_mean_scale(per_tensor("binary", bipolar())),
  };
  for (int bits = 8; bits >= 2; --bits) {
    table.push_back(mx("mxint" + std::to_string(bits), symmetric_integer(bits, 2 - bits)));
  }
  for (int bits = 8; bits >= 3; --bits) {
    table.push_back(per_tensor("int" + std::to_string(bits), symmetric_integer(bits, 0)));
  }
  return table;
}

}  // namespace

const std::vector<FormatSpec>& format_table() {
  static const std::vector<FormatSpec> table = make_table();
  return table;
}

FormatSpec table_row_or(FormatSpec format) {
  FormatSpec nameless = format;
  nameless.fixed_block = false;
  for (const FormatSpec& row : format_table()) {
    nameless.name = row.name;
    if (nameless != row) continue;
    if (!format.fixed_block) return row;
    format.name = row.name + block_suffix(format.default_block);
    return format;
  }
  return format;
}

DataLayout default_layout(const FormatSpec& format) { return {format, format.default_block}; }

}  // namespace mxsim
