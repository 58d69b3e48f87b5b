#pragma once

#include <unordered_map>
#include <vector>

#include "models/mapping/network_mapping.h"

namespace mxsim {

/// DRAM traffic of single tensors of a network whose GEMMs are mapped.
class LayoutTraffic {
 public:
  /// All outlive it; the tensors' tiles may change between calls.
  LayoutTraffic(const OpList& ops, const MapperChip& chip, const NetworkMapping& mapping,
                const std::vector<Resident>& residents);

  struct Bytes {
    double moved = 0;    ///< in whole bursts
    double payload = 0;  ///< asked for
  };
  /// Of all commands that read or write the tensor as it lies now; of the tiles of a long loop a
  /// sample is looked at.
  Bytes of(TensorId id);
  /// Whether a GEMM reads it, or it is in step with the results of a GEMM.
  bool has_tiles(TensorId id) const;

 private:
  enum class Role : std::uint8_t { kLeft, kRight, kResult, kStream };
  struct Use {
    std::size_t group = 0;
    std::size_t gemm = 0;
    Role role = Role::kStream;
  };
  /// All that decides a use's traffic.
  struct Key {
    Role role = Role::kStream;
    GemmWork work;
    GridSize grid;
    GemmTiling tiling;
    StoredTensor tensor;
    std::int64_t elements = 0;  ///< of a stream's grid
    std::int64_t chunk = 0;
    bool operator==(const Key&) const = default;
    struct Hash {
      std::size_t operator()(const Key& key) const;
    };
  };

  Key key_of(const Use& use, TensorId id) const;
  Bytes of_gemm(const Key& key) const;
  Bytes of_stream(const Key& key, const OpGroup& group) const;
  void add_uses(std::size_t group, const KeptTensors& kept);

  const OpList& ops_;
  const MapperChip& chip_;
  const NetworkMapping& mapping_;
  std::vector<std::vector<Use>> uses_;  ///< by tensor
  std::unordered_map<Key, Bytes, Key::Hash> known_;
};

}  // namespace mxsim
