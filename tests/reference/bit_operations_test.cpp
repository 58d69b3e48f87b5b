#include "models/workload/bit_operations.h"

#include <gmock/gmock.h>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "sim/config/trace_reader.h"

namespace mxsim {
namespace {

double giga_bit_operations(const std::string& trace, const std::string& format) {
  LoweringPolicy policy;
  policy.mode = Mode::kInfer;
  policy.formats.format = parse_format(format);
  policy.wide = parse_format("bf16");
  std::int64_t sum = 0;
  const Graph graph = load_trace(MXSIM_ROOT "/traces/" + trace + ".json");
  for (const OpGroup& group : lower(graph, policy).groups) sum += bit_operations(group);
  return static_cast<double>(sum) / 1e9;
}

/// FLIQS (arXiv 2308.03290), costs of uniform formats, in GBOPs as printed there.
struct Published {
  const char* trace;
  const char* format;
  double giga_bops;
  double last_digit;
  double missing_macs;  ///< of layers that the published network has and the trace has not
};

std::ostream& operator<<(std::ostream& out, const Published& published) {
  return out << published.trace << " " << published.format;
}

class PublishedBitOperations : public testing::TestWithParam<Published> {};

TEST_P(PublishedBitOperations, AreMetToTheirLastDigit) {
  const auto& [trace, format, giga_bops, last_digit, missing_macs] = GetParam();
  const int bits = parse_format(format).element_bits;
  EXPECT_NEAR(giga_bit_operations(trace, format) + missing_macs * bits * bits / 1e9, giga_bops,
              last_digit);
}

constexpr double kProjection = 64.0 * 64 * 56 * 56;  // 1x1 in stage 1

INSTANTIATE_TEST_SUITE_P(
    Fliqs, PublishedBitOperations,
    testing::Values(Published{"resnet50", "bf16", 1046.8, 0.1, 0},
                    Published{"resnet50", "mxfp8_e4m3", 261.7, 0.1, 0},
                    Published{"resnet50", "mxfp4_e2m1", 65.43, 0.01, 0},
                    Published{"resnet18", "bf16", 467.69, 0.01, kProjection},
                    Published{"resnet18", "mxfp8_e4m3", 116.92, 0.01, kProjection},
                    Published{"resnet18", "mxfp4_e2m1", 29.23, 0.01, kProjection},
                    Published{"mobilenet_v2", "bf16", 77.0, 0.1, 0},
                    Published{"mobilenet_v2", "mxfp8_e4m3", 19.25, 0.01, 0},
                    Published{"mobilenet_v2", "mxfp4_e2m1", 4.81, 0.01, 0}),
    [](const auto& info) { return std::string(info.param.trace) + "_" + info.param.format; });

}  // namespace
}  // namespace mxsim
