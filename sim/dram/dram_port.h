#pragma once

#include <cstddef>
#include <cstdint>

#include "models/dram/dram_run.h"

namespace mxsim {

enum class DramAccess : std::uint8_t { kRead, kWrite };
constexpr std::size_t index(DramAccess access) { return static_cast<std::size_t>(access); }

/// A run to move. `client` is a small number that is unique among the users of one port: it orders
/// requests submitted in the same cycle, so that no result depends on the order of processes.
struct DramRequest {
  std::uint64_t id = 0;
  std::uint32_t client = 0;
  DramAccess access = DramAccess::kRead;
  DramRun run;
  std::uint32_t account = 0;  ///< whom the commands that this request causes are counted for
};

/// Told when the last data of a request has moved.
class DramListener {
 public:
  virtual ~DramListener() = default;
  virtual void dram_done(std::uint64_t id) = 0;
};

/// Where memory is asked for. Any number of requests may be outstanding; reads do not wait for
/// writes to the same bytes, so a user orders those itself by waiting.
class DramPort {
 public:
  virtual ~DramPort() = default;
  /// Requests of `client` answer to `listener`, which outlives the port.
  virtual void listen(std::uint32_t client, DramListener& listener) = 0;
  /// Answered at least one DRAM cycle later. Called within a simulation process.
  virtual void submit(const DramRequest& request) = 0;
};

}  // namespace mxsim
