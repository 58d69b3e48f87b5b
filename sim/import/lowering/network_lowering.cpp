#include "sim/import/lowering/network_lowering.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/error.h"
#include "sim/import/lowering/lowerings.h"
#include "sim/import/lowering/trace_builder.h"

namespace mxsim {
namespace {

constexpr std::size_t kMostFaults = 50;

bool has_images(const NetNode& node) {
  return node.op == "Conv" || node.op == "ConvTranspose" || node.op.ends_with("Pool") ||
         node.op == "BatchNormalization" || node.op == "InstanceNormalization" ||
         node.op == "GroupNormalization" || node.op == "LRN";
}

std::int64_t batch_of(const TensorNetwork& network) {
  std::int64_t batch = 1;
  for (const NetNode& node : network.nodes) {
    if (!has_images(node)) continue;
    batch = network.tensors[static_cast<std::size_t>(node.inputs.at(0))].shape.at(0);
    break;
  }
  const bool shared = std::all_of(network.inputs.begin(), network.inputs.end(), [&](int id) {
    const Shape& shape = network.tensors[static_cast<std::size_t>(id)].shape;
    return !shape.empty() && batch > 0 && shape[0] % batch == 0;
  });
  return shared ? batch : 1;
}

/// Formats that quantizers left the operands of a product in.
void state_formats(const NetNode& node, std::size_t before, TraceBuilder& trace) {
  if (node.inputs.size() < 2 || node.inputs[0] < 0 || node.inputs[1] < 0) return;
  const NetTensor& left = trace.tensor(node.inputs[0]);
  const NetTensor& right = trace.tensor(node.inputs[1]);
  if (right.constant) {
    trace.set_formats(before, right.format, left.format);
  } else if (left.constant) {
    trace.set_formats(before, left.format, right.format);
  } else {
    if (left.format != right.format && !right.format.empty()) {
      trace.note(fmt::format("{} \"{}\": both operands have the format of the left one", node.op,
                             node.name));
    }
    trace.set_formats(before, "", left.format);
  }
}

}  // namespace

ImportedNetwork lower_network(const TensorNetwork& network, std::vector<std::string>& notes) {
  const std::int64_t batch = batch_of(network);
  TraceBuilder trace(network, batch, notes);
  std::vector<Diagnostic> faults;
  for (const NetNode& node : network.nodes) {
    const auto add_fault = [&](const std::string& message) {
      if (faults.size() == kMostFaults) return;
      faults.push_back({"", "", fmt::format("{} \"{}\": {}", node.op, node.name, message)});
    };
    try {
      const std::size_t before = trace.layer_count();
      find_lowering(node)(node, trace);
      state_formats(node, before, trace);
    } catch (const InputError& error) {
      for (const Diagnostic& each : error.diagnostics()) add_fault(each.message);
      if (!faults.empty()) break;  // later nodes read what is missing
    } catch (const std::out_of_range&) {
      add_fault("lacks an input or an attribute");
      break;
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  if (batch > 1) {
    notes.push_back(fmt::format("the file's batch is {0}: run it with --batch {0}", batch));
  }
  return trace.take();
}

}  // namespace mxsim
