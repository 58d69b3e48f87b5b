#include "sim/import/scalesim_topology.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "models/core/error.h"
#include "models/workload/graph_expansion.h"
#include "models/workload/layer_kind.h"
#include "sim/import/csv_table.h"
#include "sim/import/scalesim_columns.h"

namespace mxsim {
namespace {

using enum TopologyColumn;

constexpr std::size_t kMostFaults = 200;

/// "224" or, from a spreadsheet, "224.0".
std::optional<std::int64_t> whole_number(std::string_view cell) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  const std::string_view rest(end, static_cast<std::size_t>(cell.data() + cell.size() - end));
  const bool zeros = rest.starts_with('.') && rest.find_first_not_of('0', 1) == rest.npos;
  if (cell.empty() || error != std::errc() || !(rest.empty() || zeros)) return std::nullopt;
  return value;
}

struct TopologyRow {
  std::string name;
  std::size_t line = 0;
  bool gemm = false;
  std::array<std::int64_t, kTopologyColumns> values{};
  std::int64_t operator[](TopologyColumn column) const {
    return values[static_cast<std::size_t>(column)];
  }
};

class TopologyReader {
 public:
  explicit TopologyReader(std::string name) {
    network_.graph.name = std::move(name);
    network_.graph.source = "SCALE-Sim topology";
    network_.graph.unlinked = true;
  }

  ImportedNetwork read(std::string_view text) {
    for (const CsvRow& row : read_csv(text)) {
      read_row(row);
      if (rows_.size() <= kMostLayers && faults_.size() < kMostFaults) continue;
      if (rows_.size() > kMostLayers)
        fault(row.line, fmt::format("more than {} layers", kMostLayers));
      break;
    }
    if (faults_.empty() && rows_.empty()) {
      faults_.push_back({"", "", "no row is a layer of a SCALE-Sim topology"});
    }
    share_batch();
    for (const TopologyRow& row : rows_) add_layer(row);
    if (!faults_.empty()) throw InputError(std::move(faults_));
    return std::move(network_);
  }

 private:
  void fault(std::size_t line, const std::string& message) {
    faults_.push_back({"", "", fmt::format("line {}: {}", line, message)});
  }

  void read_row(const CsvRow& row) {
    if (const auto header = TopologyHeader::read(row.cells)) {
      header_ = *header;
      return;
    }
    if (is_title(row.cells)) return;
    const TopologyHeader header = header_.value_or(header_of(row.cells));
    TopologyRow layer{name_of(row, header), row.line, header.is_gemm(), {}};
    layer.values.fill(1);
    std::vector<std::string> wrong;
    for (const TopologyColumn column : header.required()) {
      const std::size_t place = *header.place(column);
      const std::string cell = place < row.cells.size() ? row.cells[place] : "";
      const auto value = whole_number(cell);
      if (value && *value >= 1 && *value <= kLargestExtent) {
        layer.values[static_cast<std::size_t>(column)] = *value;
      } else if (cell.empty()) {
        wrong.push_back(fmt::format("{} is missing", title(column)));
      } else {
        wrong.push_back(fmt::format("{} is \"{}\"", title(column), cell));
      }
    }
    if (!header.has(kStrideWidth)) {
      layer.values[static_cast<std::size_t>(kStrideWidth)] = layer[kStride];
    }
    if (wrong.empty()) {
      note_sparsity(row, header);
      rows_.push_back(std::move(layer));
    } else {
      fault(row.line, fmt::format("layer \"{}\": {} (expected 1..{})", layer.name,
                                  fmt::join(wrong, ", "), kLargestExtent));
    }
  }

  /// A heading between layers: no number, and too few cells for a layer.
  bool is_title(const std::vector<std::string>& cells) const {
    for (const std::string& cell : cells) {
      if (whole_number(cell)) return false;
    }
    return !header_ || cells.size() <= header_->required().size();
  }

  /// Without a title row: GEMMs have three sizes.
  static TopologyHeader header_of(const std::vector<std::string>& cells) {
    constexpr std::size_t kMostGemmCells = 5;
    return cells.size() <= kMostGemmCells ? TopologyHeader::gemm() : TopologyHeader::convolution();
  }

