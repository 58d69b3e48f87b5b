// Words that follow the array hold its vectors, whatever its shape, dataflow and formats.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "models/arithmetic/dot_product.h"
#include "models/energy/priced_chip.h"
#include "models/mapping/chip/port_bound.h"
#include "tests/property/drawn_chips.h"
#include "tests/support/technology.h"

namespace mxsim {
namespace {

using testing::draw;

ArraySpec drawn_array() {
  ArraySpec array;
  array.rows = draw(1, 300);
  array.cols = draw(1, 300);
  array.grid = {draw(1, 4), draw(1, 4)};
  const Dataflow flow = *rc::gen::element(Dataflow::kWeightStationary, Dataflow::kOutputStationary,
                                          Dataflow::kInputStationary);
  array.dataflow = {flow, flow, flow};
  array.dot_product = {{4, std::int64_t{1} << draw(0, 4)}, {24, std::int64_t{1} << draw(0, 1)}};
  return array;
}

WorkFormats drawn_formats() {
  const auto format = [] {
    return parse_format(*rc::gen::element("bf16", "mxsf", "mxfp4_e2m1", "mxfp6_e3m2"));
  };
  return {format(), format(), format()};
}

GemmWork drawn_work(const WorkFormats& formats) {
  GemmWork work;
  work.images = draw(1, 1000);
  work.channels = draw(1, 5000);
  work.n = draw(1, 1000);
  work.format_a = formats.a;
  work.format_b = formats.b;
  return work;
}

MapperChip chip_of(const ArraySpec& array, const BufferSet& buffers,
                   const std::vector<WorkFormats>& in_use) {
  const std::vector<BuiltBuffer> built = built_buffers(buffers, buffer_contents(in_use, array));
  return {array, *geometry_of(Unit::kSramInput, built), *geometry_of(Unit::kSramWeight, built),
          *geometry_of(Unit::kSramAccumulator, built), VectorSpec{}};
}

RC_GTEST_PROP(WordsThatFollowTheArray, NeverHoldItUpWhereASlotHasAReadAndAWriteBank, ()) {
  const ArraySpec array = drawn_array();
  const WorkFormats formats = drawn_formats();
  const MapperChip chip = chip_of(array, separate_buffers({}, {}, {}), {formats});
  const PortBound bound = port_bound(chip, Pass::kForward, drawn_work(formats));
  RC_ASSERT(bound.cycles == bound.unhindered);
}

RC_GTEST_PROP(WordsThatFollowTheArray, AreOneVectorOfAFilledArrayWide, ()) {
  const ArraySpec array = drawn_array();
  const WorkFormats formats = drawn_formats();
  const BufferContents contents = buffer_contents({formats}, array);
  const std::int64_t dot = dot_product_width(array, formats.a, formats.b);
  const Dataflow flow = array.dataflow.forward;
  const std::int64_t left = flow == Dataflow::kInputStationary ? array.cols : array.rows;
  const std::int64_t right = flow == Dataflow::kInputStationary ? array.rows : array.cols;
  RC_ASSERT(contents.left.vector_bits == left * dot * formats.a.element_bits);
  RC_ASSERT(contents.right.vector_bits == right * dot * formats.b.element_bits);
  RC_ASSERT(contents.sum.vector_bits == array.cols * 32);
}

// A chip with one more row or column is never smaller: its wider words are paid for.
RC_GTEST_PROP(WordsThatFollowTheArray, MakeALargerArrayALargerChip, ()) {
  static const TechnologyTable table = shipped_technology();
  PricedChip chip;
  chip.array = drawn_array();
  const std::vector<WorkFormats> formats{drawn_formats()};
  const double before = chip_area(chip, formats, table).total_mm2();
  ++(draw(0, 1) == 0 ? chip.array.rows : chip.array.cols);
  RC_ASSERT(chip_area(chip, formats, table).total_mm2() > before);
}

// 8 rows and 128 columns with words of 32 took 4 and 16 cycles a step (sweeps/resnet50_array.json).
TEST(StatedWords, AreKeptWhateverTheArray) {
  ArraySpec array;
  array.rows = 8;
  array.cols = 128;
  BufferSpec stated;
  stated.width_elements = 32;
  GemmWork work;
  work.images = 1000;
  work.channels = 64;
  work.n = 256;
  work.format_a = work.format_b = parse_format("mxsf");
  const std::vector<WorkFormats> formats{{work.format_a, work.format_b, work.format_a}};
  const PortBound bound = port_bound(
      chip_of(array, separate_buffers(stated, stated, stated), formats), Pass::kForward, work);
  EXPECT_EQ(bound.buffer, Unit::kSramAccumulator);
  EXPECT_EQ(bound.vector_bits, 128 * 32);
  EXPECT_TRUE(bound.bounds());
  EXPECT_FALSE(
      port_bound(chip_of(array, separate_buffers({}, {}, {}), formats), Pass::kForward, work)
          .bounds());
}

}  // namespace
}  // namespace mxsim
