#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/workload/format_policy.h"

namespace mxsim {

/// Formats of weights, activations and gradients that go by one name in the field.
struct Recipe {
  std::string_view name;
  std::string_view source;
  std::string_view meaning;
  std::string_view format;     ///< of operands that no override names; "": as stated beside it
  std::string_view overrides;  ///< JSON, as in /formats/overrides
};

std::span<const Recipe> all_recipes();
std::vector<std::string> recipe_names();

/// Throws InputError for an unknown name, under the name `option`.
const Recipe& recipe_named(const std::string& name, std::string_view option = "");

/// `policy` with what the recipe says; the rest stays. Layers of single overrides need not exist.
FormatPolicy with_recipe(FormatPolicy policy, const std::string& name);

}  // namespace mxsim
