#include "sim/explore/point_message.h"

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <sstream>

namespace mxsim {

template <class Archive>
void serialize(Archive& archive, Diagnostic& d, unsigned) {
  archive& d.file& d.pointer& d.message;
}

template <class Archive>
void serialize(Archive& archive, PointRequest& r, unsigned) {
  archive& r.ask& r.points& r.number& r.sweep;
}

template <class Archive>
void serialize(Archive& archive, PointCheck& c, unsigned) {
  archive& c.faults& c.allowed& c.config_hash& c.seconds& c.dram_bytes& c.dram_capacity;
}

template <class Archive>
void serialize(Archive& archive, PointOutcome& o, unsigned) {
  archive& o.state& o.text;
}

namespace {

constexpr unsigned kFlags = boost::archive::no_header;

template <class T>
std::string packed(const T& value) {
  std::ostringstream text;
  boost::archive::binary_oarchive(text, kFlags) << value;
  return text.str();
}

template <class T>
T unpacked(const std::string& message) {
  std::istringstream text(message);
  T value;
  boost::archive::binary_iarchive(text, kFlags) >> value;
  return value;
}

}  // namespace

std::string pack(const PointRequest& request) { return packed(request); }
std::string pack(const std::vector<PointCheck>& checks) { return packed(checks); }
std::string pack(const PointOutcome& outcome) { return packed(outcome); }

PointRequest unpack_request(const std::string& message) { return unpacked<PointRequest>(message); }
std::vector<PointCheck> unpack_checks(const std::string& message) {
  return unpacked<std::vector<PointCheck>>(message);
}
PointOutcome unpack_outcome(const std::string& message) { return unpacked<PointOutcome>(message); }

}  // namespace mxsim
