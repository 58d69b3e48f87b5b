#include "models/energy/work_formats.h"

#include <algorithm>

#include "models/arithmetic/exact_sums.h"
#include "models/formats/format_parser.h"

namespace mxsim {

WorkFormats work_formats(const OpList& ops, const OpGroup& group) {
  const FormatSpec fp32 = parse_format("fp32");
  WorkFormats formats{fp32, fp32, fp32};
  if (!group.gemms.empty()) {
    formats.a = group.gemms.front().format_a;
    formats.b = group.gemms.front().format_b;
    formats.draws =
        formats.a.rounding == Rounding::kStochastic || formats.b.rounding == Rounding::kStochastic;
    formats.hadamard = std::max(formats.a.hadamard, formats.b.hadamard);
  }
  const auto quantized =
      std::find_if(group.writes.begin(), group.writes.end(),
                   [](const TensorWrite& write) { return write.encoding == Encoding::kQuantize; });
  if (quantized != group.writes.end()) {
    formats.encoded = ops.tensors.at(static_cast<std::size_t>(quantized->tensor)).layout.format;
  }
  return formats;
}

std::vector<WorkFormats> formats_in_use(const OpList& ops) {
  std::vector<WorkFormats> in_use;
  for (const OpGroup& group : ops.groups) {
    if (group.gemms.empty()) continue;
    WorkFormats formats = work_formats(ops, group);
    if (std::find(in_use.begin(), in_use.end(), formats) == in_use.end()) {
      in_use.push_back(std::move(formats));
    }
  }
  if (in_use.empty()) in_use.push_back(work_formats(ops, OpGroup{}));
  return in_use;
}

ElementBits widest_elements(const std::vector<WorkFormats>& in_use, const ArraySpec& array) {
  ElementBits widest;
  widest.sum = 0;
  for (const WorkFormats& work : in_use) {
    widest.left = std::max<std::int64_t>(widest.left, work.a.element_bits);
    widest.right = std::max<std::int64_t>(widest.right, work.b.element_bits);
    widest.sum = std::max(widest.sum, partial_sum_bits(sum_of(array, work.a, work.b).accumulator));
  }
  return widest;
}

}  // namespace mxsim
