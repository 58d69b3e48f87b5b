#include "sim/import/scalesim_columns.h"

#include <algorithm>
#include <cctype>

namespace mxsim {
namespace {

struct ColumnRow {
  TopologyColumn column;
  std::string_view title;
  std::vector<std::string_view> names;  ///< lower case, letters and digits alone
};

const std::vector<ColumnRow>& column_table() {
  using enum TopologyColumn;
  static const std::vector<ColumnRow> kRows{
      {kName, "Layer name", {"layername", "layer", "name", "layers", "layerid"}},
      {kInputHeight, "IFMAP Height", {"ifmapheight", "ifmaph", "ih", "inputheight", "inputh"}},
      {kInputWidth, "IFMAP Width", {"ifmapwidth", "ifmapw", "iw", "inputwidth", "inputw"}},
      {kFilterHeight, "Filter Height", {"filterheight", "filterh", "fh", "kernelheight", "kh"}},
      {kFilterWidth, "Filter Width", {"filterwidth", "filterw", "fw", "kernelwidth", "kw"}},
      {kChannels, "Channels", {"channels", "channel", "numchannels", "inputchannels"}},
      {kFilters, "Num Filter", {"numfilter", "numfilters", "filters", "outputchannels"}},
      {kStride, "Strides", {"strides", "stride", "strideheight", "strideh"}},
      {kStrideWidth, "Stride Width", {"stridewidth", "stridew"}},
      {kBatch, "Batch", {"batch", "batchsize", "batches"}},
      {kM, "M", {"m"}},
      {kN, "N", {"n"}},
      {kK, "K", {"k"}},
      {kSparsity, "Sparsity", {"sparsity", "sparsitynm", "sparsityratio", "nm"}},
  };
  return kRows;
}

std::string letters_of(std::string_view cell) {
  std::string letters;
  for (const char c : cell) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return letters;
}

const ColumnRow* column_named(std::string_view cell) {
  const std::string letters = letters_of(cell);
  for (const ColumnRow& row : column_table()) {
    if (std::find(row.names.begin(), row.names.end(), letters) != row.names.end()) return &row;
  }
  return nullptr;
}

}  // namespace

void TopologyHeader::put(TopologyColumn column, std::size_t place) {
  auto& known = places_[static_cast<std::size_t>(column)];
  if (!known) known = place;
}

TopologyHeader TopologyHeader::convolution() {
  TopologyHeader header;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(TopologyColumn::kStride); ++i) {
    header.put(static_cast<TopologyColumn>(i), i);
  }
  return header;
}

TopologyHeader TopologyHeader::gemm() {
  using enum TopologyColumn;
  TopologyHeader header;
  header.put(kName, 0);
  header.put(kM, 1);
  header.put(kN, 2);
  header.put(kK, 3);
  return header;
}

std::optional<TopologyHeader> TopologyHeader::read(const std::vector<std::string>& cells) {
  TopologyHeader header;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (const ColumnRow* row = column_named(cells[i])) header.put(row->column, i);
  }
  header.put(TopologyColumn::kName, 0);
  using enum TopologyColumn;
  const bool gemm = header.has(kM) && header.has(kN) && header.has(kK);
  const std::vector<TopologyColumn> window{kInputHeight, kInputWidth, kFilterHeight,
                                           kFilterWidth, kChannels,   kFilters};
  const bool convolution = std::all_of(window.begin(), window.end(),
                                       [&](TopologyColumn column) { return header.has(column); });
  if (gemm == convolution) return std::nullopt;
  return header;
}

std::vector<TopologyColumn> TopologyHeader::required() const {
  using enum TopologyColumn;
  std::vector<TopologyColumn> columns;
  if (is_gemm()) {
    columns = {kM, kN, kK};
  } else {
    columns = {kInputHeight, kInputWidth, kFilterHeight, kFilterWidth, kChannels, kFilters};
    if (has(kStride)) columns.push_back(kStride);
  }
  for (const TopologyColumn more : {kStrideWidth, kBatch}) {
    if (has(more)) columns.push_back(more);
  }
  return columns;
}

std::string_view title(TopologyColumn column) {
  return column_table()[static_cast<std::size_t>(column)].title;
}

}  // namespace mxsim
