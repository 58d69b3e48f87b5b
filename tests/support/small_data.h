#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace mxsim::testing {

/// An IDX file of unsigned bytes.
std::string idx_file(const std::vector<std::uint32_t>& extents,
                     const std::vector<std::uint8_t>& elements);

/// Writes the four files of the MNIST family: 8 x 8 images of 4 classes, each a bright quarter on
/// noise.
void write_quarters(const TemporaryFolder& folder, std::int64_t train, std::int64_t test);

/// Writes run and trace of a small convolutional network for them; the path of the run file.
std::string write_quarters_run(const TemporaryFolder& folder);

}  // namespace mxsim::testing
