#pragma once

#include <string>
#include <vector>

#include "sim/config/result_document.h"

namespace mxsim {

/// One self-contained HTML page: nothing is loaded from anywhere else.
std::string report_page(const std::string& title, const std::vector<ResultDocument>& documents);

/// {"output", "documents": [{"kind", "name"}]}
std::string report_json(const std::string& output, const std::vector<ResultDocument>& documents);

/// What a Chrome trace of `run --timeline` says, by unit; more spans than `most` are merged in
/// equal steps of time, each with the state that holds longest in it.
///   {"units", "layers", "states" (the first is busy), "cycles", "us_per_cycle", "resolution",
///    "spans": {unit: {"begin", "length", "state", "layer"}}}
nlohmann::json timeline_digest(const nlohmann::json& trace, std::size_t most);

}  // namespace mxsim
