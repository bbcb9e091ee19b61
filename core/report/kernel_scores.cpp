#include "core/report/kernel_scores.h"

#include <fmt/format.h>

#include "core/report/validation_text.h"

namespace moeplan {
namespace {

bool any_roofline(const KernelScores& scores) {
    for (const KernelScore& f : scores.families) {
        if (f.roofline) return true;
    }
    return false;
}

std::vector<std::string> heads(bool roofline) {
    std::vector<std::string> all{"family", "format", "fitted", "tested", "MAPE", "median", "p90", "bias", "in interval"};
    if (roofline) all.emplace_back("roofline");
    return all;
}

std::vector<std::vector<std::string>> rows(const KernelScores& scores) {
    const bool roofline = any_roofline(scores);
    std::vector<std::vector<std::string>> all;
    for (const KernelScore& f : scores.families) {
        std::vector<std::string> row{f.family, f.format, format_count(static_cast<double>(f.n_fit)), format_count(static_cast<double>(f.n_test))};
        if (f.error) {
            for (const std::string& cell : {percent(f.error->mape), percent(f.error->median_ape), percent(f.error->p90_ape),
                                            signed_percent(f.error->bias), percent(f.error->coverage90)}) {
                row.push_back(cell);
            }
        } else {
            row.insert(row.end(), 5, "–");
        }
        if (roofline) row.push_back(f.roofline ? percent(f.roofline->mape) : "–");
        all.push_back(std::move(row));
    }
    return all;
}

void set(Json& json, const char* key, const std::optional<ErrorStats>& stats, double ErrorStats::* field) {
    json[key] = stats ? json_number((*stats).*field) : Json(nullptr);
}

}  // namespace

std::string write_kernel_scores_json(const KernelScores& scores) {
    Json json;
    json["file"] = scores.file;
    json["method"] = scores.method;
    json["families"] = Json::array();
    for (const KernelScore& f : scores.families) {
        Json item;
        item["family"] = f.family;
        item["dtype"] = f.format;
        item["device"] = f.device;
        item["n_fit"] = f.n_fit;
        item["n_test"] = f.n_test;
        set(item, "mape", f.error, &ErrorStats::mape);
        set(item, "median_ape", f.error, &ErrorStats::median_ape);
        set(item, "p90_ape", f.error, &ErrorStats::p90_ape);
        set(item, "bias", f.error, &ErrorStats::bias);
        set(item, "coverage90", f.error, &ErrorStats::coverage90);
        if (f.roofline) {
            set(item, "roofline_mape", f.roofline, &ErrorStats::mape);
            set(item, "roofline_median_ape", f.roofline, &ErrorStats::median_ape);
        }
        json["families"].push_back(std::move(item));
    }
    json["skipped"] = Json::array();
    for (const SkippedRows& s : scores.skipped) {
        Json item;
        item["reason"] = s.reason;
        item["n"] = s.n;
        json["skipped"].push_back(std::move(item));
    }
    return json_text(json);
}

std::string write_kernel_scores_table(const KernelScores& scores, const TableStyle& style) {
    const Pen pen(style);
    std::string out;
    add_heading(out, pen.safe(scores.file), pen.safe(scores.method), pen);
    out.erase(0, 1);
    if (!scores.families.empty()) {
        add_table(out, heads(any_roofline(scores)), rows(scores), 2, pen);
        const char* const note = "in interval: measurements inside their 90 % one";
        add_hanging(out, "", 0, any_roofline(scores) ? fmt::format("{}; roofline: its MAPE", note) : note, Ink::dim, pen);
    }
    if (!scores.skipped.empty()) {
        add_heading(out, "Not scored", "", pen);
        for (const SkippedRows& s : scores.skipped) {
            add_hanging(out, padded(format_count(static_cast<double>(s.n)), 8, Align::right), 8, pen.safe(s.reason), Ink::plain, pen);
        }
    }
    return out;
}

std::string write_kernel_scores_markdown(const KernelScores& scores) {
    std::string out = fmt::format("{}: {}\n\n", escape_markdown(scores.file), escape_markdown(scores.method));
    add_markdown(out, heads(any_roofline(scores)), rows(scores), 2);
    for (const SkippedRows& s : scores.skipped) out += fmt::format("\n* {} rows not scored: {}", s.n, escape_markdown(s.reason));
    return scores.skipped.empty() ? out : out + "\n";
}

}  // namespace moeplan
