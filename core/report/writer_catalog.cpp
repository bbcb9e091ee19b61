#include "core/base/nearest.h"
#include "core/report/report_writer.h"

namespace moeplan {

const std::vector<WriterEntry>& writer_catalog() {
    static const std::vector<WriterEntry> catalog{
        {"table", ".txt", "for a terminal: candidates side by side, verdict first", make_table_writer},
        {"json", ".json", "for programs: everything, stable and versioned", make_json_writer},
        {"csv", ".csv", "for spreadsheets: one row per candidate and metric, then the sweeps",
         make_csv_writer},
        {"md", ".md", "for a wiki or a pull request: GitHub tables", make_markdown_writer},
        {"html", ".html", "for a browser: one file with charts, intervals and sources", make_html_writer},
    };
    return catalog;
}

Result<std::unique_ptr<ReportWriter>> make_writer(std::string_view name, const TableStyle& style) {
    std::vector<std::string> names;
    for (const auto& entry : writer_catalog()) {
        if (entry.name == name) return entry.make(style);
        names.emplace_back(entry.name);
    }
    return fail({"", "",
                 "unknown format '" + std::string(name.substr(0, 64)) + "', expected one of " + one_of(names),
                 did_you_mean(name, names)});
}

}  // namespace moeplan
