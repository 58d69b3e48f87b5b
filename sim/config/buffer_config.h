#pragma once

#include <vector>

#include "models/chip/buffer_spec.h"
#include "models/core/error.h"
#include "sim/config/binder.h"

namespace mxsim {

void bind(Binder& b, BufferSpec& s);
/// The key `buffers`. A buffer called input, weight, gradient or accumulator has that role, one
/// called shared has all but gradients, unless its `roles` say otherwise.
void bind(Binder& b, BufferSet& s);

/// Rules across keys: every role but gradients is served exactly once, slots divide the banks that
/// they own, banks divide the bytes. Pointers start at the name of a buffer.
std::vector<Diagnostic> validate(const BufferSet& buffers);

}  // namespace mxsim
