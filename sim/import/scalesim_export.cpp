#include "sim/import/scalesim_export.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "models/core/error.h"
#include "models/workload/shaped_graph.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// The forward GEMMs of a layer, as the simulator runs them.
std::vector<GemmWork> forward_gemms(const ShapedGraph& graph, std::size_t index) {
  StepBuilder steps(graph, Mode::kInfer, MasterWeights::kFp32);
  steps.enter(static_cast<std::int32_t>(index));
  graph.layers[index].kind->forward(graph.layers[index], steps);
  std::vector<GemmWork> works;
  for (const Step& step : steps.finish().steps) {
    works.insert(works.end(), step.gemms.begin(), step.gemms.end());
  }
  return works;
}

/// Rows and columns of the padded input that the windows reach.
std::int64_t reached(const WindowAxis& axis) { return (axis.out - 1) * axis.stride + axis.taps; }

bool has_window(const GemmWork& work) { return work.taps() > 1 || work.h.stride > 1; }

class TopologyWriter {
 public:
  explicit TopologyWriter(TopologyForm form) : form_(form) {
    text_ = form == TopologyForm::kGemm ? "Layer,M,N,K,\n"
                                        : "Layer name, IFMAP Height, IFMAP Width, Filter Height, "
                                          "Filter Width, Channels, Num Filter, Strides,\n";
  }

  void add(const std::string& name, const GemmWork& work) {
    if (form_ == TopologyForm::kConvolution && is_depthwise(work)) {
      convolution(name + "_DP", work, work.groups, work.n);
      return;
    }
    for (std::int64_t p = 0; p < work.products(); ++p) {
      const std::string each = work.products() == 1 ? name : fmt::format("{}_{}", name, p);
      if (form_ == TopologyForm::kGemm) {
        text_ += fmt::format("{},{},{},{},\n", each, work.gemm_m(), work.n, work.gemm_k());
      } else {
        convolution(each, work, work.channels, work.n);
      }
    }
  }

  bool can_state(const GemmWork& work) const {
    return form_ == TopologyForm::kGemm ||
           (work.h.dilation == 1 && work.w.dilation == 1 && work.h.stride == work.w.stride);
  }

  std::string take() { return std::move(text_); }

 private:
  static bool is_depthwise(const GemmWork& work) {
    return has_window(work) && work.groups > 1 && work.channels == 1;
  }

  void convolution(const std::string& name, const GemmWork& work, std::int64_t channels,
                   std::int64_t filters) {
    text_ += fmt::format("{},{},{},{},{},{},{},{},\n", name, reached(work.h), reached(work.w),
                         work.h.taps, work.w.taps, channels, filters, work.h.stride);
  }

  TopologyForm form_;
  std::string text_;
};

/// Separators and line ends would break the row; a spreadsheet would run a formula (csv_field.h).
std::string cell(std::string name) {
  constexpr std::string_view kFormulas = "=+-@";
  if (!name.empty() && kFormulas.find(name.front()) != kFormulas.npos) name.insert(0, 1, '\'');
  for (char& c : name) {
    if (c == ',' || c == ';' || c == '\t' || c == '\n' || c == '\r' || c == '"') c = '_';
  }
  return name;
}

}  // namespace

std::string scalesim_topology(const Graph& graph, TopologyForm form) {
  const ShapedGraph shaped = shape_graph(graph, 1);
  TopologyWriter writer(form);
  std::vector<Diagnostic> faults;
  for (std::size_t l = 0; l < shaped.layers.size(); ++l) {
    for (const GemmWork& work : forward_gemms(shaped, l)) {
      if (!writer.can_state(work)) {
        faults.push_back({"", "",
                          fmt::format("layer \"{}\": a convolution row has one stride and no "
                                      "dilation; export with --gemm",
                                      shaped.layers[l].name)});
        break;
      }
      writer.add(cell(shaped.layers[l].name), work);
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  return writer.take();
}

}  // namespace mxsim
