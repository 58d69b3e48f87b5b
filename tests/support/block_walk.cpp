#include "tests/support/block_walk.h"

#include <algorithm>
#include <utility>

namespace mxsim {
namespace {

/// Where result (m, n) adds element k: its pass and PE.
struct Place {
  std::int64_t pass, row, col;
  bool last_of_pass;
};

Place place_of(const ArraySpec& array, const ArrayCommand& command, std::int64_t m, std::int64_t n,
               std::int64_t k) {
  if (command.dataflow == Dataflow::kOutputStationary) {
    const std::int64_t groups = ceil_div(ceil_div(command.n, array.cols), array.mac_latency_cycles);
    return {m / array.rows * groups + n / array.cols / array.mac_latency_cycles, m % array.rows,
            n % array.cols, k == command.k - 1};
  }
  const std::int64_t elements = array.rows * command.width;
  const bool ws = command.dataflow == Dataflow::kWeightStationary;
  const std::int64_t column = ws ? n : m;
  const std::int64_t across = ceil_div(ws ? command.n : command.m, array.cols);
  return {k / elements * across + column / array.cols, k % elements / command.width,
          column % array.cols, k == command.k - 1 || k % elements == elements - 1};
}

}  // namespace

BlockWalk walk_blocks(const ArraySpec& array, const ArrayCommand& command, const RowEnds& ends) {
  const std::int64_t units = ceil_div(array.rows, array.pes_per_scale_unit);
  std::vector<std::vector<std::int64_t>> sums;  // by pass; column and unit
  BlockWalk result;
  for (std::int64_t m = 0; m < command.m; ++m) {
    const std::vector<bool> row = ends(m);
    for (std::int64_t n = 0; n < command.n; ++n) {
      for (std::int64_t k = 0; k < command.k; ++k) {
        const Place place = place_of(array, command, m, n, k);
        if (!place.last_of_pass && !row.at(static_cast<std::size_t>(k))) continue;
        ++result.ends;
        const auto pass = static_cast<std::size_t>(place.pass);
        if (pass >= sums.size()) sums.resize(pass + 1);
        sums[pass].resize(static_cast<std::size_t>(array.cols * units));
        ++sums[pass]
              [static_cast<std::size_t>(place.col * units + place.row / array.pes_per_scale_unit)];
      }
    }
  }
  const std::int64_t fed = command.dataflow == Dataflow::kOutputStationary
                               ? ceil_div(command.k, command.width) * array.mac_latency_cycles
                           : command.dataflow == Dataflow::kWeightStationary ? command.m
                                                                             : command.n;
  for (const std::vector<std::int64_t>& pass : sums) {
    const std::int64_t most = *std::max_element(pass.begin(), pass.end());
    result.stall += std::max<std::int64_t>(0, most - fed * command.interval.count());
  }
  return result;
}

MapperChip chip_of(const ArraySpec& array) {
  const BufferSpec buffer{Bytes(65536), 4, 32};
  return {array,
          SramGeometry(buffer, 8),
          SramGeometry(buffer, 8),
          SramGeometry(buffer, 32),
          VectorSpec{},
          64,
          8.0};
}

ArrayCase with_data(const ArraySpec& array, const ArrayCommand& command, OperandData& data,
                    const GemmWork& work, const GemmTile& tile) {
  OperandData::Tile operands = data.gather(work, tile);
  ArrayCase one;
  one.spec = array;
  one.command = command;
  one.a = std::move(operands.a);
  one.b = std::move(operands.b);
  one.c.assign(static_cast<std::size_t>(command.m * command.n), 1.0F);
  one.decoder = OperandDecoder(work.format_a);
  return one;
}

}  // namespace mxsim
