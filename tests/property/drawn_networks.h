#pragma once

#include <rapidcheck.h>

#include <cstdint>

#include "tests/support/small_graphs.h"

namespace mxsim::testing {

/// A number of [low, high].
inline std::int64_t draw(std::int64_t low, std::int64_t high) {
  return *rc::gen::inRange<std::int64_t>(low, high + 1);
}

/// Grouped and depthwise convolutions.
inline Graph drawn_cnn() {
  const std::int64_t groups = draw(1, 4);
  const std::int64_t channels = groups * draw(1, 9);
  return GraphBuilder({draw(1, 5), draw(5, 14), draw(5, 14)})
      .layer("first", "conv2d", {"image"},
             {{"out_channels", {channels}}, {"kernel", {draw(1, 3)}}, {"padding", {1}}})
      .layer("bn", "batch_norm", {"first"})
      .layer("depthwise", "conv2d", {"bn"},
             {{"out_channels", {channels}},
              {"kernel", {3}},
              {"stride", {draw(1, 2)}},
              {"padding", {1}},
              {"groups", {channels}},
              {"bias", {0}}})
      .layer("relu", "relu6", {"depthwise"})
      .layer("grouped", "conv2d", {"relu"},
             {{"out_channels", {groups * draw(1, 5)}},
              {"kernel", {2}},
              {"groups", {groups}},
              {"bias", {0}}})
      .layer("pool", "global_average_pool", {"grouped"})
      .layer("flat", "flatten", {"pool"})
      .layer("loss", "cross_entropy", {"flat"})
      .build();
}

/// Attention between norms.
inline Graph drawn_transformer() {
  const std::int64_t heads = draw(1, 3);
  const std::int64_t width = heads * draw(1, 9);
  const std::int64_t patch = draw(1, 3);
  const RawAttributes features{{"out_features", {width}}};
  return GraphBuilder({draw(1, 3), draw(4, 12), draw(4, 12)})
      .layer("patch", "conv2d", {"image"},
             {{"out_channels", {width}}, {"kernel", {patch}}, {"stride", {patch}}})
      .layer("tokens", "image_to_tokens", {"patch"})
      .layer("class", "class_token", {"tokens"})
      .layer("position", "position", {"class"})
      .layer("norm", "layer_norm", {"position"})
      .layer("q", "linear", {"norm"}, features)
      .layer("k", "linear", {"norm"}, features)
      .layer("v", "linear", {"norm"}, features)
      .layer("s", "matmul", {"q", "k"}, {{"heads", {heads}}, {"transpose_b", {1}}})
      .layer("p", "softmax", {"s"}, {{"scale", {1}}})
      .layer("o", "matmul", {"p", "v"}, {{"heads", {heads}}})
      .layer("proj", "linear", {"o"}, features)
      .layer("add", "add", {"proj", "position"})
      .layer("gelu", "gelu", {"add"})
      .layer("pick", "select", {"gelu"})
      .layer("loss", "cross_entropy", {"pick"})
      .build();
}

}  // namespace mxsim::testing
