#include "sim/report/explain_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/config/choices.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {
namespace {

using Json = nlohmann::ordered_json;

std::string kilobytes(std::int64_t bytes) {
  return fmt::format("{:.1f}", static_cast<double>(bytes) * 1e-3);
}

std::string cycles(double count) { return fmt::format("{:.0f}", count); }

double dram_cycles(const MappingCost& cost) {
  return std::max(cost.dram_cycles, cost.channel_cycles);
}

void add_row(TextTable& table, const std::string& rank, const GemmMapping& mapping) {
  const GemmTiling& t = mapping.tiling;
  const MappingCost& cost = mapping.cost;
  table.add_row({rank, fmt::format("{}x{}x{}", t.images, t.h, t.w), fmt::format("{}", t.channels),
                 t.taps > 0 ? fmt::format("{}", t.taps) : "all", fmt::format("{}", t.n),
                 std::string(info(t.order).name), fmt::format("{}", cost.tiles),
                 kilobytes(cost.traffic.left), kilobytes(cost.traffic.right),
                 kilobytes(cost.traffic.partial_sums), kilobytes(cost.traffic.streamed),
                 kilobytes(cost.traffic.results), cycles(cost.array_cycles),
                 cycles(dram_cycles(cost)), cycles(cost.vector_cycles), cycles(cost.cycles),
                 mapping.predicted ? fmt::format("{}", mapping.predicted->count()) : "",
                 fmt::format("{:.2f}", cost.energy_pj * 1e-6)});
}

TextTable mapping_table() {
  return TextTable({{"", Align::kLeft},
                    {"positions", Align::kRight},
                    {"channels", Align::kRight},
                    {"taps", Align::kRight},
                    {"columns", Align::kRight},
                    {"order", Align::kLeft},
                    {"tiles", Align::kRight},
                    {"left kB", Align::kRight},
                    {"right kB", Align::kRight},
                    {"partial kB", Align::kRight},
                    {"streams kB", Align::kRight},
                    {"results kB", Align::kRight},
                    {"array cyc", Align::kRight},
                    {"DRAM cyc", Align::kRight},
                    {"vector cyc", Align::kRight},
                    {"cycles", Align::kRight},
                    {"predicted", Align::kRight},
                    {"uJ", Align::kRight}});
}

std::string layout_text(const DramTile& tile) {
  if (tile.row_major()) return "row-major";
  return fmt::format("tiles of {}x{}{}", tile.rows, tile.cols,
                     tile.scales == ScalePlace::kBeside ? " with their scales" : "");
}

std::string places_text(const GemmExplanation& gemm) {
  std::string text = "in DRAM:";
  for (const TensorPlace& place : gemm.places) {
    text += fmt::format("{} {} {} {}", text.back() == ':' ? "" : ",", place.use, place.tensor,
                        layout_text(place.tile));
  }
  return text + "\n";
}

Json places_json(const GemmExplanation& gemm) {
  Json json = Json::array();
  for (const TensorPlace& place : gemm.places) {
    Json entry{{"use", place.use}, {"tensor", place.tensor}};
    entry["layout"] = place.tile.row_major() ? "row_major" : "tile_major";
    if (!place.tile.row_major()) {
      entry["tile"] = {place.tile.rows, place.tile.cols};
      entry["scales"] = choice_name(place.tile.scales, kScalePlaceNames);
    }
    json.push_back(std::move(entry));
  }
  return json;
}

std::string gemm_text(const GemmExplanation& gemm, std::size_t width) {
  const GemmWork& work = gemm.work;
  const std::string head = fmt::format(
      "{}, {}, GEMM {}: {} x {} x {} (M x K x N) x {}; group's lower bound {} kB read, {} kB "
      "written",
      to_string(gemm.pass), gemm.op, gemm.gemm, work.gemm_m(), work.gemm_k(), work.n,
      work.products(), kilobytes(gemm.group_bound.read.count()),
      kilobytes(gemm.group_bound.written.count()));
  const std::string text = "\n" + wrapped_lines(head, width, 2);
  TextTable table = mapping_table();
  const bool pinned = gemm.origin == MappingOrigin::kPinned;
  add_row(table, pinned ? "pinned" : "chosen", gemm.chosen);
  for (std::size_t i = pinned ? 0 : 1; i < gemm.best.size(); ++i) {
    add_row(table, fmt::format("{}", i + 1), gemm.best[i]);
  }
  return text + table.text_in_parts(width, 1) + wrapped_lines(places_text(gemm), width, 2);
}

Json predicted_json(const GemmMapping& mapping) {
  return mapping.predicted ? Json(mapping.predicted->count()) : Json(nullptr);
}

}  // namespace

