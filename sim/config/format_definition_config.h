#pragma once

#include "models/formats/format_definition.h"
#include "models/workload/format_policy.h"
#include "sim/config/binder.h"

namespace mxsim {

/// The section `formats` of a run file: formats of its own, and which operand has which.
struct FormatsSection {
  FormatDefinitions& defined;
  FormatPolicy& policy;
};

void bind(Binder& b, FormatDefinition& s);
void bind(Binder& b, FormatsSection& s);

}  // namespace mxsim
