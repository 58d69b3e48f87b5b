#include <algorithm>
#include <array>
#include <vector>

#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kind_table.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/output_shape.h"

namespace mxsim {
namespace {

/// How the extents of the output relate to those of the input.
enum class Extents : std::uint8_t { kSmaller, kLarger, kAny };

struct MoveRow {
  std::string_view op;
  Extents extents;
};

/// Elements that go to other places; none is computed. Every element of the input is streamed past
/// and every element of the output is written. Traces do not say which place an element comes from:
/// these steps have no function yet.
///   slice    a part of some axes (with steps)    pad     constants or mirrored elements around
///   expand   extents of one, repeated            tile    the whole, repeated
///   gather   by a constant list of places        roll    along an axis, turning round
constexpr std::array<MoveRow, 6> kMoves{{
    {"slice", Extents::kSmaller},
    {"pad", Extents::kLarger},
    {"expand", Extents::kLarger},
    {"tile", Extents::kLarger},
    {"gather", Extents::kAny},
    {"roll", Extents::kAny},
}};

class Move : public LayerKind {
 public:
  explicit Move(const MoveRow& row) : row_(row) {}
  std::string_view op() const override { return row_.op; }
  std::span<const AttributeSpec> attributes() const override { return kOutputShape; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& input = layer.input_shapes[0];
    Shape output = output_shape(layer);
    bool fits = row_.extents == Extents::kAny || output.size() == input.size();
    for (std::size_t i = 0; fits && i < output.size() && row_.extents != Extents::kAny; ++i) {
      fits = row_.extents == Extents::kSmaller ? output[i] <= input[i] : output[i] >= input[i];
    }
    if (!fits) {
      faults.add("/attributes/shape", to_string(output) + " is no " + std::string(row_.op) +
                                          " of the input " + to_string(input));
    }
    return {output};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    emit_copy_forward({}, steps);
  }
  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    emit_copy_backward({}, steps);
  }

 private:
  const MoveRow& row_;
};

}  // namespace

std::span<const LayerKind* const> move_kinds() { return kinds_of<Move>(kMoves); }

}  // namespace mxsim
