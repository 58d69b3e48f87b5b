#include "models/formats/layout_request.h"

#include "models/core/error.h"
#include "models/formats/format_table.h"
#include "models/formats/scale_rule.h"

namespace mxsim {
namespace {

[[noreturn]] void refuse(std::string_view option, const std::string& why) {
  throw InputError({{std::string(option), "", why}});
}

void require_block(const LayoutRequest& request, const FormatSpec& format) {
  constexpr std::int64_t kLargest = 1 << 20;
  const auto [rows, cols] = *request.block;
  if (!format.scale) refuse(request.block_option, "format " + format.name + " has no block scale");
  if (rows < 1 || cols < 1 || rows > kLargest || cols > kLargest) {
    refuse(request.block_option, "got " + std::to_string(rows) + "x" + std::to_string(cols) +
                                     ", expected extents of 1..1048576");
  }
  const BlockShape sub = format.offsets ? format.offsets->shape : BlockShape{};
  if (rows % sub.rows != 0 || cols % sub.cols != 0) {
    refuse(request.block_option, "format " + format.name + " needs blocks of whole sub-blocks (" +
                                     std::to_string(sub.rows) + "x" + std::to_string(sub.cols) +
                                     ")");
  }
}

}  // namespace

DataLayout requested_layout(const LayoutRequest& request) {
  DataLayout layout = default_layout(parse_format(request.format));
  FormatSpec& format = layout.format;
  if (format.hadamard > 0) {
    throw InputError("format \"" + format.name +
                     "\": a Hadamard transform is of the two operands of a product, in runs");
  }
  if (!request.scale_rule.empty()) {
    if (!format.scale || !format.scale->is_power_of_two()) {
      refuse(request.scale_rule_option,
             "format " + format.name + " has no power-of-two block scale");
    }
    format.scale_rule = parse_scale_rule(request.scale_rule);
  }
  if (!request.block) return layout;
  require_block(request, format);
  layout.block = *request.block;
  return layout;
}

}  // namespace mxsim
