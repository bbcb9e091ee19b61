#pragma once
// The one crossing between the planner's UTF-8 and Qt's text.

#include <string>
#include <string_view>

#include <QString>

namespace moeplan {

inline QString text_of(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

}  // namespace moeplan
