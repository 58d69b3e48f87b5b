#include "sim/run/blocks_in_use.h"

namespace mxsim {

BlockShape block_in_use(const FormatPolicy& formats) {
  const FormatSpec& format = formats.format;
  return format.fixed_block ? format.default_block : formats.block.value_or(format.default_block);
}

TransposePolicy transpose_in_use(const FormatPolicy& formats) {
  if (formats.transpose != TransposePolicy::kAuto) return formats.transpose;
  const BlockShape block = block_in_use(formats);
  return block.rows > 1 && block.cols > 1 ? TransposePolicy::kReuse : TransposePolicy::kDual;
}

}  // namespace mxsim
