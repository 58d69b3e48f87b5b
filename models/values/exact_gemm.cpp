#include "models/values/exact_gemm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/exact_sums.h"
#include "models/arithmetic/operands.h"
#include "models/arithmetic/panels.h"
#include "models/core/error.h"
#include "models/dataflow/dataflow_table.h"
#include "models/mapping/tiles/reduction_blocks.h"
#include "models/values/exact_kernel.h"
#include "models/values/fp32_gemm.h"
#include "models/values/packed_product.h"

namespace mxsim {
namespace {

ArrayCommand command_of(const ExactGemm& gemm, std::int64_t product) {
  const GemmTile tile = whole_product(gemm.work, product);
  const GemmExtents size = extents(gemm.work, tile);
  WindowPiecesMemo pieces;
  ArrayCommand command;
  command.dataflow = gemm.array.dataflow[gemm.pass];
  command.m = size.m;
  command.n = size.n;
  command.k = size.k;
  command.width = dot_product_width(gemm.array, gemm.work.format_a, gemm.work.format_b);
  command.sum = sum_of(gemm.array, gemm.work.format_a, gemm.work.format_b);
  command.blocks = reduction_blocks(pieces, gemm.work, tile);
  return command;
}

constexpr std::int64_t kReductionAtOnce = 512;

/// Elements of the reduction that are summed exactly.
struct Part {
  std::int64_t begin;
  std::int64_t end;
  bool ends_pass;
};

class Product {
 public:
  Product(const ExactGemm& gemm, std::int64_t index)
      : gemm_(gemm),
        work_(gemm.work),
        places_(gemm.work, gemm.grid, index),
        command_(command_of(gemm, index)),
        rule_(gemm.array, command_),
        ends_(rule_, command_),
        pass_length_(std::max<std::int64_t>(
            1, info(command_.dataflow).pass_reduction(gemm.array, command_))),
        packed_(work_, places_, matrix(gemm.a, gemm.a.steps), matrix(gemm.b, gemm.b.steps)),
        scales_(work_, places_, matrix(gemm.a, gemm.a.scales), matrix(gemm.b, gemm.b.scales)) {
    parts_.resize(static_cast<std::size_t>(command_.blocks.kinds()));
    command_.blocks.for_each_kind(0, command_.m, [&](std::int64_t row, std::int64_t) {
      parts_[static_cast<std::size_t>(command_.blocks.kind(row))] = find_parts(row);
    });
    for (std::int64_t w = 0; w < work_.taps() * work_.channels; ++w) {
      taps_.emplace_back(w / work_.channels, w % work_.channels);
    }
    if (work_.kind == GemmKind::kWindow) return;
    for (std::int64_t k = 0; k < command_.k; ++k) positions_.push_back(places_.position(k));
  }

  const ArrayCommand& command() const { return command_; }
  const SumRule& rule() const { return rule_; }
  void pack(std::int64_t begin, std::int64_t end) {
    packed_.pack_right(begin, end);
    scales_.pack_right(begin, end, gemm_.b.smallest_step);
  }

  /// Results of a row panel.
  void multiply(std::span<const std::int64_t> rows) const {
    const std::vector<Part>& parts = parts_of(rows.front());
    const auto count = static_cast<std::int64_t>(rows.size());
    Panel panel{rows, exact_kernel(count, level_), {}, {}, {}};
    panel.sums.resize(static_cast<std::size_t>(packed_.col_panels() * kSums));
    for (std::size_t begin = 0; begin < parts.size();) {
      std::size_t past = begin + 1;
      while (past < parts.size() && parts[past].end - parts[begin].begin <= kReductionAtOnce)
        ++past;
      run({parts.data() + begin, past - begin}, panel);
      begin = past;
    }
  }

