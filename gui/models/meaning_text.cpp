#include "gui/models/meaning_text.h"

#include <cstdint>
#include <string>
#include <vector>

#include <QObject>

#include "core/report/format.h"
#include "gui/models/text.h"

namespace moeplan {
namespace {

QString escaped(const std::string& text) { return text_of(text).toHtmlEscaped(); }

QString list_of(const std::vector<std::string>& lines, const char* sign) {
    QString html;
    for (const std::string& line : lines)
        html += QString("<p style='margin: 3px 0 3px 14px; text-indent: -14px'>%1 %2</p>").arg(QString::fromUtf8(sign), escaped(line));
    return html;
}

const char* sign_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::holds: return "✓";
        case Outcome::conditional: return "◐";
        case Outcome::fails: return "✗";
    }
    return "";
}

}  // namespace

QString decided_text(const Report& report) {
    if (!report.verdict || report.candidates.size() < 2) return {};
    return report.verdict->decided ? QStringLiteral("✓ Decided") : QStringLiteral("≈ Not decided");
}

QString verdict_text(const Report& report) {
    if (report.verdict) return text_of(report.verdict->sentence);
    if (!report.exploration) return {};
    const Exploration& found = *report.exploration;
    const auto count = [](std::uint64_t n) { return text_of(format_count(static_cast<double>(n))); };
    const QString looked =
        QObject::tr("%1 configurations were tried, %2 of them cannot be built.").arg(count(found.evaluated), count(found.infeasible));
    return found.best.empty() ? looked : QObject::tr("The best: %1. ").arg(text_of(found.best.front().name)) + looked;
}

QString flips_text(const Report& report) {
    std::vector<std::string> sentences;
    if (report.exploration) {
        for (const auto& [reason, count] : report.exploration->reasons)
            sentences.push_back(format_count(static_cast<double>(count)) + ": " + reason);
        return list_of(sentences, "✗");
    }
    if (!report.verdict) return {};
    for (const Flip& flip : report.verdict->flips) sentences.push_back(flip.sentence);
    return list_of(sentences, "↔");
}

QString warnings_text(const Report& report) {
    QString html;
    if (report.verdict) html += list_of(report.verdict->warnings, "⚠");
    html += list_of(report.warnings, "⚠");
    for (const CandidateReport& candidate : report.candidates) {
        if (candidate.warnings.empty()) continue;
        html += QString("<p style='margin: 6px 0 0 0'><b>%1</b></p>").arg(escaped(candidate.name)) + list_of(candidate.warnings, "⚠");
    }
    return html;
}

QString expectations_text(const Report& report, const std::optional<ClaimInfo>& claim) {
    QString html;
    if (claim) {
        html += QString("<p style='margin: 3px 0'><b>Claim %1</b>: %2</p>").arg(claim->number).arg(escaped(claim->text));
        if (!claim->found.empty()) html += QString("<p style='margin: 3px 0'><b>Found</b>: %1</p>").arg(escaped(claim->found));
    }
    if (!report.expectations.empty()) html += "<p style='margin: 6px 0 0 0'><b>Expectations</b></p>";
    for (const ExpectationResult& e : report.expectations) {
        html += list_of({e.name + ": " + std::string(name_of(e.outcome)) + (e.detail.empty() ? "" : " – " + e.detail)}, sign_of(e.outcome));
    }
    return html;
}

}  // namespace moeplan
