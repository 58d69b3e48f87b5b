#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/core/units.h"

namespace mxsim {

/// How the units that use an interleaved buffer share its ports.
///
/// Consecutive words lie in consecutive banks, so a stream of words uses every bank alike, and all
/// streams together may move ports x banks words a cycle. A client asks for the words of a command
/// spread evenly over the command's own time: a rate. In every cycle a client gets its rate or what
/// the clients before it leave, whichever is less; a client that got less goes on until all its
/// words are moved. Rates are exact multiples of 1 / kUnit words a cycle, rounded up.
///
/// Clients are numbered by priority, the first before all others. What a client gets from a cycle
/// on depends on the clients that have begun by then, not on the order of the calls.
class PortShare {
 public:
  static constexpr std::size_t kClients = 5;
  /// Parts of a word.
  static constexpr std::int64_t kUnit = std::int64_t{1} << 20;

  explicit PortShare(std::int64_t words_per_cycle) : capacity_(words_per_cycle * kUnit) {}

  /// From cycle `now` on, which never falls, the client asks for `words` in `over` cycles (one or
  /// more). All it asked for before must be moved.
  void begin(std::size_t client, Cycles now, std::int64_t words, Cycles over);
  /// begin() of a client whose commands overlap: asks as well for what is left of before.
  void go_on(std::size_t client, Cycles now, std::int64_t words, Cycles over);
  /// The first cycle with nothing left to move, if no client begins before it.
  Cycles met(std::size_t client) const;
  /// Whether the client has words left in the cycle of the last begin().
  bool active(std::size_t client) const { return flows_[client].left > 0; }
  /// What the client gets from that cycle on until somebody begins or is done, in 1 / kUnit words.
  std::int64_t rate(std::size_t client) const { return rates()[client]; }

 private:
  using Rates = std::array<std::int64_t, kClients>;
  struct Flow {
    std::int64_t wanted = 0;  ///< a cycle
    std::int64_t left = 0;
    Cycles met{0};
  };

  Rates rates() const;
  /// To the next cycle in which a client is done, at most to `until`.
  void step(Cycles until);

  std::int64_t capacity_;
  Cycles now_{0};
  std::array<Flow, kClients> flows_{};
};

}  // namespace mxsim
