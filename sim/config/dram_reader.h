#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/dram/dram_device.h"
#include "sim/config/document.h"
#include "sim/config/dram_config.h"

namespace mxsim {

/// The device a file describes; throws InputError with every fault.
DramDevice load_dram_device(const std::string& path, const std::vector<Override>& overrides = {});

/// Parameters turned into cycles and formulas into numbers. `faults` gets what cannot be; their
/// pointers are those of the file.
DramDevice to_device(const DramFile& file, std::vector<Diagnostic>& faults);

/// The same device with that many channels; the address map must say where their bits go (a slice
/// "channel:0" is enough). Standby power that is stated for all channels follows their number.
/// Throws InputError unless `channels` is a power of two.
DramDevice with_channels(DramDevice device, std::int64_t channels);

}  // namespace mxsim
