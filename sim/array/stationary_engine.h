#pragma once

#include <optional>
#include <vector>

#include "models/dataflow/stationary_schedule.h"
#include "sim/array/array_engine.h"
#include "sim/array/wavefront.h"

namespace mxsim {

/// `ws` and `is` on the PEs (models/dataflow/stationary_rule.h says what the hardware does).
template <class Lane, int kDot>
class StationaryEngine final : public ArrayEngine {
 public:
  StationaryEngine(const ArraySpec& spec, const ArrayCommand& command, const TileData& data,
                   PeGrid& grid);

  std::int64_t sum_slot(const FlowControl&) const override {
    return (now() + latency_) % (latency_ + 1);
  }

 private:
  /// Where operands and results stand in the row-major matrices of the command.
  struct Layout {
    const ArrayOperand* streamed;
    std::int64_t streamed_by_step, streamed_by_k;
    const ArrayOperand* fixed;
    std::int64_t fixed_by_k, fixed_by_col;
    std::int64_t result_by_step, result_by_col;
  };
  /// The next result of a column.
  struct Exit {
    std::int64_t pass = 0;
    std::int64_t step = 0;
    StationaryPass shape;
  };
  struct PlacedPass : StationaryPass {
    std::int64_t index = -1;
    std::int64_t first_k = 0;
    std::int64_t elements = 0;  ///< of the reduction
    std::int64_t first_col = 0;
  };
  struct LeavingSum {
    float value = 0.0F;
    bool valid = false;
  };

  PeActivity step_array() override;
  const PlacedPass& placed(std::int64_t pass);
  void control();
  void feed_rows();
  void feed_columns();
  PeActivity step_row(std::int64_t i);
  void load(PeRegisters<kDot>& pe, const FlowRegister<kDot>& above, bool swapped, bool busy,
            PeActivity& activity);
  bool prepare(PeRegisters<kDot>& pe, const FlowRegister<kDot>& in);
  void leave(std::int64_t column, float sum);
  void collect();

  Layout layout_;
  StationaryRule rule_;
  Multiplier<Lane> multiplier_;
  StationarySchedule schedule_;
  bool doubled_;
  std::int64_t latency_;
  bool ends_with_streamed_;  ///< exact parts end as the streamed row's do, not the stationary one's
  std::int64_t used_rows_;
  std::int64_t used_cols_;

  std::int64_t next_load_ = 0;    ///< first pass whose load has not begun
  std::int64_t next_stream_ = 0;  ///< first pass that has not started
  std::int64_t load_start_ = 0;   ///< of pass next_load_ - 1
  std::int64_t start_ = 0;        ///< of pass next_stream_ - 1
  Wavefront rows_;
  Wavefront loads_;
  std::vector<FlowRegister<kDot>> row_inputs_;
  std::vector<FlowRegister<kDot>> column_inputs_;
  PlacedPass placed_;  ///< the one looked at last: neighbouring lanes mostly share theirs
  std::vector<Exit> exits_;
  std::vector<LeavingSum> leaving_;  ///< [step % latency][column]: MACs of last rows under way
};

}  // namespace mxsim
