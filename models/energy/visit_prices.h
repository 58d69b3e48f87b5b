#pragma once

#include <string>

#include "models/energy/technology_table.h"

namespace mxsim {

/// Calls visit(path, price) for every price of a technology table; the path is that of the file,
/// e.g. "pe.datapath_energy.flop" or "pe.mac.0.area".
template <class Table, class Visit>
void visit_prices(Table& t, Visit visit) {
  visit("logic_energy_scale", t.logic_energy_scale);
  visit("logic_area_scale", t.logic_area_scale);
  visit("logic_energy_error", t.logic_energy_error);
  visit("nand2_area", t.nand2_area);
  visit("logic_leakage", t.logic_leakage);
  for (std::size_t i = 0; i < t.pe.mac.size(); ++i) {
    const std::string path = "pe.mac." + std::to_string(i);
    visit(path + ".energy", t.pe.mac[i].energy);
    visit(path + ".area", t.pe.mac[i].area);
  }
  for (std::size_t i = 0; i < t.pe.block_end.size(); ++i) {
    const std::string path = "pe.block_end." + std::to_string(i);
    visit(path + ".energy", t.pe.block_end[i].energy);
    visit(path + ".area", t.pe.block_end[i].area);
  }
  const auto datapath = [&](const std::string& path, auto& costs) {
    visit(path + ".multiplier", costs.multiplier);
    visit(path + ".adder", costs.adder);
    visit(path + ".shifter", costs.shifter);
    visit(path + ".flop", costs.flop);
    visit(path + ".error", costs.error);
  };
  datapath("pe.datapath_energy", t.pe.datapath_energy);
  datapath("pe.datapath_area", t.pe.datapath_area);
  visit("pe.register", t.pe.register_bit);
  visit("pe.gated_fraction", t.pe.gated_fraction);
  visit("pe.clock_fraction", t.pe.clock_fraction);
  visit("pe.pass_control", t.pe.pass_control);
  visit("sram.model_error", t.sram.model_error);
  visit("sram.read_interpolation", t.sram.read_interpolation);
  visit("sram.write_interpolation", t.sram.write_interpolation);
  visit("sram.second_port_energy", t.sram.second_port_energy);
  visit("sram.second_port_area", t.sram.second_port_area);
  visit("vector.add", t.vector.add);
  visit("vector.mul", t.vector.mul);
  visit("vector.compare", t.vector.compare);
  visit("vector.divide", t.vector.divide);
  visit("vector.sqrt", t.vector.sqrt);
  visit("vector.exp", t.vector.exp);
  visit("vector.log", t.vector.log);
  visit("vector.operand_registers", t.vector.operand_registers);
  visit("vector.lane_area", t.vector.lane_area);
  visit("requant.max", t.requant.max);
  visit("requant.encode_float", t.requant.encode_float);
  visit("requant.encode_int", t.requant.encode_int);
  visit("requant.decode", t.requant.decode);
  visit("requant.convert", t.requant.convert);
  visit("requant.lane_area", t.requant.lane_area);
  visit("dma.wire_energy", t.dma.wire_energy);
  visit("dma.wire_length", t.dma.wire_length);
  visit("dram.access_error", t.dram.access_error);
  visit("dram.background_error", t.dram.background_error);
}

}  // namespace mxsim
