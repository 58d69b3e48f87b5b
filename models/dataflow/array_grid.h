#pragma once

#include <cstdint>

#include "models/dataflow/array_command.h"
#include "models/dataflow/tiling.h"

namespace mxsim {

/// How the arrays of a grid divide a command among them.
///
/// M is cut into pieces of ceil(M / grid rows), N into pieces of ceil(N / grid columns); the last
/// piece may be shorter. Array (p, q) does the p-th piece of M times the q-th of N over the whole
/// of K, as a command of its own: it fetches its operands for itself (nothing is broadcast), adds
/// in the same order as a single array would, and starts and steps together with the others. The
/// command ends with the last array; arrays that finish earlier or have no piece stay idle.
struct GridShares {
  Tiling m;
  Tiling n;

  GridShares(const ArrayGrid& grid, const ArrayCommand& command)
      : m(command.m, ceil_div(command.m, grid.rows)),
        n(command.n, ceil_div(command.n, grid.cols)) {}

  std::int64_t count() const { return m.count() * n.count(); }

  /// Calls f(share, number of arrays that have one like it) for each kind: up to four, or one for
  /// each piece of M and length of N where rows of the result differ.
  template <class F>
  void for_each_kind(const ArrayCommand& command, F f) const {
    ArrayCommand share = command;
    if (command.blocks.pieces && m.count() > 1) {
      for (std::int64_t p = 0; p < m.count(); ++p) {
        share.m = m.length(p);
        share.blocks.first_row = command.blocks.first_row + p * m.size;
        for_each_length(n, [&](std::int64_t n_length, std::int64_t n_count) {
          share.n = n_length;
          f(share, n_count);
        });
      }
      return;
    }
    for_each_length(m, [&](std::int64_t m_length, std::int64_t m_count) {
      for_each_length(n, [&](std::int64_t n_length, std::int64_t n_count) {
        share.m = m_length;
        share.n = n_length;
        f(share, m_count * n_count);
      });
    });
  }

 private:
  template <class F>
  static void for_each_length(const Tiling& axis, F f) {
    if (axis.full > 0) f(axis.size, axis.full);
    if (axis.last > 0) f(axis.last, std::int64_t{1});
  }
};

}  // namespace mxsim