Json mapping_json(const GemmMapping& mapping) {
  const GemmTiling& t = mapping.tiling;
  const MappingCost& cost = mapping.cost;
  const MappingTraffic& traffic = cost.traffic;
  return {{"images", t.images},
          {"height", t.h},
          {"width", t.w},
          {"channels", t.channels},
          {"taps", t.taps},
          {"columns", t.n},
          {"order", info(t.order).name},
          {"tiles", cost.tiles},
          {"dram_bytes",
           {{"left", traffic.left},
            {"right", traffic.right},
            {"partial_sums", traffic.partial_sums},
            {"streamed", traffic.streamed},
            {"results", traffic.results},
            {"total", traffic.total()}}},
          {"cycles",
           {{"array", cost.array_cycles},
            {"dram", dram_cycles(cost)},
            {"dram_at_peak", cost.dram_cycles},
            {"vector", cost.vector_cycles},
            {"start", cost.start_cycles},
            {"end", cost.end_cycles},
            {"slots", cost.slot_cycles},
            {"total", cost.cycles},
            {"predicted", predicted_json(mapping)}}},
          {"energy_pj", cost.energy_pj}};
}

namespace {

Json gemm_json(const GemmExplanation& gemm) {
  const bool pinned = gemm.origin == MappingOrigin::kPinned;
  Json json{{"pass", to_string(gemm.pass)},
            {"op", gemm.op},
            {"gemm", gemm.gemm},
            {"m", gemm.work.gemm_m()},
            {"k", gemm.work.gemm_k()},
            {"n", gemm.work.n},
            {"products", gemm.work.products()},
            {"group_dram_bytes_bound", gemm.group_bound.total().count()},
            {"pinned", pinned},
            {"dram_layouts", places_json(gemm)},
            {"chosen", mapping_json(gemm.chosen)}};
  Json& others = json["runners_up"] = Json::array();
  for (std::size_t i = pinned ? 0 : 1; i < gemm.best.size(); ++i) {
    others.push_back(mapping_json(gemm.best[i]));
  }
  return json;
}

}  // namespace

std::string explain_text(const LayerExplanation& explanation, std::size_t width) {
  std::string text = fmt::format("{}: mappings with least {}\n", explanation.layer,
                                 choice_name(explanation.objective, kMappingObjectiveNames));
  for (const GemmExplanation& gemm : explanation.gemms) text += gemm_text(gemm, width);
  return text + "\n" +
         wrapped_lines(
             "positions: images x height x width of a tile. Estimates of the mapper; DRAM cyc: of "
             "each transfer's busiest channel; predicted: cycles from the first fetch to the last "
             "store, alone on the chip on a DRAM without refresh, of the mappings that were "
             "compared so.",
             width, 0);
}

nlohmann::ordered_json to_json(const LayerExplanation& explanation) {
  Json json{{"layer", explanation.layer},
            {"objective", choice_name(explanation.objective, kMappingObjectiveNames)}};
  Json& gemms = json["gemms"] = Json::array();
  for (const GemmExplanation& gemm : explanation.gemms) gemms.push_back(gemm_json(gemm));
  return json;
}

}  // namespace mxsim
