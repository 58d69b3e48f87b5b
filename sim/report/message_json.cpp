#include "sim/report/message_json.h"

#include <nlohmann/json.hpp>

namespace mxsim {
namespace {

std::string line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string fault_message(const Diagnostic& fault) {
  return line({{"type", "fault"},
               {"file", fault.file},
               {"pointer", fault.pointer},
               {"message", fault.message}});
}

std::string progress_message(const std::string& what, const std::string& parts, std::size_t done,
                             std::size_t total) {
  return line(
      {{"type", "progress"}, {"what", what}, {"parts", parts}, {"done", done}, {"total", total}});
}

std::string error_message(const std::string& message) {
  return line({{"type", "error"}, {"message", message}});
}

}  // namespace mxsim
