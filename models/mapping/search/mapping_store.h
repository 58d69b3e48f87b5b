#pragma once

#include <optional>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/plan/gemm_mapping.h"
#include "models/mapping/search/search_key.h"

namespace mxsim {

/// Mappings that were found before, in this process or another. A search finds the same mapping for
/// the same chip and key, so that no result depends on what a store holds.
class MappingStore {
 public:
  virtual ~MappingStore() = default;
  virtual std::optional<GemmMapping> find(const MapperChip& chip, const SearchKey& key) = 0;
  virtual void keep(const MapperChip& chip, const SearchKey& key, const GemmMapping& mapping) = 0;
};

/// The store that searches ask first; null: none, or while work is not reused (reuse.h).
MappingStore* mapping_store();

/// While it exists, searches ask `store`, which outlives it.
class UseMappingStore {
 public:
  explicit UseMappingStore(MappingStore& store);
  ~UseMappingStore();
  UseMappingStore(const UseMappingStore&) = delete;
  UseMappingStore& operator=(const UseMappingStore&) = delete;

 private:
  MappingStore* before_;
};

}  // namespace mxsim
