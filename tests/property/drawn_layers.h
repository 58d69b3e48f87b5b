#pragma once

#include <rapidcheck.h>

#include <algorithm>

#include "tests/property/drawn_chips.h"

namespace mxsim::testing {

/// A convolution behind another, so that it has a data gradient.
inline Graph drawn_convolution() {
  const std::int64_t groups = draw(0, 2) == 0 ? draw(1, 4) : 1;
  const std::int64_t kernel = draw(1, 3);
  return GraphBuilder({draw(1, 4), draw(4, 32), draw(4, 32)})
      .layer("first", "conv2d", {"image"},
             {{"out_channels", {groups * draw(1, 80 / groups)}}, {"kernel", {1}}})
      .layer("layer", "conv2d", {"first"},
             {{"out_channels", {groups * draw(1, 80 / groups)}},
              {"kernel", {kernel}},
              {"stride", {draw(1, 2)}},
              {"padding", {draw(0, kernel / 2)}},
              {"groups", {groups}},
              {"bias", {draw(0, 1)}}})
      .layer("pool", "global_average_pool", {"layer"})
      .layer("flat", "flatten", {"pool"})
      .layer("loss", "cross_entropy", {"flat"})
      .build();
}

/// Training of a convolution, or one of the small networks.
inline OpList drawn_layers(const ChipConfig& chip) {
  if (draw(0, 3) == 0) return drawn_ops(chip);
  LoweringPolicy policy;
  policy.mode = Mode::kTrain;
  policy.batch = draw(1, 4);
  policy.wide = parse_format("bf16");
  policy.formats.format =
      parse_format(*rc::gen::element("bf16", "mxsf", "mxfp8_e4m3", "mxint8", "mxfp4_e2m1"));
  policy.array = chip.array;
  OpList ops = lower(drawn_convolution(), policy);
  draw_tiles(ops);
  return ops;
}

/// One group with a GEMM (forward, data or weight gradient) of them.
inline OpList drawn_layer(const ChipConfig& chip) {
  OpList ops = drawn_layers(chip);
  std::erase_if(ops.groups, [](const OpGroup& group) { return group.gemms.empty(); });
  const std::int64_t last = std::ssize(ops.groups) - 1;
  ops.groups = {ops.groups[static_cast<std::size_t>(draw(0, last))]};
  return ops;
}

}  // namespace mxsim::testing
