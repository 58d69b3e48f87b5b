#include "models/mapping/chip/mapper_chip.h"

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/exact_sums.h"
#include "models/mapping/chip/array_step.h"
#include "models/mapping/tiles/reduction_blocks.h"
#include "models/mapping/tiles/vector_axes.h"

namespace mxsim {

const SramGeometry& MapperChip::buffer(Unit unit) const {
  if (unit == Unit::kSramGradient && gradient) return *gradient;
  if (unit == Unit::kSramStream && stream) return *stream;
  if (unit == Unit::kSramWeight) return weight;
  return unit == Unit::kSramAccumulator ? accumulator : input;
}

OperandBuffers operand_buffers(const MapperChip& chip, const GemmWork& work) {
  OperandBuffers buffers;
  if (!chip.gradient) return buffers;
  if (work.role_a == TensorRole::kGradient) {
    buffers.left = Unit::kSramGradient;
  } else if (work.role_b == TensorRole::kGradient) {
    buffers.right = Unit::kSramGradient;
  }
  return buffers;
}

ColumnReads column_reads(const MapperChip& chip, Dataflow dataflow, const GemmWork& work) {
  const OperandBuffers operands = operand_buffers(chip, work);
  const VectorAxes axes = vector_axes(dataflow, work);
  ColumnReads reads;
  if (axes.left == VectorAxis::kAcrossRows) {
    reads.left = chip.buffer(operands.left).transposed_read();
  }
  if (axes.right == VectorAxis::kAcrossRows) {
    reads.right = chip.buffer(operands.right).transposed_read();
  }
  return reads;
}

Bytes on_chip_bytes(const MapperChip& chip) {
  const Bytes separate = chip.input.bytes() + chip.weight.bytes() + chip.accumulator.bytes();
  return chip.gradient ? separate + chip.gradient->bytes() : separate;
}

RingSlots ring_slots(const MapperChip& chip, const GemmWork& work) {
  const OperandBuffers operands = operand_buffers(chip, work);
  return {chip.buffer(operands.left).slots(), chip.buffer(operands.right).slots(),
          chip.accumulator.slots()};
}

ArrayCommand array_command(const MapperChip& chip, Pass pass, const GemmWork& work,
                           const GemmTile& tile, Accumulate accumulate) {
  ArrayCommand command = tile_command(chip.array, pass, work, tile, accumulate, *chip.pieces);
  command.zero_products = 1 - (1 - work.zeros_a) * (1 - work.zeros_b);
  fit_to_ports(chip, work, tile, command);
  return command;
}

}  // namespace mxsim
