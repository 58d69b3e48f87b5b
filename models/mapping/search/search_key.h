#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/mapping/memory/residency.h"
#include "models/mapping/tiles/gemm_tile.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// All that the search for a GEMM's mapping depends on, chip apart: whole values, so that what is
/// added to one of them is told apart too. Names and the places of slices in their batch are left
/// out; tensors are numbered in the order of their first use.
struct SearchKey {
  /// Where a tensor is found or put.
  enum class Place : std::uint8_t { kDram, kChip, kBoth };
  struct Use {
    std::size_t tensor = 0;
    Place place = Place::kDram;
    bool operator==(const Use&) const = default;
  };

  SearchKey(const OpGroup& group, const GemmWork& work, const std::vector<StoredTensor>& tensors,
            const KeptTensors& kept = {});

  Pass pass;
  GridSize grid;
  GemmWork work;
  std::vector<VectorOps> vector_ops;
  std::vector<StoredTensor> tensors;
  std::vector<Use> reads;  ///< the operands, then what is streamed
  std::vector<Use> writes;
  std::vector<Encoding> encodings;  ///< of the writes

  bool operator==(const SearchKey&) const = default;
  /// For unordered containers.
  struct Hash {
    std::size_t operator()(const SearchKey& key) const;
  };
};

}  // namespace mxsim
