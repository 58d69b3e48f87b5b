#pragma once

#include <string>
#include <vector>

namespace mxsim {

/// Names of formats that were cut at every comma: TensorCast's names have a comma of their own. A
/// piece that names no format is put back behind its predecessor where both together name one. The
/// free third part of TensorCast's names stays apart: it would hide a misspelt format. Throws
/// InputError where a piece is a word for a scale (float32) that would be one of its predecessor's
/// too: either could be meant.
std::vector<std::string> whole_format_names(const std::vector<std::string>& pieces);

}  // namespace mxsim
