#pragma once

#include <string>
#include <vector>

#include "models/energy/dram_costs.h"
#include "models/energy/price_list.h"
#include "models/energy/priced_chip.h"
#include "models/energy/technology_table.h"

namespace mxsim {

/// Prices of a chip's events, its standing power and its area.
class EnergyModel {
 public:
  /// `in_use` must not be empty.
  EnergyModel(const PricedChip& chip, std::vector<WorkFormats> in_use, TechnologyTable table,
              DramCosts dram);

  /// Prices while work of these formats runs.
  PriceList prices(const WorkFormats& formats) const;
  AreaBreakdown area() const { return chip_area(chip_, in_use_, table_); }
  /// One line for every price the result rests on that is assumed or uncertain, with its source.
  std::vector<std::string> assumptions() const;

 private:
  void add_array(PriceList& list, const WorkFormats& formats) const;
  void add_operand_registers(PriceList& list, const WorkFormats& formats) const;
  void add_multicast(PriceList& list) const;
  void add_buffers(PriceList& list) const;
  void add_transposers(PriceList& list) const;
  void add_vector(PriceList& list) const;
  void add_requant(PriceList& list, const FormatSpec& encoded) const;
  void add_rounding(PriceList& list) const;
  void add_patches(PriceList& list) const;
  void add_dma(PriceList& list) const;
  void add_dram(PriceList& list) const;
  void add_static(PriceList& list) const;
  /// Of a PE, which is built for the formats in use that need most.
  std::int64_t built_flop_bits() const;
  void note_built(std::vector<std::string>& lines) const;
  /// A logic energy at the table's node.
  UncertainPrice logic(std::string name, const std::string& factor, const Price& price,
                       double scale = 1) const;

  PricedChip chip_;
  std::vector<WorkFormats> in_use_;
  TechnologyTable table_;
  DramCosts dram_;
};

}  // namespace mxsim
