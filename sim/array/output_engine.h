#pragma once

#include <deque>
#include <vector>

#include "models/dataflow/output_stationary.h"
#include "sim/array/array_engine.h"
#include "sim/array/wavefront.h"

namespace mxsim {

/// `os` on the PEs (models/dataflow/output_rule.h says what the hardware does).
template <class Lane, int kDot>
class OutputEngine final : public ArrayEngine {
 public:
  OutputEngine(const ArraySpec& spec, const ArrayCommand& command, const TileData& data,
               PeGrid& grid);

  std::int64_t sum_slot(const FlowControl& streamed) const override { return streamed.group; }

 private:
  struct PlacedPass : OutputPass {
    std::int64_t index = -1;
    std::int64_t first_row = 0;
    std::int64_t first_tile = 0;  ///< column tile of group 0
    /// Columns of group `g`.
    std::int64_t width(const OutputSchedule& schedule, std::int64_t g) const {
      return schedule.cols.length(first_tile + g);
    }
  };
  /// What one step of the reduction adds.
  struct Elements {
    std::int64_t k;
    std::int64_t count;
    bool last;
  };
  /// A result whose last product is in the adder.
  struct Finishing {
    std::int64_t step;
    std::int64_t row;
    std::int64_t col;
    std::int64_t group;
  };

  PeActivity step_array() override;
  const PlacedPass& placed(std::int64_t pass);
  Elements elements_at(std::int64_t step) const;
  void control();
  void feed_rows();
  void feed_columns();
  PeActivity step_row(std::int64_t i);
  bool draining(std::int64_t i, std::int64_t j);
  void move_chain(std::int64_t column);
  void capture();

  OutputRule rule_;
  Multiplier<Lane> multiplier_;
  OutputSchedule schedule_;
  bool doubled_;
  std::int64_t latency_;
  std::int64_t used_rows_;
  std::int64_t used_cols_;

  std::int64_t next_pass_ = 0;
  std::int64_t start_ = 0;  ///< of pass next_pass_ - 1
  Wavefront rows_;
  Wavefront cols_;
  Wavefront drains_;
  std::vector<FlowRegister<kDot>> row_inputs_;
  std::vector<FlowRegister<kDot>> column_inputs_;
  PlacedPass placed_;  ///< the one looked at last: neighbouring lanes mostly share theirs
  std::deque<Finishing> finishing_;
};

}  // namespace mxsim
