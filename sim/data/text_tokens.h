#pragma once

#include <string>

#include "sim/data/dataset.h"

namespace mxsim {

/// Bytes of a text as tokens for a language model: samples of `length` tokens, one behind the
/// other, each with the token that follows as its label. The last tenth of the samples are the
/// test set. Throws InputError that names a file that is missing or too short for ten samples.
Dataset read_text_tokens(const std::string& path, std::int64_t length);

}  // namespace mxsim
