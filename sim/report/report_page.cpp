#include "sim/report/report_page.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "models/core/error.h"
#include "sim/report/page_parts.h"
#include "sim/report/version.h"

namespace mxsim {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kMostSpans = 100'000;

std::string escaped_for_html(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

/// JSON in which no text can end the script element it stands in.
std::string script_text(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string safe;
  for (const char c : text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

json digest_of(const ResultDocument& timeline) {
  try {
    return timeline_digest(*timeline.data, kMostSpans);
  } catch (const InputError& error) {
    throw InputError({{timeline.name, "", error.diagnostics().front().message}});
  }
}

json documents_json(const std::vector<ResultDocument>& documents) {
  json list = json::array();
  for (const ResultDocument& each : documents) {
    const bool timeline = each.kind == "timeline";
    list.push_back({{"kind", each.kind},
                    {"name", each.name},
                    {"data", timeline ? digest_of(each) : *each.data}});
  }
  return {{"documents", std::move(list)}};
}

}  // namespace

std::string report_page(const std::string& title, const std::vector<ResultDocument>& documents) {
  const std::array<std::pair<std::string_view, std::string>, 6> parts{
      {{"{{title}}", escaped_for_html(title)},
       {"{{style}}", std::string(kPageStyle)},
       {"{{version}}", std::string(version())},
       {"{{results}}", script_text(documents_json(documents))},
       {"{{library}}", std::string(kChartLibrary)},
       {"{{script}}", std::string(kPageScript)}}};
  std::string page;
  std::string_view rest = kPageHtml;
  for (std::size_t place = rest.find("{{"); place != std::string_view::npos;
       place = rest.find("{{")) {
    page += rest.substr(0, place);
    rest.remove_prefix(place);
    const auto part = std::find_if(parts.begin(), parts.end(),
                                   [&](const auto& each) { return rest.starts_with(each.first); });
    ensure(part != parts.end(), "a part of the page without text");
    page += part->second;
    rest.remove_prefix(part->first.size());
  }
  return page + std::string(rest);
}

std::string report_json(const std::string& output, const std::vector<ResultDocument>& documents) {
  ordered_json list = ordered_json::array();
  for (const ResultDocument& each : documents) {
    list.push_back({{"kind", each.kind}, {"name", each.name}});
  }
  // Names come from a folder: they may be no UTF-8.
  return ordered_json{{"output", output}, {"documents", list}}.dump(
             2, ' ', false, ordered_json::error_handler_t::replace) +
         "\n";
}

}  // namespace mxsim
