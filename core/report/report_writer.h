#pragma once
// From a Report to text. Writers are an open set: a new one is one file and one line in writer_catalog.cpp.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/report/report.h"

namespace moeplan {

class ReportWriter {
public:
    virtual ~ReportWriter() = default;
    // The whole output, UTF-8, ending in a newline. The same report gives the same bytes.
    virtual std::string write(const Report& report) const = 0;
};

// How the terminal table looks; the other writers ignore it.
struct TableStyle {
    bool colour = false;   // ANSI escape codes; the caller asks the terminal and NO_COLOR
    int width = 100;       // columns, at least 40; lines never get longer
    bool unicode = true;   // box and block characters
};

struct WriterEntry {
    std::string_view name;        // "table"
    std::string_view extension;   // ".txt"
    std::string_view doc;         // one sentence
    std::unique_ptr<ReportWriter> (*make)(const TableStyle&);
};

// table, json, csv, md, html.
const std::vector<WriterEntry>& writer_catalog();

// Errors: an unknown name, with the nearest one.
Result<std::unique_ptr<ReportWriter>> make_writer(std::string_view name, const TableStyle& style = {});

std::unique_ptr<ReportWriter> make_table_writer(const TableStyle& style);
std::unique_ptr<ReportWriter> make_json_writer(const TableStyle&);
std::unique_ptr<ReportWriter> make_csv_writer(const TableStyle&);
std::unique_ptr<ReportWriter> make_markdown_writer(const TableStyle&);
std::unique_ptr<ReportWriter> make_html_writer(const TableStyle&);

// {"metrics":{…}} with the metric form of the JSON report, for `moeplan model --format json`.
std::string write_metrics_json(const std::vector<Metric>& metrics);

// Any Document as JSON, indented by two, in its own order.
std::string write_document_json(const Document& document);

}  // namespace moeplan
