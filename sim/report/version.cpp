#include "sim/report/version.h"

namespace mxsim {

std::string_view version() { return MXSIM_VERSION; }

}  // namespace mxsim
