#pragma once

#include <optional>
#include <string>

#include "sim/import/lowering/imported_network.h"

namespace mxsim {

/// Files of other programs that describe a network.
enum class NetworkFileKind : std::uint8_t { kScaleSim, kOnnx };

/// Told from the name (`.csv`, `.onnx`) or, for other names, from the first bytes; none: another
/// file, e.g. a trace.
std::optional<NetworkFileKind> network_file_kind(const std::string& path);

/// Reads such a file and checks the network. Throws InputError whose lines name the file.
ImportedNetwork import_network(const std::string& path, NetworkFileKind kind,
                               const ImportOptions& options);

}  // namespace mxsim