  std::string name_of(const CsvRow& row, const TopologyHeader& header) {
    const std::size_t place = header.place(kName).value_or(0);
    std::string base = place < row.cells.size() ? row.cells[place] : "";
    if (base.empty()) base = fmt::format("line{}", row.line);
    std::string name = base;
    // Goes on where the last row of this name ended: thousands of equal names take no square.
    int& next = next_number_.try_emplace(base, 2).first->second;
    while (!names_.insert(name).second) name = fmt::format("{}_{}", base, next++);
    return name;
  }

  void note_sparsity(const CsvRow& row, const TopologyHeader& header) {
    const auto place = header.place(kSparsity);
    if (!place || *place >= row.cells.size() || noted_sparsity_) return;
    noted_sparsity_ = true;
    network_.notes.push_back(fmt::format("line {}: sparsity {} is left out, operands are dense",
                                         row.line, row.cells[*place]));
  }

  /// The batch that all rows share is the run's; otherwise each row keeps its own.
  void share_batch() {
    if (rows_.empty()) return;
    const std::int64_t batch = rows_.front()[kBatch];
    for (const TopologyRow& row : rows_) {
      if (row[kBatch] != batch) return;
    }
    if (batch == 1) return;
    for (TopologyRow& row : rows_) row.values[static_cast<std::size_t>(kBatch)] = 1;
    network_.notes.push_back(
        fmt::format("the file's batch is {0}: run it with --batch {0}", batch));
  }

  void add_layer(const TopologyRow& row) {
    Layer layer{row.name, "linear", {row.name + ".input"}, {row.name}, {}};
    GraphInput input{row.name + ".input", {}};
    if (row.gemm) {
      const auto rows = checked_mul(row[kM], row[kBatch]);
      if (!rows || *rows > kLargestExtent) return fault(row.line, "M x batch is too large");
      input.shape = {*rows, row[kK]};
      layer.attributes = {{"out_features", {row[kN]}}};
    } else if (!shape_convolution(row, input, layer)) {
      return;
    }
    layer.attributes["bias"] = {0};
    network_.graph.inputs.push_back(std::move(input));
    network_.graph.outputs.push_back(row.name);
    network_.graph.layers.push_back(std::move(layer));
  }

  bool shape_convolution(const TopologyRow& row, GraphInput& input, Layer& layer) {
    if (row[kBatch] != 1) {
      fault(row.line, "convolutions of several batch sizes in one file");
      return false;
    }
    if (row[kFilterHeight] > row[kInputHeight] || row[kFilterWidth] > row[kInputWidth]) {
      fault(row.line, fmt::format("layer \"{}\": filter {}x{} is larger than the input {}x{}",
                                  row.name, row[kFilterHeight], row[kFilterWidth],
                                  row[kInputHeight], row[kInputWidth]));
      return false;
    }
    const bool depthwise = row.name.find("DP") != std::string::npos;
    const bool each = depthwise && row[kFilters] % row[kChannels] != 0;
    const auto filters = each ? checked_mul(row[kChannels], row[kFilters]) : row[kFilters];
    if (!filters) {
      fault(row.line, "channels x filters is too large");
      return false;
    }
    layer.op = "conv2d";
    layer.attributes = {{"out_channels", {*filters}},
                        {"kernel", {row[kFilterHeight], row[kFilterWidth]}},
                        {"stride", {row[kStride], row[kStrideWidth]}}};
    if (depthwise) layer.attributes["groups"] = {row[kChannels]};
    input.shape = {row[kChannels], row[kInputHeight], row[kInputWidth]};
    return true;
  }

  ImportedNetwork network_;
  std::optional<TopologyHeader> header_;
  std::vector<TopologyRow> rows_;
  std::unordered_set<std::string> names_;
  std::unordered_map<std::string, int> next_number_;  ///< of a name that stands again
  std::vector<Diagnostic> faults_;
  bool noted_sparsity_ = false;
};

}  // namespace

ImportedNetwork read_scalesim_topology(std::string_view text, const std::string& name) {
  return TopologyReader(name).read(text);
}

}  // namespace mxsim
