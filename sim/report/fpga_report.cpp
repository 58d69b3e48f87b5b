#include "sim/report/fpga_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/energy/fpga_cost.h"
#include "models/energy/pe_cost.h"
#include "models/formats/format_parser.h"
#include "sim/report/text_table.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kMegaElements = 1 << 20;

struct FpgaFigures {
  OperandElement element;
  std::int64_t sum_bits = 0;
  std::optional<FpgaMac> mac;
  double dsps = 0;
  std::int64_t block_rams = 0;  ///< of 2^20 elements
  PeCost gates;
};

FpgaFigures figures_of(const FormatSpec& format, const FormatListing& listing) {
  FpgaFigures figures;
  figures.element = operand_element(format);
  const OperandElement& element = figures.element;
  figures.sum_bits = exact_sum_bits(element, element, listing.terms);
  figures.mac = fpga_mac(element, element, figures.sum_bits);
  figures.dsps = fpga_dsps(element, element);
  figures.block_rams = block_rams(kMegaElements * element.bits, element.bits);
  figures.gates =
      pe_cost(listing.technology, format, format, PeDesign(Accumulator::kFixed, figures.sum_bits));
  return figures;
}

ordered_json mac_json(const FpgaFigures& figures) {
  if (!figures.mac) return nullptr;
  const FpgaMac& mac = *figures.mac;
  return {{"luts", mac.luts()},
          {"multiplier_luts", mac.multiplier_luts},
          {"aligner_luts", mac.aligner_luts},
          {"accumulator_luts", mac.accumulator_luts},
          {"flops", mac.flops},
          {"with_dsps", {{"luts", mac.luts() - mac.multiplier_luts}, {"dsps", figures.dsps}}},
          {"mean_error", kFpgaMeanError},
          {"largest_error", kFpgaLargestError}};
}

std::string number(double value) { return fmt::format("{:.0f}", value); }

}  // namespace

std::vector<FormatSpec> fpga_formats() {
  constexpr int kFewest = 3;
  constexpr int kMost = 8;
  constexpr int kMostExponent = 5;
  std::vector<FormatSpec> formats;
  for (int bits = kFewest; bits <= kMost; ++bits) {
    formats.push_back(parse_format(fmt::format("int{}", bits)));
  }
  for (int bits = kFewest; bits <= kMost; ++bits) {
    for (int exponent = 2; exponent <= std::min(kMostExponent, bits - 1); ++exponent) {
      formats.push_back(parse_format(fmt::format("e{}m{}fin", exponent, bits - 1 - exponent)));
    }
  }
  return formats;
}

std::string fpga_json(const FormatListing& listing) {
  ordered_json list = ordered_json::array();
  for (const FormatSpec& format : listing.formats) {
    const FpgaFigures figures = figures_of(format, listing);
    const UncertainPrice& energy = figures.gates.mac_pj;
    list.push_back(
        {{"name", format.name},
         {"element_bits", figures.element.bits},
         {"terms", listing.terms},
         {"lossless_accumulator_bits", figures.sum_bits},
         {"fpga", mac_json(figures)},
         {"block_rams_per_mi_elements", figures.block_rams},
         {"technology_nm", listing.technology.node_nm},
         {"mac_pj", {{"value", energy.value()}, {"low", energy.low()}, {"high", energy.high()}}}});
  }
  return list.dump(2) + "\n";
}

std::string fpga_text(const FormatListing& listing, std::size_t width) {
  using enum Align;
  TextTable table({{"format"},
                   {"bits", kRight},
                   {"sum bits", kRight},
                   {"LUT6", kRight},
                   {"multiplier", kRight},
                   {"aligner", kRight},
                   {"sum", kRight},
                   {"FF", kRight},
                   {"or DSP", kRight},
                   {"+ LUT6", kRight},
                   {"BRAM36/Mi", kRight},
                   {"ASIC MAC pJ", kRight}});
  for (const FormatSpec& format : listing.formats) {
    const FpgaFigures figures = figures_of(format, listing);
    std::vector<std::string> cells{format.name, std::to_string(figures.element.bits),
                                   std::to_string(figures.sum_bits)};
    if (figures.mac) {
      const FpgaMac& mac = *figures.mac;
      for (const double each :
           {mac.luts(), mac.multiplier_luts, mac.aligner_luts, mac.accumulator_luts, mac.flops}) {
        cells.push_back(number(each));
      }
      cells.push_back(fmt::format("{:g}", figures.dsps));
      cells.push_back(number(mac.luts() - mac.multiplier_luts));
    } else {
      cells.resize(cells.size() + 7, "-");
    }
    cells.push_back(std::to_string(figures.block_rams));
    cells.push_back(fmt::format("{:.3f}", figures.gates.mac_pj.value()));
    table.add_row(std::move(cells));
  }
  return table.text_in_parts(width, 1) +
         wrapped_lines(
             fmt::format(
                 "a multiply-accumulate unit with a lossless accumulator for {} products: closed "
                 "form against yosys 0.23 for UltraScale+, {:.0f} % off on average, {:.0f} % at "
                 "most; BRAM36 of 2^20 elements; ASIC at {} nm",
                 listing.terms, 100 * kFpgaMeanError, 100 * kFpgaLargestError,
                 listing.technology.node_nm),
             width, 2);
}

ordered_json to_json(const FpgaCost& cost) {
  return {{"luts", cost.luts},
          {"flops", cost.flops},
          {"dsps", cost.dsps},
          {"luts_with_dsps", cost.luts_with_dsps},
          {"block_rams", cost.block_rams},
          {"accumulator_bits", cost.sum_bits}};
}

std::string fpga_table(const std::vector<std::pair<std::string, std::optional<FpgaCost>>>& chips,
                       std::size_t width) {
  using enum Align;
  TextTable table({{"array and buffers on an FPGA"},
                   {"sum bits", kRight},
                   {"LUT6", kRight},
                   {"FF", kRight},
                   {"or DSP", kRight},
                   {"+ LUT6", kRight},
                   {"BRAM36", kRight}});
  bool any = false;
  for (const auto& [label, cost] : chips) {
    any = any || cost;
    if (!cost) {
      table.add_row({label, "-", "-", "-", "-", "-", "-"});
      continue;
    }
    table.add_row({label, std::to_string(cost->sum_bits), number(cost->luts), number(cost->flops),
                   number(cost->dsps), number(cost->luts_with_dsps),
                   std::to_string(cost->block_rams)});
  }
  return any ? "\n" + table.text(Colour::kOff, width) : "";
}

}  // namespace mxsim
