#pragma once

#include "models/workload/op_list.h"

namespace mxsim {

/// Cuts chains of groups that work on the same batch of matrix products (attention: scores,
/// softmax, weighted values, and the same backwards) into slices of that batch, so that what lies
/// between the groups of a chain needs `room` bytes at a time instead of the whole batch's.
///
/// A tensor is cut if all that read or write it are products that hold its matrices one below the
/// other (GroupAxis::kRows) or streams over equal tensors, all of the same number of products; each
/// part is a tensor of its own, in which blocks of a format begin anew. A chain is a run of groups
/// over such tensors; what stands between and does not depend on it goes first. Chains that share
/// tensors have the same slices: as many products as fit for all of them. Slices run one after
/// another, but products that begin a chain go before those that end the slice before, so that the
/// array works while the vector unit does. Sums over the batch are stored with the last slice.
OpList slice_products(const OpList& ops, Bytes room);

/// The smallest room with which each chain is cut, smallest first: one product at a time.
std::vector<Bytes> least_slice_rooms(const OpList& ops);

}  // namespace mxsim
