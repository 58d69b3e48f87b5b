#include "sim/import/onnx/node_order.h"

#include <fmt/format.h>

#include <functional>
#include <queue>
#include <unordered_map>

namespace mxsim {
namespace {

constexpr std::size_t kMostFaults = 20;

using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

class NodeSorter {
 public:
  NodeSorter(const Nodes& nodes, const std::unordered_set<std::string>& known)
      : nodes_(nodes),
        known_(known),
        waiting_(static_cast<std::size_t>(nodes.size()), 0),
        readers_(static_cast<std::size_t>(nodes.size())) {}

  std::vector<const onnx::NodeProto*> sort() {
    for (int n = 0; n < nodes_.size(); ++n) note_outputs(n);
    for (int n = 0; n < nodes_.size(); ++n) note_inputs(n);
    if (!faults_.empty()) throw InputError(std::move(faults_));
    std::priority_queue<int, std::vector<int>, std::greater<>> ready;
    for (int n = 0; n < nodes_.size(); ++n) {
      if (waiting_[static_cast<std::size_t>(n)] == 0) ready.push(n);
    }
    std::vector<const onnx::NodeProto*> order;
    while (!ready.empty()) {
      const int n = ready.top();
      ready.pop();
      order.push_back(&nodes_.Get(n));
      for (const int reader : readers_[static_cast<std::size_t>(n)]) {
        if (--waiting_[static_cast<std::size_t>(reader)] == 0) ready.push(reader);
      }
    }
    if (order.size() < waiting_.size()) refuse_cycle();
    return order;
  }

 private:
  void fault(std::string message) {
    if (faults_.size() < kMostFaults) faults_.push_back({"", "", std::move(message)});
  }

  void note_outputs(int n) {
    for (const std::string& output : nodes_.Get(n).output()) {
      if (output.empty()) continue;
      if (!makers_.emplace(output, n).second || known_.contains(output)) {
        fault(fmt::format("{}: tensor \"{}\" is made twice", node_text(nodes_.Get(n)), output));
      }
    }
  }

  void note_inputs(int n) {
    for (const std::string& input : nodes_.Get(n).input()) {
      if (input.empty() || known_.contains(input)) continue;
      const auto maker = makers_.find(input);
      if (maker == makers_.end()) {
        fault(fmt::format("{}: nothing makes its input \"{}\"", node_text(nodes_.Get(n)), input));
        continue;
      }
      readers_[static_cast<std::size_t>(maker->second)].push_back(n);
      ++waiting_[static_cast<std::size_t>(n)];
    }
  }

  /// Every waiting node has a waiting maker: going back comes round.
  [[noreturn]] void refuse_cycle() const {
    int node = 0;
    while (waiting_[static_cast<std::size_t>(node)] == 0) ++node;
    std::unordered_set<int> seen;
    while (seen.insert(node).second) node = waiting_maker(node);
    std::string path = node_text(nodes_.Get(node));
    int length = 0;
    for (int next = waiting_maker(node); next != node; next = waiting_maker(next)) {
      if (++length < 8) path = node_text(nodes_.Get(next)) + " -> " + path;
    }
    throw InputError("a cycle of nodes: " + path);
  }

  int waiting_maker(int node) const {
    for (const std::string& input : nodes_.Get(node).input()) {
      const auto maker = makers_.find(input);
      if (maker != makers_.end() && waiting_[static_cast<std::size_t>(maker->second)] > 0) {
        return maker->second;
      }
    }
    throw InternalError("a waiting node has no waiting maker");
  }

  const Nodes& nodes_;
  const std::unordered_set<std::string>& known_;
  std::vector<int> waiting_;
  std::vector<std::vector<int>> readers_;
  std::unordered_map<std::string, int> makers_;
  std::vector<Diagnostic> faults_;
};

}  // namespace

std::string node_text(const onnx::NodeProto& node) {
  std::string name = node.name();
  if (name.empty() && node.output_size() > 0) name = node.output(0);
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  const std::string op = standard ? node.op_type() : node.domain() + "." + node.op_type();
  return fmt::format("{} \"{}\"", op, name);
}

std::vector<const onnx::NodeProto*> ordered_nodes(const Nodes& nodes,
                                                  const std::unordered_set<std::string>& known) {
  return NodeSorter(nodes, known).sort();
}

}  // namespace mxsim
