#include "sim/run/simulation_bytes.h"

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/array_wrapper.hpp>
#include <boost/serialization/binary_object.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <sstream>
#include <type_traits>

namespace mxsim {
namespace {

/// Types without pointers go as they lie in memory.
template <class Archive, class T>
void add_plain(Archive& archive, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  archive& boost::serialization::make_binary_object(&value, sizeof value);
}

template <class Archive, class T>
void add_plain(Archive& archive, std::vector<T>& values) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::size_t size = values.size();
  archive& size;
  values.resize(size);
  for (T& value : values) add_plain(archive, value);
}

}  // namespace

// Each takes its type apart as a whole: an added member is a compile error here.

template <class Archive>
void serialize(Archive& archive, BufferPeak& s, unsigned) {
  add_plain(archive, s);
}

template <class Archive>
void serialize(Archive& archive, OutputHash& s, unsigned) {
  auto& [layer, pass, gemm, hash] = s;
  archive& layer& pass& gemm& hash;
}

template <class Archive>
void serialize(Archive& archive, MemoryUse& s, unsigned) {
  auto& [capacity, used, peak_live, sum, classes, scratch, buffers, kept, kept_tensors] = s;
  for (Bytes* each : {&capacity, &used, &peak_live, &sum, &scratch}) add_plain(archive, *each);
  add_plain(archive, classes);
  archive& buffers& kept& kept_tensors;
}

template <class Archive>
void serialize(Archive& archive, RunPrediction& s, unsigned) {
  auto& [cycles, groups, commands] = s;
  add_plain(archive, cycles);
  add_plain(archive, groups);
  add_plain(archive, commands);
}

template <class Archive>
void serialize(Archive& archive, SimulationResult& s, unsigned) {
  auto& [cycles, groups, counts, activity, hashes, memory, residents, choice, mappings, dram,
         predicted] = s;
  add_plain(archive, cycles);
  add_plain(archive, groups);
  add_plain(archive, counts);
  add_plain(archive, activity);
  archive& hashes& memory;
  add_plain(archive, residents);
  add_plain(archive, choice);
  std::size_t size = mappings.size();
  archive& size;
  mappings.resize(size);
  for (std::vector<GemmMapping>& each : mappings) add_plain(archive, each);
  add_plain(archive, dram);
  archive& predicted;
}

namespace {

constexpr unsigned kFlags = boost::archive::no_header;

}  // namespace

std::string simulation_bytes(const SimulationResult& result) {
  std::ostringstream text;
  boost::archive::binary_oarchive(text, kFlags) << result;
  return text.str();
}

SimulationResult simulation_of(const std::string& bytes) {
  std::istringstream text(bytes);
  SimulationResult result;
  boost::archive::binary_iarchive(text, kFlags) >> result;
  return result;
}

}  // namespace mxsim
