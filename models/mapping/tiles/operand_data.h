#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/arithmetic/operand_decoder.h"
#include "models/mapping/tiles/gemm_tile.h"

namespace mxsim {

/// A stored tensor as it goes to the PEs.
struct OperandMatrix {
  std::int64_t cols = 0;
  std::vector<ArrayOperand> elements;  ///< row-major
  OperandDecoder decoder;

  const ArrayOperand& at(std::int64_t row, std::int64_t col) const {
    return elements[static_cast<std::size_t>(row * cols + col)];
  }
};

/// Row-major operands of a tile; positions in the padding are zero.
struct TileOperands {
  std::vector<ArrayOperand> a;  ///< m x k
  std::vector<ArrayOperand> b;  ///< k x n
  const OperandDecoder* a_decoder = &binary32_decoder();
  const OperandDecoder* b_decoder = &binary32_decoder();
};

/// The tile's operands; decoders are those of the matrices.
TileOperands gather_operands(const OperandMatrix& left, const OperandMatrix& right,
                             const GemmWork& work, const GemmTile& tile);

/// Real bits for the GEMM operands of a run: every tensor's values are drawn from (seed, tensor
/// name) by its role and quantized in the layout that the PEs multiply. Activations are rectified
/// normal, weights normal with deviation 2^-4, gradients normal times a power of two drawn from
/// 2^-20..2^-5.
class OperandData {
 public:
  /// `ops` must outlive this.
  OperandData(const OpList& ops, std::uint64_t seed) : ops_(ops), seed_(seed) {}

  /// Takes these values (rows x cols, row-major) for every stored copy of `value` instead of drawn
  /// ones.
  void give(const std::string& value, std::vector<float> values);

  using Tile = TileOperands;
  Tile gather(const GemmWork& work, const GemmTile& tile);

 private:
  const OperandMatrix& matrix(TensorId id, const DataLayout& layout);
  std::vector<float> values_of(const StoredTensor& tensor) const;

  const OpList& ops_;
  std::uint64_t seed_;
  std::map<std::string, std::vector<float>> given_;
  std::map<std::pair<TensorId, std::string>, OperandMatrix> matrices_;
};

/// What a stored tensor is a copy of: its name up to '@'. Copies in several layouts share their
/// values.
std::string value_name(const StoredTensor& tensor);

/// Values of a tensor before quantization, drawn from (seed, value_name) by its role.
std::vector<float> seeded_values(const StoredTensor& tensor, std::uint64_t seed);

}  // namespace mxsim