  /// Row panels: rows whose parts are alike, at most kPackedRows.
  std::vector<std::vector<std::int64_t>> row_panels() const {
    std::vector<std::vector<std::int64_t>> panels;
    std::vector<std::vector<std::int64_t>> open(parts_.size());
    for (std::int64_t row = 0; row < command_.m; ++row) {
      std::vector<std::int64_t>& panel = open[static_cast<std::size_t>(command_.blocks.kind(row))];
      panel.push_back(row);
      if (static_cast<std::int64_t>(panel.size()) == kPackedRows) {
        panels.push_back(std::exchange(panel, {}));
      }
    }
    for (std::vector<std::int64_t>& panel : open) {
      if (!panel.empty()) panels.push_back(std::move(panel));
    }
    return panels;
  }

 private:
  static StepMatrix<const float> matrix(const ExactMatrix& of, const std::vector<float>& values) {
    return {values.data(), of.rows, of.cols};
  }

  static constexpr std::int64_t kSums = kPackedRows * kPackedCols;

  /// Result rows at work.
  struct Panel {
    std::span<const std::int64_t> rows;
    ExactKernel kernel;
    std::vector<float> sums;     ///< [column panel][row][column]
    std::vector<double> left;    ///< [k][row]
    std::vector<double> scales;  ///< [part][row]
  };

  /// Some parts that follow one another.
  void run(std::span<const Part> parts, Panel& panel) const {
    const std::int64_t begin = parts.front().begin;
    const std::int64_t end = parts.back().end;
    panel.left.resize(static_cast<std::size_t>((end - begin) * kPackedRows));
    packed_.pack_left(panel.rows, begin, end, panel.left.data());
    find_left_scales(parts, panel);
    for (std::int64_t j = 0; j < packed_.col_panels(); ++j) {
      float* const sums = panel.sums.data() + j * kSums;
      const double* scales = panel.scales.data();
      for (const Part& part : parts) {
        panel.kernel({panel.left.data() + (part.begin - begin) * kPackedRows,
                      packed_.right(j, part.begin), part.end - part.begin, scales,
                      scales_.right(j, part.begin), sums});
        scales += kPackedRows;
        if (!part.ends_pass) continue;
        finish(panel.rows, j, part.end <= pass_length_, sums);
        std::fill_n(sums, kSums, 0.0F);
      }
    }
  }

  const std::vector<Part>& parts_of(std::int64_t row) const {
    return parts_[static_cast<std::size_t>(command_.blocks.kind(row))];
  }

  std::vector<Part> find_parts(std::int64_t row) const {
    const std::vector<std::uint8_t>& ends = ends_.of_row(row);
    std::vector<Part> parts;
    std::int64_t begin = 0;
    for (std::int64_t k = 0; k < command_.k; ++k) {
      const bool pass_ends = (k + 1) % pass_length_ == 0 || k + 1 == command_.k;
      if (ends[static_cast<std::size_t>(k)] == 0 && !pass_ends) continue;
      parts.push_back({begin, k + 1, pass_ends});
      begin = k + 1;
    }
    return parts;
  }

  /// Of each part and row: the scale that its elements which are no padding share; any where all
  /// are.
  void find_left_scales(std::span<const Part> parts, Panel& panel) const {
    panel.scales.assign(parts.size() * kPackedRows, 1.0);
    const bool window = work_.kind == GemmKind::kWindow;
    for (std::size_t r = 0; r < panel.rows.size(); ++r) {
      const std::int64_t m = panel.rows[r];
      const GemmPlaces::Position fixed = places_.position(m);
      double* scale = panel.scales.data() + r;
      for (const Part& part : parts) {
        for (std::int64_t k = part.begin; k < part.end; ++k) {
          const auto& [tap, channel] = taps_[static_cast<std::size_t>(window ? k : m)];
          const GemmPlaces::Position position =
              window ? fixed : positions_[static_cast<std::size_t>(k)];
          const std::int64_t row =
              places_.left_row(position, tap / work_.w.taps, tap % work_.w.taps);
          if (row < 0) continue;
          const std::int64_t at = row * gemm_.a.cols + places_.left_col() + channel;
          *scale = gemm_.a.scales[static_cast<std::size_t>(at)] * gemm_.a.smallest_step;
          break;
        }
        scale += kPackedRows;
      }
    }
  }

