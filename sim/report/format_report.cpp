#include "sim/report/format_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/arithmetic/operands.h"
#include "models/energy/pe_cost.h"
#include "models/formats/exact_dot.h"
#include "models/formats/format_summary.h"
#include "models/formats/scale_rule.h"
#include "sim/report/text_table.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

std::string extent_text(std::int64_t extent) {
  return extent == kWholeAxis ? "all" : std::to_string(extent);
}

std::string block_text(const FormatSpec& format, const BlockShape& block) {
  return format.scale ? extent_text(block.rows) + "x" + extent_text(block.cols) : "";
}

ordered_json block_json(const FormatSpec& format, const BlockShape& block) {
  if (!format.scale) return nullptr;
  const auto extent = [](std::int64_t value) {
    return value == kWholeAxis ? ordered_json("all") : ordered_json(value);
  };
  return {extent(block.rows), extent(block.cols)};
}

std::string sign_text(SignCoding sign) {
  switch (sign) {
    case SignCoding::kUnsigned:
      return "unsigned";
    case SignCoding::kSignMagnitude:
      return "sign-magnitude";
    case SignCoding::kTwosComplement:
      return "two's complement";
  }
  return "";
}

struct PeFigures {
  UncertainPrice energy_pj;  ///< a multiply-accumulate
  UncertainPrice area_um2;   ///< with the PE's share of a block-end unit
  PeCostBasis basis;
};

/// Nothing where a PE cannot use that accumulator for the format.
std::optional<PeFigures> pe_figures(const FormatSpec& format, const TechnologyTable& table,
                                    Accumulator accumulator) {
  if (accumulator == Accumulator::kExactBlock && !has_exact_view(format)) return std::nullopt;
  const PeCost cost = pe_cost(table, format, format, accumulator);
  UncertainPrice area = cost.mac_nand2;
  area.times(1 + cost.block_end_nand2.value() / cost.mac_nand2.value())
      .times("nand2_area", table.nand2_area)
      .times("logic_area_scale", table.logic_area_scale);
  return PeFigures{cost.mac_pj, area, cost.basis};
}

ordered_json price_json(const UncertainPrice& price) {
  return {{"value", price.value()}, {"low", price.low()}, {"high", price.high()}};
}

ordered_json pe_json(const FormatSpec& format, const TechnologyTable& table,
                     Accumulator accumulator) {
  const auto figures = pe_figures(format, table, accumulator);
  if (!figures) return nullptr;
  return {{"mac_pj", price_json(figures->energy_pj)},
          {"area_um2", price_json(figures->area_um2)},
          {"basis", figures->basis == PeCostBasis::kSynthesised ? "synthesised" : "closed form"}};
}

std::int64_t lossless_bits(const FormatSpec& format, std::int64_t terms) {
  const OperandElement element = operand_element(format);
  return exact_sum_bits(element, element, terms);
}

ordered_json format_json(const FormatSpec& format, const FormatListing& listing) {
  const NumberSpec& number = format.element;
  ordered_json binades = ordered_json::array();
  for (const BinadeRange& range : number.binades) {
    binades.push_back({{"lowest_exponent", range.lowest_exponent},
                       {"highest_exponent", range.highest_exponent},
                       {"mantissa_bits", range.mantissa_bits}});
  }
  return {{"name", format.name},
          {"element_bits", format.element_bits},
          {"sign", sign_text(number.sign)},
          {"binades", binades},
          {"largest", number.largest()},
          {"smallest", number.smallest_nonzero()},
          {"range_binades", range_binades(number)},
          {"significand_bits", number.significand_bits()},
          {"block", block_json(format, format.default_block)},
          {"scale_bits", format.scale_bits},
          {"bits_per_element", bits_per_element(format)},
          {"scale_rule", format.scale && format.scale->is_power_of_two()
                             ? ordered_json(to_string(format.scale_rule))
                             : ordered_json()},
          {"product_bits", exact_dot_bits(number, number, 1)},
          {"exact_dot_32_bits", exact_dot_bits(number, number, 32)},
          {"terms", listing.terms},
          {"exact_dot_bits", exact_dot_bits(number, number, listing.terms)},
          {"lossless_accumulator_bits", lossless_bits(format, listing.terms)},
          {"technology_nm", listing.technology.node_nm},
          {"pe",
           {{"fp32", pe_json(format, listing.technology, Accumulator::kFp32)},
            {"exact_block", pe_json(format, listing.technology, Accumulator::kExactBlock)}}}};
}

std::string decibels(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f} dB", *value) : "no error";
}

