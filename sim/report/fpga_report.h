#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/energy/fpga_cost.h"
#include "sim/report/format_report.h"

namespace mxsim {

/// INT and ExMy (2 to 5 exponent bits, every code a number) of 3 to 8 bits.
std::vector<FormatSpec> fpga_formats();

/// Multiply-accumulate units of the listing's formats with lossless accumulators for its terms: on
/// an FPGA (fpga_cost.h) and as gates of the listing's technology.
std::string fpga_json(const FormatListing& listing);
std::string fpga_text(const FormatListing& listing, std::size_t width);

nlohmann::ordered_json to_json(const FpgaCost& cost);
/// Chips by label; "" when none can be built.
std::string fpga_table(const std::vector<std::pair<std::string, std::optional<FpgaCost>>>& chips,
                       std::size_t width);

}  // namespace mxsim
