#include "models/mapping/search/mapping_store.h"

#include "models/core/reuse.h"

namespace mxsim {
namespace {

MappingStore* in_use = nullptr;

}  // namespace

MappingStore* mapping_store() { return reuses_work() ? in_use : nullptr; }

UseMappingStore::UseMappingStore(MappingStore& store) : before_(in_use) { in_use = &store; }
UseMappingStore::~UseMappingStore() { in_use = before_; }

}  // namespace mxsim