std::string share(std::int64_t part, std::int64_t whole) {
  return fmt::format("{} ({:.3f} %)", part,
                     100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

std::string formats_json(const FormatListing& listing) {
  ordered_json list = ordered_json::array();
  for (const FormatSpec& format : listing.formats) list.push_back(format_json(format, listing));
  return list.dump(2) + "\n";
}

std::string formats_text(const FormatListing& listing, std::size_t width) {
  using enum Align;
  TextTable table({{"format"},
                   {"bits", kRight},
                   {"block", kRight},
                   {"bits/element", kRight},
                   {"largest", kRight},
                   {"smallest", kRight},
                   {"binades", kRight},
                   {"significand", kRight},
                   {fmt::format("exact dot of {}", listing.terms), kRight},
                   {"MAC pJ", kRight},
                   {"PE um2", kRight},
                   {"exact: MAC pJ", kRight},
                   {"PE um2", kRight}});
  for (const FormatSpec& format : listing.formats) {
    const NumberSpec& number = format.element;
    std::vector<std::string> cells{
        format.name,
        std::to_string(format.element_bits),
        block_text(format, format.default_block),
        fmt::format("{:.5g}", bits_per_element(format)),
        fmt::format("{:.6g}", number.largest()),
        fmt::format("{:.4g}", number.smallest_nonzero()),
        fmt::format("{:.1f}", range_binades(number)),
        std::to_string(number.significand_bits()),
        fmt::format("{} bits", exact_dot_bits(number, number, listing.terms))};
    for (const Accumulator accumulator : {Accumulator::kFp32, Accumulator::kExactBlock}) {
      const auto figures = pe_figures(format, listing.technology, accumulator);
      cells.push_back(figures ? fmt::format("{:.3f}", figures->energy_pj.value()) : "-");
      cells.push_back(figures ? fmt::format("{:.0f}", figures->area_um2.value()) : "-");
    }
    table.add_row(std::move(cells));
  }
  return table.text_in_parts(width, 1) +
         wrapped_lines(
             fmt::format(
                 "PE: multiply-accumulate of two such elements at {} nm into FP32, or into the "
                 "exact integer sum of a block (\"-\": not possible)",
                 listing.technology.node_nm),
             width, 2);
}

std::string quantize_json(const QuantizationSummary& summary) {
  const QuantizationStatistics& statistics = summary.statistics;
  const FormatSpec& format = summary.layout.format;
  ordered_json modes = ordered_json::object();
  for (const auto& [name, count] : statistics.modes) modes[name] = count;
  ordered_json binades = ordered_json::array();
  for (const auto& [exponent, count] : statistics.binades) {
    binades.push_back({{"exponent", exponent}, {"elements", count}});
  }
  const ordered_json report{
      {"input", summary.input},
      {"format", format.name},
      {"block", block_json(format, summary.layout.block)},
      {"scale_rule", format.scale ? ordered_json(to_string(format.scale_rule)) : ordered_json()},
      {"rounding", summary.rounding},
      {"rows", summary.rows},
      {"cols", summary.cols},
      {"elements", statistics.elements},
      {"blocks", summary.blocks},
      {"tensor_scale", format.tensor_scale ? ordered_json(summary.tensor_scale) : ordered_json()},
      {"bytes", summary.layout.bytes(summary.rows, summary.cols).count()},
      {"sqnr_db", statistics.sqnr_db ? ordered_json(*statistics.sqnr_db) : ordered_json()},
      {"saturated", statistics.saturated},
      {"underflowed", statistics.underflowed},
      {"zeros", statistics.zeros},
      {"not_finite", statistics.not_finite},
      {"modes", modes},
      {"binades", binades}};
  return report.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string quantize_text(const QuantizationSummary& summary, std::size_t width) {
  const QuantizationStatistics& statistics = summary.statistics;
  const FormatSpec& format = summary.layout.format;
  const std::int64_t elements = statistics.elements;
  TextTable table({{"quantity"}, {"value"}});
  table.add_row({"format", format.name});
  if (format.scale) table.add_row({"block", block_text(format, summary.layout.block)});
  table.add_row({"elements", fmt::format("{} ({} x {})", elements, summary.rows, summary.cols)});
  table.add_row({"blocks", std::to_string(summary.blocks)});
  if (format.tensor_scale) {
    table.add_row({"tensor scale", fmt::format("{}", summary.tensor_scale)});
  }
  table.add_row(
      {"bytes", std::to_string(summary.layout.bytes(summary.rows, summary.cols).count())});
  table.add_row({"SQNR", decibels(statistics.sqnr_db)});
  table.add_row({"saturated", share(statistics.saturated, elements)});
  table.add_row({"underflowed to zero", share(statistics.underflowed, elements)});
  table.add_row({"zeros", share(statistics.zeros, elements)});
  table.add_row({"not finite", share(statistics.not_finite, elements)});
  for (const auto& [name, count] : statistics.modes) {
    table.add_row({"in mode " + name, share(count, elements)});
  }
  for (const auto& [exponent, count] : statistics.binades) {
    table.add_row({fmt::format("in binade 2^{}", exponent), share(count, elements)});
  }
  return table.text(Colour::kOff, width);
}

}  // namespace mxsim
