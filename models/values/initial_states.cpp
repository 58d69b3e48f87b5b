#include "models/values/initial_states.h"

#include <vector>

#include "models/values/rotary_angles.h"

namespace mxsim {

void give_initial_states(const ShapedGraph& graph, std::int64_t micro_batches,
                         StepExecutor& executor) {
  for (const ShapedLayer& layer : graph.layers) {
    for (const char* state : {".initial_hidden", ".initial_cell"}) {
      for (std::int64_t part = 0; part < micro_batches; ++part) {
        const std::string name = micro_batch_name(layer.name + state, part);
        if (!executor.has(name)) continue;
        const StoredTensor& tensor = executor.tensor(name);
        executor.give(name,
                      std::vector<float>(static_cast<std::size_t>(tensor.rows * tensor.cols)));
      }
    }
  }
}

}  // namespace mxsim
