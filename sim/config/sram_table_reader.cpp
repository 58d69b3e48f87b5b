#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "sim/config/technology_reader.h"
#include "sim/json/strict_json.h"

namespace mxsim {
namespace {

constexpr std::string_view kHeader =
    "node_nm,cell,capacity_B,width_bit,banks,e_read_pj,e_write_pj,leak_mw,gate_leak_mw,"
    "area_mm2_total,t_access_ns";
constexpr std::size_t kColumns = 11;

using Row = std::array<std::string_view, kColumns>;

std::optional<Row> split(std::string_view line) {
  Row row;
  for (std::size_t i = 0; i < kColumns; ++i) {
    const std::size_t comma = line.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == kColumns)) return std::nullopt;
    row[i] = line.substr(0, comma);
    line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
  }
  return row;
}

template <class T>
bool parse(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

/// A positive point, or nothing.
std::optional<SramPoint> parse_point(const Row& row) {
  SramPoint point;
  double gate_leakage_mw = 0;
  const bool parsed = parse(row[2], point.capacity_bytes) && parse(row[3], point.width_bits) &&
                      parse(row[4], point.banks) && parse(row[5], point.read_pj) &&
                      parse(row[6], point.write_pj) && parse(row[7], point.bank_leakage_mw) &&
                      parse(row[8], gate_leakage_mw) && parse(row[9], point.area_mm2);
  if (!parsed || point.capacity_bytes <= 0 || point.width_bits <= 0 || point.banks <= 0) {
    return std::nullopt;
  }
  point.bank_leakage_mw += gate_leakage_mw;
  return point;
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

SramTable load_sram_table(const std::string& path, std::int64_t node_nm, const std::string& cell) {
  const std::string content = read_text_file(path);
  std::string_view text = content;
  if (next_line(text) != kHeader) {
    throw InputError({{path, "", "line 1: expected the columns " + std::string(kHeader)}});
  }
  constexpr const char* kEveryBankCount = "itrs-lstp";
  std::vector<SramPoint> points;
  std::vector<SramPoint> reference;
  for (int number = 2; !text.empty(); ++number) {
    const std::string_view line = next_line(text);
    const std::optional<Row> row = split(line);
    const auto point = row ? parse_point(*row) : std::nullopt;
    if (!point) {
      throw InputError({{path, "", fmt::format("line {}: not a row of SRAM results", number)}});
    }
    if ((*row)[0] != std::to_string(node_nm)) continue;
    if ((*row)[1] == cell) points.push_back(*point);
    if ((*row)[1] == kEveryBankCount) reference.push_back(*point);
  }
  for (const SramPoint& point : estimated_banks(points, reference)) points.push_back(point);
  try {
    return SramTable(std::move(points));
  } catch (const InputError& error) {
    throw InputError({{path, "", fmt::format("{} nm, {}: {}", node_nm, cell, error.what())}});
  }
}

}  // namespace mxsim
