#include "sim/config/quality_config.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "models/formats/format_parser.h"
#include "sim/config/pattern_check.h"

namespace mxsim {
namespace {

constexpr int kMostDecibels = 1000;

void bind_sqnr(Binder& b, std::map<std::string, double>& sqnr_db) {
  std::map<std::string, std::string> texts;
  for (const auto& [format, value] : sqnr_db) texts[format] = fmt::format("{}", value);
  b.named_values({"sqnr_db", "dB",
                  "signal to quantization noise of an operand of these layers, by format; of "
                  "others what our quantizer does to Gaussian numbers (seeded, 256 x 256)"},
                 texts);
  if (b.describing()) return;
  sqnr_db.clear();
  for (const auto& [format, text] : texts) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == end;
    if (!whole || !(std::abs(value) <= kMostDecibels)) {
      b.fault("sqnr_db", fmt::format("\"{}\": got {}, expected a number of dB, -{}..{}", format,
                                     text, kMostDecibels, kMostDecibels));
    }
    try {
      sqnr_db[parse_format(format).name] = value;
    } catch (const InputError& error) {
      b.fault("sqnr_db", error.diagnostics().front().message);
    }
  }
}

}  // namespace

void bind(Binder& b, LayerQualityConfig& s) {
  b.text({"layers", "", "regular expression for whole layer names", Presence::kRequired}, s.layers);
  b.number({"weight", "ratio", "how much the noise of such a layer counts"}, s.weight);
  bind_sqnr(b, s.sqnr_db);
  check_pattern(b, "layers", s.layers);
}

void bind(Binder& b, QualityConfig& s) {
  b.list({"layers", "",
          "noise of layers, the first that matches decides; quality is the sum over the GEMMs of "
          "the forward pass of weight times both operands' noise, 10^(-SQNR / 10) each"},
         s.layers, {0, 1000});
  b.text({"weights", "",
          ".npz archive of trained parameters: quality is the share of the test samples that the "
          "network does not find with them, cast to the point's formats (as mxsim eval)"},
         s.weights);
  b.text({"data", "", "folder with the data set, as of mxsim eval; needed beside weights"}, s.data);
  b.integer({"samples", "", "the first samples of the test set; 0: all"}, s.samples);
  if (s.weights.empty() != s.data.empty()) {
    b.fault(s.weights.empty() ? "weights" : "data", "weights and data are given together");
  }
}

}  // namespace mxsim
