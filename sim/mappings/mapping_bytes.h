#pragma once

#include <optional>
#include <string>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/plan/gemm_mapping.h"
#include "models/mapping/search/search_key.h"

namespace mxsim {

/// All values that the search for a GEMM's mapping reads. Equal searches give equal bytes, others
/// differ; a value that is added to one of the types does not compile until it is among them.
std::string search_bytes(const MapperChip& chip, const SearchKey& key);

std::string mapping_bytes(const GemmMapping& mapping);
/// Nothing where the bytes are no mapping.
std::optional<GemmMapping> mapping_of(const std::string& bytes);

}  // namespace mxsim
