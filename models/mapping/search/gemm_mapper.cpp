#include "models/mapping/search/gemm_mapper.h"

#include "models/mapping/search/mapping_search.h"

namespace mxsim {
std::vector<GemmMapping> best_mappings(const OpGroup& group, const GemmWork& work,
                                       const std::vector<StoredTensor>& tensors,
                                       const MapperChip& chip, std::size_t count,
                                       const KeptTensors& kept) {
  return MappingSearch(group, work, tensors, chip, count, kept).best();
}

GemmMapping map_gemm(const OpGroup& group, const GemmWork& work,
                     const std::vector<StoredTensor>& tensors, const MapperChip& chip,
                     const KeptTensors& kept) {
  return best_mappings(group, work, tensors, chip, 1, kept).front();
}

}  // namespace mxsim
