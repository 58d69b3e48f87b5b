#include "models/energy/efficiency.h"

namespace mxsim {
namespace {

constexpr double kOperationsPerMac = 2;
constexpr double kJoulesPerPicojoule = 1e-12;
constexpr double kTera = 1e12;

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

}  // namespace

Efficiency efficiency(std::int64_t macs, double time_s, double energy_pj, double area_mm2) {
  const double tera_operations = kOperationsPerMac * static_cast<double>(macs) / kTera;
  const double energy_j = energy_pj * kJoulesPerPicojoule;
  Efficiency result;
  result.tops = ratio(tera_operations, time_s);
  result.tops_per_w = ratio(tera_operations, energy_j);
  result.tops_per_mm2 = ratio(result.tops, area_mm2);
  result.average_power_w = ratio(energy_j, time_s);
  result.energy_delay_product_js = energy_j * time_s;
  return result;
}

}  // namespace mxsim
