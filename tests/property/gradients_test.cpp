// Backward steps of drawn networks, in double, against central differences of their loss.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/property/drawn_networks.h"
#include "tests/support/gradient_check.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

using testing::draw;

/// A layer of drawn sizes between a convolution and a classifier.
Graph drawn_image_network() {
  const std::int64_t groups = draw(1, 3);
  const std::int64_t channels = groups * draw(1, 3);
  const std::int64_t height = draw(3, 6);
  const std::int64_t width = draw(3, 6);
  GraphBuilder builder({draw(1, 3), height, width});
  builder.layer("first", "conv2d", {"image"}, {{"out_channels", {channels}}, {"kernel", {1}}});
  switch (draw(0, 4)) {
    case 0:
      builder.layer("kind", "conv2d", {"first"},
                    {{"out_channels", {groups * draw(1, 3)}},
                     {"kernel", {draw(1, 3), draw(1, 3)}},
                     {"stride", {draw(1, 2)}},
                     {"padding", {draw(0, 1)}},
                     {"groups", {groups}}});
      break;
    case 1:
      builder.layer("kind", "group_norm", {"first"}, {{"groups", {groups}}});
      break;
    case 2:
      builder.layer("kind", "average_pool", {"first"},
                    {{"kernel", {2}},
                     {"stride", {draw(1, 2)}},
                     {"count_padding", {draw(0, 1)}},
                     {"padding", {draw(0, 1)}}});
      break;
    case 3:
      builder.layer("kind", "resize", {"first"},
                    {{"shape", {channels, draw(1, 9), draw(1, 9)}},
                     {"mode", {draw(1, 3)}},
                     {"taps", {4}},
                     {"coordinates", {draw(0, 3)}}});
      break;
    default:
      builder.layer("kind", "pad", {"first"},
                    {{"shape", {channels, height + draw(1, 2), width + draw(1, 2)}},
                     {"before", {0, draw(0, 1), draw(0, 1)}},
                     {"mode", {draw(0, 3)}}});
  }
  return builder.layer("flat", "flatten", {"kind"})
      .layer("fc", "linear", {"flat"}, {{"out_features", {draw(2, 4)}}})
      .layer("loss", "cross_entropy", {"fc"})
      .build();
}

/// Attention of drawn heads, tokens and mask.
Graph drawn_attention() {
  const std::int64_t kv = draw(1, 2);
  const std::int64_t heads = kv * draw(1, 3);
  const std::int64_t head = 2 * draw(1, 2);
  return GraphBuilder({draw(1, 5), draw(1, 4)})
      .layer("q", "linear", {"image"}, {{"out_features", {heads * head}}})
      .layer("k", "linear", {"image"}, {{"out_features", {kv * head}}})
      .layer("v", "linear", {"image"}, {{"out_features", {kv * draw(1, 3)}}})
      .layer("turned", "rotary", {"q"}, {{"width", {head}}})
      .layer("kind", "attention", {"turned", "k", "v"},
             {{"heads", {heads}},
              {"kv_heads", {kv}},
              {"causal", {draw(0, 1)}},
              {"window", {draw(0, 3)}},
              {"sinks", {draw(0, 1)}}})
      .layer("flat", "flatten", {"kind"})
      .layer("fc", "linear", {"flat"}, {{"out_features", {draw(2, 4)}}})
      .layer("loss", "cross_entropy", {"fc"})
      .build();
}

RC_GTEST_PROP(DrawnGradients, OfImagesAreThoseOfTheLoss, ()) {
  RC_ASSERT(testing::gradient_fault(drawn_image_network(), draw(1, 3)) == "");
}

RC_GTEST_PROP(DrawnGradients, OfAttentionAreThoseOfTheLoss, ()) {
  RC_ASSERT(testing::gradient_fault(drawn_attention(), draw(1, 3)) == "");
}

}  // namespace
}  // namespace mxsim
