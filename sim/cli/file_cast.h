#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "models/formats/encoding_part.h"
#include "models/formats/rounding.h"
#include "sim/report/format_report.h"

namespace mxsim {

/// Files of a cast; empty: not given. The names of parts are in the order of kEncodingParts.
struct CastFiles {
  std::string input;
  std::string random;  ///< uint16, a word an element, for stochastic rounding
  std::string values;
  std::array<std::string, kEncodingParts.size()> parts;
};

struct PartOption {
  const char* flag;
  const char* description;
  const char* absent;  ///< what a format without the part has not
};
inline constexpr std::array<PartOption, kEncodingParts.size()> kPartOptions{
    {{"--codes", "write the element codes", "codes"},
     {"--scales", "write the codes of the block scales", "block scale"},
     {"--zero-points", "write the zero points of an affine format's blocks", "zero points"},
     {"--offsets", "write the scale offsets of sub-blocks", "sub-block offsets"}}};

/// Reads a .npy file, casts, counts and writes band after band. Throws InputError, with nothing
/// written, for files that cannot be used, parts that the format lacks and outputs that are the
/// same file as an input or another output. `progress` is told the rows that are done.
QuantizationSummary cast_file(
    const CastFiles& files, const DataLayout& layout, Rounding rounding, std::uint64_t seed,
    const std::function<void(std::int64_t done, std::int64_t rows)>& progress);

}  // namespace mxsim