  void finish(std::span<const std::int64_t> rows, std::int64_t panel, bool first_pass,
              const float* sums) const {
    const std::int64_t cols = std::min(kPackedCols, work_.n - panel * kPackedCols);
    for (const std::int64_t row : rows) {
      float* const to =
          gemm_.result.row(places_.result_row(row)) + places_.result_col() + panel * kPackedCols;
      add_pass(to, sums, cols, first_pass);
      sums += kPackedCols;
    }
  }

  const ExactGemm& gemm_;
  const GemmWork& work_;
  GemmPlaces places_;
  ArrayCommand command_;
  SumRule rule_;
  PartEnds ends_;
  std::int64_t pass_length_;
  SimdLevel level_ = exact_kernel_levels().back();
  PackedProduct<double> packed_;
  PackedProduct<double> scales_;                             ///< of the right matrix alone
  std::vector<std::vector<Part>> parts_;                     ///< by kind of rows
  std::vector<std::pair<std::int64_t, std::int64_t>> taps_;  ///< tap and channel of a weight row
  std::vector<GemmPlaces::Position> positions_;              ///< of a weight gradient's reduction
};

/// Whether every exact part fits a double and ends in an FP32 sum.
bool adds_in_doubles(const ExactGemm& gemm) {
  constexpr double kExactInDouble = 0x1p53;
  if (gemm.work.gemm_k() == 0) return false;
  const ArrayCommand command = command_of(gemm, 0);
  const SumRule rule(gemm.array, command);
  if (!rule.exact() || !rule.is_plain() || rule.saturates()) return false;
  const double length =
      static_cast<double>(std::min({command.blocks.a_length, command.blocks.b_length, command.k}));
  return gemm.a.largest * gemm.b.largest * length <= kExactInDouble;
}

}  // namespace

std::optional<ExactMatrix> exact_matrix(const StoredMatrix& stored) {
  const QuantizedMatrix matrix = stored.quantized();
  const FormatSpec& format = stored.layout().format;
  if (!has_exact_view(format) || !format.scale || !format.scale->is_power_of_two()) return {};
  const OperandDecoder decoder(format);
  const std::vector<ArrayOperand> operands = array_operands(matrix);
  ExactMatrix exact{stored.rows(), stored.cols(), {}, {}, decoder.smallest_step(), 0};
  exact.steps.reserve(operands.size());
  exact.scales.reserve(operands.size());
  for (const ArrayOperand& operand : operands) {
    const DecodedOperand decoded = decoder.decode(operand);
    if (!decoded.is_countable() || std::isnan(operand.scale)) return {};
    exact.steps.push_back(static_cast<float>(decoded.fixed));
    exact.scales.push_back(operand.scale);
    exact.largest = std::max(exact.largest, std::abs(static_cast<double>(decoded.fixed)));
  }
  return exact;
}

bool try_multiply(const ExactGemm& gemm, Workers& workers) {
  constexpr std::int64_t kPackAtOnce = 512;
  if (!adds_in_doubles(gemm)) return false;
  share_products(gemm.work.products(), workers, [&](std::int64_t index, Workers& inner) {
    Product product(gemm, index);
    const std::int64_t k = product.command().k;
    inner.run(ceil_div(k, kPackAtOnce), [&](std::int64_t piece) {
      product.pack(piece * kPackAtOnce, std::min(k, (piece + 1) * kPackAtOnce));
    });
    const auto panels = product.row_panels();
    inner.run(static_cast<std::int64_t>(panels.size()), [&](std::int64_t panel) {
      product.multiply(panels[static_cast<std::size_t>(panel)]);
    });
  });
  return true;
}

}  // namespace mxsim
