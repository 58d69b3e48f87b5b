#include "models/core/reuse.h"

#include <atomic>

namespace mxsim {
namespace {

std::atomic<int> refusals{0};

}  // namespace

bool reuses_work() { return refusals == 0; }

NoReuse::NoReuse() { ++refusals; }
NoReuse::~NoReuse() { --refusals; }

}  // namespace mxsim
