#pragma once

#include <cstdint>

#include "models/dataflow/array_command.h"
#include "models/dataflow/tiling.h"

namespace mxsim {

/// Arrays of a grid with like shares.
struct ShareCount {
  std::int64_t arrays = 1;
  std::int64_t rows = 1;     ///< grid rows whose piece of A is read for one of these arrays
  std::int64_t columns = 1;  ///< grid columns whose piece of B is read for one of these arrays
};

/// What `count` arrays cost together of which one costs `one`: operands are read once for a grid
/// row or column, and what arrays take from others' reads is counted as multicast.
ArrayCost cost_of_shares(const ArrayCost& one, const ShareCount& count);

/// How the arrays of a grid divide a command among them.
///
/// M is cut into pieces of ceil(M / grid rows), N into pieces of ceil(N / grid columns); the last
/// piece may be shorter. Array (p, q) does the p-th piece of M times the q-th of N over the whole
/// of K, as a command of its own: it adds in the same order as a single array would, and starts and
/// steps together with the others. The arrays of a grid row need the same piece of A, those of a
/// grid column the same piece of B, whatever the dataflow: it is read once, for the array whose
/// other piece is the longest, and the others take it from the wires on its way (multicast). Array
/// (0, 0) has the longest pieces, so no pass of another array takes longer than its own and arrays
/// with shorter pieces can wait for it at every pass. Results are private. The command ends with
/// the last array; arrays that finish earlier or have no piece stay idle.
struct GridShares {
  Tiling m;
  Tiling n;

  GridShares(const ArrayGrid& grid, const ArrayCommand& command)
      : m(command.m, ceil_div(command.m, grid.rows)),
        n(command.n, ceil_div(command.n, grid.cols)) {}

  std::int64_t count() const { return m.count() * n.count(); }

  /// Calls f(share, ShareCount of the arrays that have one like it) for each kind: up to four, or
  /// one for each piece of M and length of N where rows of the result differ.
  template <class F>
  void for_each_kind(const ArrayCommand& command, F f) const {
    ArrayCommand share = command;
    if (command.blocks.pieces && m.count() > 1) {
      for (std::int64_t p = 0; p < m.count(); ++p) {
        share.m = m.length(p);
        share.blocks.first_row = command.blocks.first_row + p * m.size;
        for_each_length(n, [&](std::int64_t n_length, std::int64_t n_count) {
          share.n = n_length;
          f(share, count(1, p == 0, n_count, n_length));
        });
      }
      return;
    }
    for_each_length(m, [&](std::int64_t m_length, std::int64_t m_count) {
      for_each_length(n, [&](std::int64_t n_length, std::int64_t n_count) {
        share.m = m_length;
        share.n = n_length;
        f(share, count(m_count, m_length == m.front(), n_count, n_length));
      });
    });
  }

 private:
  ShareCount count(std::int64_t m_count, bool is_first_m, std::int64_t n_count,
                   std::int64_t n_length) const {
    return {m_count * n_count, n_length == n.front() ? m_count : 0, is_first_m ? n_count : 0};
  }

  template <class F>
  static void for_each_length(const Tiling& axis, F f) {
    if (axis.full > 0) f(axis.size, axis.full);
    if (axis.last > 0) f(axis.last, std::int64_t{1});
  }
};

}  // namespace mxsim
