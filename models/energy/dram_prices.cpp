#include "models/energy/dram_prices.h"

#include "models/core/did_you_mean.h"
#include "models/core/error.h"

namespace mxsim {
namespace {

Price per_byte(Price price) {
  constexpr double kBitsPerByte = 8;
  for (double* value : {&price.value, &price.low, &price.high}) *value *= kBitsPerByte;
  price.unit = "pJ/byte";
  return price;
}

}  // namespace

DramPrices dram_prices(const TechnologyTable& table, const std::string& device) {
  std::vector<std::string> names;
  for (const DramDevicePrices& row : table.dram) {
    if (row.name == device) {
      const Price byte = per_byte(row.energy);
      return {{{Event::kDramReadBytes, byte}, {Event::kDramWriteBytes, byte}}, row.background};
    }
    names.push_back(row.name);
  }
  throw InputError("the technology table has no DRAM device \"" + device + "\"" +
                   did_you_mean(device, names));
}

}  // namespace mxsim
