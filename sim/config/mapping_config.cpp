#include "sim/config/mapping_config.h"

#include "sim/config/choices.h"
#include "sim/config/pattern_check.h"

namespace mxsim {
namespace {

void bind_pass(Binder& b, std::optional<Pass>& pass) {
  std::string name = pass ? std::string(to_string(*pass)) : "";
  b.text({"pass", "", "forward, backward_data or backward_weight; left out: all of them"}, name);
  pass.reset();
  if (name.empty()) return;
  for (const Pass known : {Pass::kForward, Pass::kBackwardData, Pass::kBackwardWeight}) {
    if (to_string(known) == name) pass = known;
  }
  if (!pass) {
    b.fault("pass", "got \"" + name + "\", expected forward, backward_data or backward_weight");
  }
}

}  // namespace

void bind(Binder& b, PinnedMapping& s) {
  constexpr IntegerRange kSizes{0, std::int64_t{1} << 40};
  b.text({"layers", "", "regular expression for whole layer names", Presence::kRequired}, s.layers);
  bind_pass(b, s.pass);
  b.integer({"images", "", "images of a tile; 0: all"}, s.tiling.images, kSizes);
  b.integer({"height", "", "output rows of a tile (of a plain GEMM: its rows M); 0: all"},
            s.tiling.h, kSizes);
  b.integer({"width", "", "output columns of a tile; 0: all"}, s.tiling.w, kSizes);
  b.integer({"channels", "", "input channels of a tile (of a plain GEMM: K); 0: all"},
            s.tiling.channels, kSizes);
  b.integer({"taps", "", "taps of the window of a tile, row by row; 0: all"}, s.tiling.taps,
            kSizes);
  b.integer({"columns", "", "result columns of a tile (output channels, N); 0: all"}, s.tiling.n,
            kSizes);
  b.choice({"order", "", "loops over the tiles, outermost first"}, s.tiling.order, kLoopOrderNames);
  check_pattern(b, "layers", s.layers);
}

void bind(Binder& b, DramTile& s) {
  constexpr IntegerRange kEdges{1, std::int64_t{1} << 20};
  b.integer({"rows", "", "rows of a tile"}, s.rows, kEdges);
  b.integer({"cols", "", "columns of a tile"}, s.cols, kEdges);
  b.choice({"scales", "",
            "block scales of a tensor: apart, behind all its elements, or beside those of their "
            "tile, where blocks divide tiles"},
           s.scales, kScalePlaceNames);
}

void bind(Binder& b, PlanPolicy& s) {
  b.choice({"overlap_groups", "",
            "on: fetches and commands of a group run while its predecessor is still at work; off: "
            "groups run one after another"},
           s.overlap_groups, kGroupOverlapNames);
  b.integer_or_word({"keep_on_chip_bytes", "bytes",
                     "part of the input buffer in which whole tensors stay between the groups that "
                     "make and read them; 0: none; auto: what the objective is best with"},
                    "auto", s.keep_on_chip_bytes);
  b.choice({"fuse_attention", "",
            "on: chains of products over one batch, and what is between them, run a few products "
            "at a time in the part for kept tensors; auto: where the objective is better"},
           s.fuse_attention, kAttentionFusionNames);
  b.choice({"dram_layout", "",
            "how operands and results of GEMMs lie in DRAM: row_major; tile_major, in tiles of "
            "dram_tile one behind the other; auto: row-major, or for each tensor the tile with "
            "which its readers and writers move the fewest bursts"},
           s.dram_layout, kDramLayoutNames);
  b.section({"dram_tile", "", "tile of tile_major"}, s.dram_tile);
  b.choice({"objective", "",
            "what the search for tile sizes and loop orders makes least: latency, energy, their "
            "product edp, or dram_bytes"},
           s.objective, kMappingObjectiveNames);
  b.list({"pinned", "", "mappings that are taken instead of searched; the first that fits a layer"},
         s.pinned, {0, 1000});
}

}  // namespace mxsim
