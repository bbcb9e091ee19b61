#pragma once
// The sentences of a report, as rich text: what is decided, where it flips, what to beware of. Links no Widgets.

#include <optional>

#include <QString>

#include "core/report/report.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// "Decided", "Too close to call", "One candidate", in words with a sign in front, as colour is not enough; empty without a verdict.
QString decided_text(const Report& report);
// The verdict, or what a search found; then where the verdict flips, or why configurations fell out.
QString verdict_text(const Report& report);
QString flips_text(const Report& report);
// Of the verdict and the report, then of each candidate under its name.
QString warnings_text(const Report& report);
// Expectations with what became of them, and what a claim was found to be.
QString expectations_text(const Report& report, const std::optional<ClaimInfo>& claim);

}  // namespace moeplan
