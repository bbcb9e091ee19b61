#include "core/report/validation_requests.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/require.h"
#include "core/report/validation_text.h"

namespace moeplan {
namespace {

const std::vector<std::string>& heads() {
    static const std::vector<std::string> names{"", "measured", "predicted", "low", "high", "error"};
    return names;
}

std::string name_of(const std::string& metric) {
    return metric == "ttft_ms"          ? "TTFT, ms"
           : metric == "tpot_ms"        ? "TPOT, ms"
           : metric == "itl_ms"         ? "ITL, ms"
           : metric == "e2e_ms"         ? "E2E, ms"
           : metric == "requests_per_s" ? "requests a second"
                                        : "output tokens a second";
}

std::string name_of(const RequestFigure& f) {
    std::string name = name_of(f.metric);
    if (!f.statistic.empty()) name += ", " + f.statistic;
    return name;
}

// Of errors that only rounding in the file makes, nothing is said.
std::string error_text(double error) { return std::abs(error) < 5e-7 ? "0 %" : signed_percent(error); }
std::string size_text(double error) { return error < 5e-7 ? "0 %" : percent(error); }

std::vector<std::vector<std::string>> rows_of(const RequestsValidation& r) {
    const auto number = [](double value) { return fmt::format("{:.4g}", value); };
    std::vector<std::vector<std::string>> rows;
    for (const RequestFigure& f : r.figures) {
        rows.push_back({name_of(f), number(f.measured), number(f.predicted.value), number(f.predicted.low), number(f.predicted.high),
                        error_text(f.error())});
    }
    return rows;
}

const std::vector<std::string>& error_heads() {
    static const std::vector<std::string> names{"one by one", "requests", "bias", "mean error", "median", "p90"};
    return names;
}

std::vector<std::vector<std::string>> error_rows(const RequestsValidation& r) {
    std::vector<std::vector<std::string>> rows;
    for (const RequestErrors& e : r.errors) {
        const std::string name = name_of(e.metric);
        rows.push_back({name.substr(0, name.find(',')), format_count(static_cast<double>(e.n)), error_text(e.bias), size_text(e.mean),
                        size_text(e.median), size_text(e.p90)});
    }
    return rows;
}

std::string title_of(const RequestsValidation& r) {
    return fmt::format("{} requests, {}", format_count(static_cast<double>(r.n)), r.arrivals);
}

// What the figures are not over comes before what else there is to say.
std::vector<std::string> notes_of(const RequestsValidation& r) {
    std::vector<std::string> notes = r.notes;
    if (r.failed > 0) {
        const std::string count = format_count(static_cast<double>(r.failed));
        notes.insert(notes.begin(), count + " that failed or were cut off are left out: what they loaded the server with is missing here");
    }
    return notes;
}

}  // namespace

double quantile_of_sorted(const std::vector<double>& values, double q) {
    require(!values.empty() && q >= 0 && q <= 1, "a quantile of something");
    const double at = q * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

std::string write_requests_validation_json(const RequestsValidation& r) {
    Json json;
    json["file"] = r.file;
    json["candidate"] = r.candidate;
    json["cost_source"] = r.cost_source;
    json["arrivals"] = r.arrivals;
    json["n"] = r.n;
    json["failed"] = r.failed;
    json["figures"] = Json::array();
    for (const RequestFigure& f : r.figures) {
        Json item;
        item["metric"] = f.metric;
        item["statistic"] = f.statistic;
        item["measured"] = json_number(f.measured);
        item["predicted"]["value"] = json_number(f.predicted.value);
        item["predicted"]["low"] = json_number(f.predicted.low);
        item["predicted"]["high"] = json_number(f.predicted.high);
        item["error"] = json_number(f.error());
        json["figures"].push_back(std::move(item));
    }
    json["request_errors"] = Json::array();
    for (const RequestErrors& e : r.errors) {
        Json item;
        item["metric"] = e.metric;
        item["n"] = e.n;
        item["bias"] = json_number(e.bias);
        item["mean"] = json_number(e.mean);
        item["median"] = json_number(e.median);
        item["p90"] = json_number(e.p90);
        json["request_errors"].push_back(std::move(item));
    }
    json["notes"] = r.notes;
    return json_text(json);
}

std::string write_requests_validation_table(const RequestsValidation& r, const TableStyle& style) {
    const Pen pen(style);
    std::string out;
    add_heading(out, pen.safe(r.candidate), pen.safe(title_of(r)), pen);
    out.erase(0, 1);
    add_table(out, heads(), rows_of(r), 1, pen);
    if (!r.errors.empty()) {
        out += '\n';
        add_table(out, error_heads(), error_rows(r), 1, pen);
    }
    for (const std::string& note : notes_of(r)) add_hanging(out, "", 0, pen.safe(note), Ink::dim, pen);
    add_hanging(out, "", 0, pen.safe(r.cost_source), Ink::dim, pen);
    return out;
}

std::string write_requests_validation_markdown(const RequestsValidation& r) {
    std::string out = fmt::format("{}: {}; {}\n\n", escape_markdown(r.candidate), escape_markdown(title_of(r)), escape_markdown(r.cost_source));
    add_markdown(out, heads(), rows_of(r), 1);
    if (!r.errors.empty()) {
        out += '\n';
        add_markdown(out, error_heads(), error_rows(r), 1);
    }
    for (const std::string& note : notes_of(r)) out += fmt::format("\n{}\n", escape_markdown(note));
    return out;
}

}  // namespace moeplan
