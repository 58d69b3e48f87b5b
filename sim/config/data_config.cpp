#include "sim/config/data_config.h"

namespace mxsim {

void bind(Binder& b, DataConfig& s) {
  constexpr std::int64_t kMostOctaves = 60;
  constexpr std::int64_t kMostPixels = 4096;
  b.integer({"train_samples", "", "the first samples of the training set; 0: all"},
            s.train_samples);
  b.integer({"test_samples", "", "the first samples of the test set; 0: all"}, s.test_samples);
  b.integer({"sample_octaves", "",
             "wide dynamic range: each sample, once normalised, is multiplied by a power of two of "
             "its own, the exponent drawn uniformly from the whole numbers -n .. n"},
            s.sample_octaves, {0, kMostOctaves});
  b.integer({"element_octaves", "",
             "likewise each element of a sample (pixel and channel), with the same exponent in all "
             "samples"},
            s.element_octaves, {0, kMostOctaves});
  b.flag({"flip", "", "mirror every second training image, drawn anew in each epoch"}, s.flip);
  b.integer({"shift", "pixels",
             "move each training image by up to so many pixels along both axes, drawn anew in each "
             "epoch; means come in at the edges"},
            s.shift, {0, kMostPixels});
  b.integer({"seed", "", "seed of the exponents, the same for every training"}, s.seed);
}

}  // namespace mxsim
