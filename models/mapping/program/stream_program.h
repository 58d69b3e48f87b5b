#pragma once

#include <cstdint>

#include "models/mapping/program/build_context.h"

namespace mxsim {

/// Queues the commands of a group without GEMM (see program_builder.h).
void build_stream_program(const BuildContext& context, std::uint32_t group);

/// Elements of the group's grid that pass through the buffers at once: what fits one slot of the
/// input and of the accumulator or stream buffer, at most a quarter of the grid so that fetching,
/// computing and storing overlap, in whole rows of blocks and of tiles in DRAM where that is
/// possible. Throws InputError when not even one element fits.
std::int64_t chunk_elements(const OpList& ops, const OpGroup& group, const MapperChip& chip);

/// The part of a tensor, counted in its elements, that belongs to elements `piece` of the group's
/// grid.
Range stream_share(const StoredTensor& tensor, const OpGroup& group, Range piece);

}  // namespace mxsim
