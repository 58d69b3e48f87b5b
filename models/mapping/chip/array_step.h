#pragma once

#include "models/mapping/chip/mapper_chip.h"

namespace mxsim {

/// Gives the command of a tile the words of its buffers; the smallest step, in core cycles, in
/// which the ports move the longest vectors of every streamed operand and partial sum; and the pace
/// of its stationary loads, which ports move once a pass. The ports move vectors:
/// - through the ports of its slot, results twice, because they are read and written; those of a
///   grid's arrays through the ports of different bank groups, as far as there are;
/// - in an interleaved buffer through the ports of all banks, together with all other vectors that
///   lie there; loads take the words that streams leave, and of the steps in which they do the one
///   is chosen with which the command ends first;
/// - of a column that is gathered, as its bank conflicts allow (ColumnRead);
/// - of a column that has ports of its own (TransposedRead::kSecondPort), through those.
void fit_to_ports(const MapperChip& chip, const GemmWork& work, const GemmTile& tile,
                  ArrayCommand& command);

}  // namespace mxsim
