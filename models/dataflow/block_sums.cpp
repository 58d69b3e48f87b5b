#include "models/dataflow/block_sums.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace mxsim {
namespace {

/// All y with y = residue (mod period); period 0: none.
struct Progression {
  std::int64_t period;
  std::int64_t residue;  ///< 0 .. period - 1
};

std::int64_t count_in(const Progression& p, std::int64_t first, std::int64_t last) {
  const auto up_to = [&](std::int64_t y) {
    return y < p.residue ? 0 : (y - p.residue) / p.period + 1;
  };
  return p.period == 0 || last < first ? 0 : up_to(last) - up_to(first - 1);
}

/// Inverse of a modulo m (coprime, m >= 1) by Euclid's extended algorithm.
std::int64_t inverse(std::int64_t a, std::int64_t m) {
  std::int64_t old_r = a % m, r = m, old_s = 1, s = 0;
  while (r != 0) {
    const std::int64_t q = old_r / r;
    old_r -= q * r;
    std::swap(old_r, r);
    old_s -= q * s;
    std::swap(old_s, s);
  }
  return (old_s % m + m) % m;
}

/// The common members of two progressions (Chinese remainder theorem).
Progression intersect(const Progression& p, const Progression& q) {
  if (p.period == 0) return p;
  const std::int64_t g = std::gcd(p.period, q.period);
  const std::int64_t distance = q.residue - p.residue;
  if (distance % g != 0) return {0, 0};
  const std::int64_t m = q.period / g;
  const std::int64_t steps = ((distance / g % m + m) % m) * inverse(p.period / g, m) % m;
  const std::int64_t period = p.period * m;
  return {period, (p.residue + p.period * steps) % period};
}

}  // namespace

std::int64_t block_sums(const ReductionBlocks& blocks, std::int64_t k, std::int64_t pass_length) {
  if (k == 0) return 0;
  const std::int64_t first = blocks.offset + 1;
  const std::int64_t last = blocks.offset + k - 1;
  // Blocks longer than the axis have no border on it; the limit keeps products of lengths small.
  const std::int64_t a_length = std::min(blocks.a_length, last + 1);
  const std::int64_t b_length = std::min(blocks.b_length, last + blocks.b_shift + 1);
  const auto count = [&](const Progression& p) { return count_in(p, first, last); };
  const Progression a{a_length, 0};
  const Progression b{b_length, (b_length - blocks.b_shift % b_length) % b_length};
  const Progression both = intersect(a, b);
  const Progression pass{pass_length, blocks.offset % pass_length};
  const std::int64_t block_borders = count(a) + count(b) - count(both);
  const std::int64_t shared =
      count(intersect(a, pass)) + count(intersect(b, pass)) - count(intersect(both, pass));
  return 1 + block_borders + count(pass) - shared;
}

std::int64_t block_sums(const ReductionBlocks& blocks, std::int64_t m, std::int64_t k,
                        std::int64_t pass_length) {
  if (blocks.pieces) return blocks.pieces->count(blocks.kind(m), pass_length);
  return block_sums(blocks, k, pass_length);
}

bool ends_block(const ReductionBlocks& blocks, std::int64_t m, std::int64_t k) {
  if (blocks.pieces) return blocks.pieces->ends(blocks.kind(m), k);
  const std::int64_t next = blocks.offset + k + 1;
  return next % blocks.a_length == 0 || (next + blocks.b_shift) % blocks.b_length == 0;
}

}  // namespace mxsim
