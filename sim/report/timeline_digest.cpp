#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "sim/report/report_page.h"

namespace mxsim {
namespace {

using nlohmann::json;

struct Span {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::size_t state = 0;  ///< 0: busy
  std::size_t layer = 0;
};

/// Numbers of names in the order in which they first occur.
class Names {
 public:
  std::size_t number(const std::string& name) {
    const auto [entry, is_new] = numbers_.try_emplace(name, list_.size());
    if (is_new) list_.push_back(name);
    return entry->second;
  }
  const std::vector<std::string>& list() const { return list_; }

 private:
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::string> list_;
};

/// Steps of equal length, each with what holds longest in it; equal neighbours are one span.
/// `left`: steps that may still be looked at; a file's spans may lie upon each other.
std::vector<Span> merged(const std::vector<Span>& spans, std::int64_t step, std::int64_t& left) {
  std::vector<Span> result;
  std::map<std::pair<std::size_t, std::size_t>, std::int64_t> shares;
  const auto close = [&](std::int64_t bin) {
    if (shares.empty()) return;
    const auto most =
        std::max_element(shares.begin(), shares.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    const auto [state, layer] = most->first;
    const Span span{bin * step, (bin + 1) * step, state, layer};
    const bool goes_on = !result.empty() && result.back().end == span.begin &&
                         result.back().state == state && result.back().layer == layer;
    if (goes_on) {
      result.back().end = span.end;
    } else {
      result.push_back(span);
    }
    shares.clear();
  };
  std::int64_t bin = 0;
  for (const Span& span : spans) {
    for (std::int64_t at = span.begin; at < span.end;) {
      if (--left < 0) throw InputError("spans of a timeline lie upon each other too often");
      if (at / step != bin) close(bin);
      bin = at / step;
      const std::int64_t until = std::min(span.end, (bin + 1) * step);
      shares[{span.state, span.layer}] += until - at;
      at = until;
    }
  }
  close(bin);
  return result;
}

json span_columns(const std::vector<Span>& spans) {
  json columns{{"begin", json::array()},
               {"length", json::array()},
               {"state", json::array()},
               {"layer", json::array()}};
  for (const Span& span : spans) {
    columns["begin"].push_back(span.begin);
    columns["length"].push_back(span.end - span.begin);
    columns["state"].push_back(span.state);
    columns["layer"].push_back(span.layer);
  }
  return columns;
}

struct Trace {
  std::map<std::int64_t, std::string> units;  ///< by thread
  std::map<std::int64_t, std::vector<Span>> spans;
  Names states;
  Names layers;
  std::int64_t cycles = 0;
  double us_per_cycle = 0;
  std::size_t count = 0;

  void add(const json& event) {
    const auto thread = event.at("tid").get<std::int64_t>();
    if (event.at("ph") == "M") {
      units[thread] = event.at("args").at("name").get<std::string>();
      return;
    }
    const json& args = event.at("args");
    Span span;
    span.begin = args.at("cycle").get<std::int64_t>();
    span.end = span.begin + args.at("cycles").get<std::int64_t>();
    const bool waits = args.contains("waits_for");
    span.state = states.number(waits ? args.at("waits_for").get<std::string>() : "busy");
    span.layer = layers.number(args.value("layer", ""));
    cycles = std::max(cycles, span.end);
    if (span.end > span.begin) {
      us_per_cycle = event.at("dur").get<double>() / static_cast<double>(span.end - span.begin);
    }
    spans[thread].push_back(span);
    ++count;
  }
};

}  // namespace

json timeline_digest(const json& trace, std::size_t most) {
  Trace read;
  read.states.number("busy");
  for (const json& event : trace.at("traceEvents")) read.add(event);
  std::int64_t step = 1;
  if (read.count > most) {
    const std::size_t each = most / std::max<std::size_t>(1, read.spans.size());
    const auto bins = static_cast<std::int64_t>(std::max<std::size_t>(1, each));
    step = std::max<std::int64_t>(1, (read.cycles + bins - 1) / bins);
  }
  constexpr std::int64_t kDeepest = 10;  // spans upon each other, on average
  std::int64_t left = kDeepest * static_cast<std::int64_t>(most + read.count);
  json units = json::array();
  json spans = json::object();
  for (auto& [thread, list] : read.spans) {
    std::stable_sort(list.begin(), list.end(),
                     [](const Span& a, const Span& b) { return a.begin < b.begin; });
    const std::string name = read.units.contains(thread) ? read.units.at(thread) : "unit";
    units.push_back(name);
    spans[name] = span_columns(step > 1 ? merged(list, step, left) : list);
  }
  return {
      {"units", units},        {"layers", read.layers.list()},      {"states", read.states.list()},
      {"cycles", read.cycles}, {"us_per_cycle", read.us_per_cycle}, {"resolution", step},
      {"spans", spans}};
}

}  // namespace mxsim
