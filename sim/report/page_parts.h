#pragma once

#include <string_view>

namespace mxsim {

/// The page's text with places {{title}}, {{style}}, {{results}}, {{library}}, {{script}},
/// {{version}} to fill in; its style, its scripts, and the chart library with its licence notice.
extern const std::string_view kPageHtml;
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;
extern const std::string_view kChartLibrary;

}  // namespace mxsim
