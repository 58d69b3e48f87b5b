// Parameters and forward MACs of the shipped language models: parameters as published, MACs by the
// closed form from hyper-parameters, in prefill, decode and training.
#include <gtest/gtest.h>

#include "models/workload/shaped_graph.h"
#include "sim/config/run_config.h"
#include "sim/config/trace_reader.h"

namespace mxsim {
namespace {

struct Model {
  const char* trace;
  std::int64_t layers, width, heads, kv, head, ffn, vocabulary, parameters;
  std::int64_t matrices = 3;  ///< of the feed-forward part
  std::int64_t experts = 0;
  std::int64_t top = 1;
  std::int64_t window = 0;  ///< of every `windowed`th layer
  std::int64_t windowed = 1;
};

const std::vector<Model> kModels{
    {"gpt2", 12, 768, 12, 12, 64, 3072, 50257, 124'439'808, 2},
    {"gpt2_medium", 24, 1024, 16, 16, 64, 4096, 50257, 354'823'168, 2},
    {"gpt2_large", 36, 1280, 20, 20, 64, 5120, 50257, 774'030'080, 2},
    {"gpt2_xl", 48, 1600, 25, 25, 64, 6400, 50257, 1'557'611'200, 2},
    {"llama2_7b", 32, 4096, 32, 32, 128, 11008, 32000, 6'738'415'616},
    {"llama2_13b", 40, 5120, 40, 40, 128, 13824, 32000, 13'015'864'320},
    {"llama2_70b", 80, 8192, 64, 8, 128, 28672, 32000, 68'976'648'192},
    {"llama3_8b", 32, 4096, 32, 8, 128, 14336, 128256, 8'030'261'248},
    {"llama3_70b", 80, 8192, 64, 8, 128, 28672, 128256, 70'553'706'496},
    {"mistral_7b", 32, 4096, 32, 8, 128, 14336, 32000, 7'241'732'096, 3, 0, 1, 4096},
    {"mixtral_8x7b", 32, 4096, 32, 8, 128, 14336, 32000, 46'702'792'704, 3, 8, 2},
    {"gpt_oss_20b", 24, 2880, 64, 8, 64, 2880, 201088, 20'914'757'184, 3, 32, 4, 128, 2},
    {"gpt_oss_120b", 36, 2880, 64, 8, 64, 2880, 201088, 116'829'156'672, 3, 128, 4, 128, 2}};

/// Work of `batch` requests: so many tokens of the call each after so many, scores of so many.
struct Call {
  std::int64_t batch, tokens, context, logits;
};

std::int64_t closed_form(const Model& m, const Call& call) {
  const std::int64_t rows = call.batch * call.tokens;
  const std::int64_t projections = 2 * m.width * m.heads * m.head + 2 * m.width * m.kv * m.head;
  const std::int64_t ffn = m.matrices * m.width * m.ffn * m.top + m.width * m.experts;
  const std::int64_t all = call.context + call.tokens;
  const std::int64_t seen = m.window > 0 ? std::min(all, m.window + call.tokens - 1) : all;
  const std::int64_t windowed = m.layers / m.windowed;
  const std::int64_t keys = windowed * seen + (m.layers - windowed) * all;
  return rows * (m.layers * (projections + ffn) + 2 * m.heads * m.head * keys) +
         call.batch * call.logits * m.width * m.vocabulary;
}

class LanguageTrace : public testing::TestWithParam<Model> {
 protected:
  std::int64_t macs(Mode mode, const Call& call) {
    RunConfig run;
    run.workload = graph_;
    run.mode = mode;
    run.dimensions = {{"seq", call.tokens}};
    if (call.context > 0) run.dimensions["context"] = call.context;
    return shape_graph(graph_, call.batch, run_dimensions(run)).macs;
  }

  Graph graph_ = load_trace(MXSIM_ROOT "/traces/" + std::string(GetParam().trace) + ".json");
};

TEST_P(LanguageTrace, HasItsPublishedParametersWhateverTheSizes) {
  const std::int64_t parameters = GetParam().parameters;
  EXPECT_EQ(shape_graph(graph_, 1).parameters, parameters);
  EXPECT_EQ(shape_graph(graph_, 3, {{"seq", 1}, {"context", 7}}).parameters, parameters);
}

TEST_P(LanguageTrace, StatesTheMacsOfAllTokensOfItsOwnSequence) {
  const std::int64_t own = graph_.dimensions.at("seq");
  EXPECT_EQ(shape_graph(graph_, 1).macs, closed_form(GetParam(), {1, own, 0, own}));
}

TEST_P(LanguageTrace, TrainsOnEveryTokenAndInfersTheScoresOfTheLast) {
  const Model& m = GetParam();
  EXPECT_EQ(macs(Mode::kTrain, {2, 96, 0, 0}), closed_form(m, {2, 96, 0, 96}));
  EXPECT_EQ(macs(Mode::kPrefill, {2, 96, 0, 0}), closed_form(m, {2, 96, 0, 1}));
  EXPECT_EQ(macs(Mode::kDecode, {4, 1, 600, 0}), closed_form(m, {4, 1, 600, 1}));
}

INSTANTIATE_TEST_SUITE_P(Published, LanguageTrace, testing::ValuesIn(kModels),
                         [](const auto& each) { return std::string(each.param.trace); });

}  // namespace
}  // namespace mxsim
