#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mxsim {

/// The bytes of a file; of a name that ends in .gz, unpacked. Throws InputError that names the
/// file: missing, unreadable, a broken gzip file, more than `most` bytes.
std::vector<std::uint8_t> read_bytes(const std::string& path, std::size_t most);

}  // namespace mxsim
