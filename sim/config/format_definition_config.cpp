#include "sim/config/format_definition_config.h"

#include "sim/config/format_config.h"

namespace mxsim {
namespace {

constexpr IntegerRange kExtents{0, 4096};
constexpr IntegerRange kSubExtents{1, 4096};
constexpr IntegerRange kPair{2, 2};

}  // namespace

void bind(Binder& b, FormatDefinition& s) {
  b.text({"element", "",
          "number of an element: int6, uint4, e3m2fin, e4m3fn, ..., or mxsf and its parameters",
          Presence::kRequired},
         s.element);
  b.text({"scale", "",
          "number that the scale of a block is: e8m0 (powers of two), e4m3fn, float32, ...; left "
          "out: float32 of integers, none of others"},
         s.scale);
  b.text({"tensor_scale", "", "number that scales the scales, one a tensor: float32"},
         s.tensor_scale);
  b.text({"zero_point", "", "number of the zero point of unsigned elements: uint8"}, s.zero_point);
  b.integers({"block", "elements",
              "rows and columns that share a scale, 0: the whole axis; /formats/block does not "
              "replace it; left out: the whole tensor"},
             s.block, kExtents, kPair);
  b.integers({"sub_block", "elements", "rows and columns that share an offset of the scale"},
             s.sub_block, kSubExtents, kPair);
  b.integer({"offset_bits", "bit", "bits of such an offset"}, s.offset_bits, {1, 4});
  b.texts({"parameters", "", "as behind the colons of a name: up, nan=saturate, rounding=sr, ..."},
          s.parameters, {0, 10});
}

void bind(Binder& b, FormatsSection& s) {
  b.map({"define", "", "formats of the user's own, by the name that the other keys use"},
        s.defined);
  std::map<std::string, FormatSpec> formats;
  if (!b.describing()) {
    for (const auto& [name, definition] : s.defined) {
      if (definition.element.empty()) continue;  // told already
      try {
        formats.emplace(name, defined_format(name, definition));
      } catch (const InputError& error) {
        b.fault("define", error.diagnostics().front().message);
      }
    }
  }
  const DefinedFormats scope(std::move(formats));
  bind(b, s.policy);
}

}  // namespace mxsim
