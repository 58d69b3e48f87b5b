#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/formats/format_definition.h"
#include "models/mapping/plan/plan_policy.h"
#include "models/workload/graph.h"
#include "models/workload/lowering_policy.h"
#include "sim/config/binder.h"
#include "sim/config/chip_config.h"
#include "sim/config/data_config.h"
#include "sim/config/learning_config.h"

namespace mxsim {

class Document;

inline constexpr std::array<Choice<Mode>, 4> kModeNames{{{"train", Mode::kTrain},
                                                         {"infer", Mode::kInfer},
                                                         {"prefill", Mode::kPrefill},
                                                         {"decode", Mode::kDecode}}};

/// A run file (configs/runs/): one simulation.
struct RunConfig {
  ChipConfig chip;
  Graph workload;
  Mode mode = Mode::kInfer;
  std::int64_t batch = 1;
  Dimensions dimensions;      ///< of the network, in place of its own
  std::int64_t prompt = 0;    ///< tokens of a request's prompt
  std::int64_t generate = 0;  ///< tokens it generates; 0: no request, one step in `mode`
  std::int64_t gradient_accumulation_steps = 1;  ///< micro-batches of a training step
  TrainingPolicy training;
  FormatDefinitions defined_formats;  ///< names that `formats` may use beside the usual ones
  FormatPolicy formats;
  std::vector<ZeroShare> zeros;
  PlanPolicy mapping;
  Fidelity fidelity = Fidelity::kTile;
  std::uint64_t seed = 1;
  LearningConfig learning;
  DataConfig data;
  /// What it was read from: says in which file a key stands. Null: put together in the program.
  std::shared_ptr<const Document> source;
};

void bind(Binder& b, RunConfig& s);

/// Sizes of the run's network: those that the run states and, of a language model (a trace with the
/// dimensions of kSequence and kContext), those that its mode fixes.
///   train    no context, scores of all tokens
///   prefill  no context, scores of the last token
///   decode   one token, its scores
Dimensions run_dimensions(const RunConfig& run);

/// One phase of a request: `tokens` of the call after `context` others.
RunConfig request_phase(const RunConfig& run, Mode mode, std::int64_t tokens, std::int64_t context);

/// A trace of tokens in sequence, of which a cache may hold earlier ones.
bool is_language_model(const Graph& workload);

/// Dimensions that modes know: tokens of the call, tokens before them, tokens whose scores are
/// computed (0: all).
inline constexpr const char* kSequence = "seq";
inline constexpr const char* kContext = "context";
inline constexpr const char* kLogits = "logits";

/// How the run's network is lowered. Stored values that are no narrow GEMM operand are BF16.
LoweringPolicy lowering_policy(const RunConfig& run);

/// Rules of the chip, shapes of the network at this batch, and whether the formats suit its layers.
std::vector<Diagnostic> validate(const RunConfig& run);

}  // namespace mxsim
