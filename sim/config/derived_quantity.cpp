#include "sim/config/derived_quantity.h"

#include <array>

#include "models/workload/lower.h"
#include "sim/config/silicon.h"

namespace mxsim {
namespace {

constexpr std::string_view kBase = "base:";

double component_mm2(const RunConfig& run, AreaComponent component) {
  const OpList ops = lower(run.workload, lowering_policy(run));
  return chip_area(priced_chip(run.chip), formats_in_use(ops), run.chip.technology.table)
      .component_mm2(component);
}

constexpr std::array<DerivedQuantity, 6> kQuantities{
    {{"pes", [](const RunConfig& run) { return static_cast<double>(run.chip.array.pes()); }},
     {"sram_bytes",
      [](const RunConfig& run) { return static_cast<double>(capacity(run.chip.buffers).count()); }},
     {"array_mm2", [](const RunConfig& run) { return component_mm2(run, AreaComponent::kArray); }},
     {"sram_mm2", [](const RunConfig& run) { return component_mm2(run, AreaComponent::kSram); }},
     {"area_mm2", silicon_mm2},
     {"dram_bytes_per_s",
      [](const RunConfig& run) { return dram_device(run.chip.dram).peak_bytes_per_s(); }}}};

}  // namespace

std::span<const DerivedQuantity> derived_quantities() { return kQuantities; }

bool is_of_base(std::string_view name) { return name.starts_with(kBase); }

const DerivedQuantity* find_quantity(std::string_view name) {
  if (is_of_base(name)) name.remove_prefix(kBase.size());
  for (const DerivedQuantity& each : kQuantities) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace mxsim
