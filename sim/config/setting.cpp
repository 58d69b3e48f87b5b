#include "sim/config/setting.h"

namespace mxsim {

std::string settings_text(const Settings& settings) {
  std::string text;
  for (const Setting& each : settings) {
    text += (text.empty() ? "" : " ") + each.key + "=" + each.value;
  }
  return text;
}

}  // namespace mxsim
