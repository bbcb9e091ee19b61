// RFC 4180: one row per candidate and metric, then one per point of every sweep (axis and x filled in).

#include <algorithm>

#include "core/report/csv.h"
#include "core/report/format.h"
#include "core/report/report_view.h"
#include "core/report/report_writer.h"
#include "core/report/simulation_text.h"

namespace moeplan {

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string csv_row(const std::vector<std::string>& fields) {
    std::string row;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i) row += ',';
        row += csv_field(fields[i]);
    }
    return row + "\r\n";
}

namespace {


void add_candidate(std::string& out, const CandidateReport& c) {
    for (const auto& m : c.metrics) {
        out += csv_row({c.name, m.id, exact_number(m.value.value), exact_number(m.value.low),
                        exact_number(m.value.high), std::string(unit_of(m.id)), m.source, "", ""});
    }
}

void add_series(std::string& out, const CandidateReport& c) {
    for (const auto& series : c.series) {
        for (const auto& point : series.points) {
            out += csv_row({c.name, series.metric, exact_number(point.y.value), exact_number(point.y.low),
                            exact_number(point.y.high), std::string(unit_of(series.metric)), "sweep",
                            series.axis, exact_number(point.x)});
        }
    }
}

class CsvWriter final : public ReportWriter {
public:
    std::string write(const Report& report) const override {
        std::string out =
            csv_row({"candidate", "metric", "value", "low", "high", "unit", "source", "axis", "x"});
        for (const auto& c : report.candidates) add_candidate(out, c);
        if (report.exploration) {
            for (const auto& c : report.exploration->best) add_candidate(out, c);
            for (const auto& c : report.exploration->pareto) {
                if (!std::ranges::count(report.exploration->best, c.name, &CandidateReport::name)) {
                    add_candidate(out, c);
                }
            }
        }
        for (const auto& c : report.candidates) add_series(out, c);
        for (const auto& c : report.candidates) out += simulation_csv(c);
        return out;
    }
};

}  // namespace

std::unique_ptr<ReportWriter> make_csv_writer(const TableStyle&) { return std::make_unique<CsvWriter>(); }

}  // namespace moeplan
