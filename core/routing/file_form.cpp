#include "core/routing/file_form.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/routing/read_lines.h"

namespace moeplan {
namespace {

bool number_after(std::string_view line, std::string_view key, double& value) {
    const auto at = line.find(key);
    if (at == line.npos) return false;
    std::string_view rest = line.substr(at + key.size());
    rest = rest.substr(0, rest.find_first_not_of("0123456789.eE+-"));
    while (!rest.empty() && rest.back() == '.') rest.remove_suffix(1);
    const auto number = lines::to_number(rest);
    if (number) value = *number;
    return number.has_value();
}

}  // namespace

std::vector<std::string> header_of(std::string_view line) {
    std::vector<std::string_view> fields;
    lines::split(line, fields);
    std::vector<std::string> header;
    for (auto field : fields) header.push_back(lines::lower(lines::trim(field)));
    return header;
}

RoutingFileForm routing_form(std::string_view line) {
    const std::string_view text = lines::trim(line);
    if (text.find("EPLB step") != text.npos || text.find("balancedness=") != text.npos)
        return RoutingFileForm::eplb_log;
    if (!text.empty() && text.front() == '{') {
        const bool typed = text.find("\"type\"") != text.npos && text.back() == '}';
        const bool counts = text.find("\"expert_popularity\"") != text.npos;
        return typed && !counts ? RoutingFileForm::trace_jsonl : RoutingFileForm::popularity_json;
    }
    const auto header = header_of(text);
    if (!lines::column(header, {"layer", "layer_id"})) return RoutingFileForm::unknown;
    if (lines::column(header, {"e0"})) return RoutingFileForm::trace_csv;
    if (lines::column(header, {"expert", "expert_id"}) && lines::column(header, {"count"})) {
        return RoutingFileForm::counts_csv;
    }
    return RoutingFileForm::unknown;
}

Problem wrong_form(RoutingFileForm form, std::string_view line, const std::string& file,
                   const std::string& asked) {
    const bool is_trace = form == RoutingFileForm::trace_csv || form == RoutingFileForm::trace_jsonl;
    const bool is_counts = form == RoutingFileForm::counts_csv || form == RoutingFileForm::popularity_json;
    Problem problem{file, "", "", "", {}};
    if (form == RoutingFileForm::eplb_log) {
        problem.what =
            "holds vLLM EPLB balancedness lines: how uneven ranks were, not which experts got the tokens";
        problem.hint = "record counts per layer and expert, or a routing log";
    } else if (is_trace && asked == "counts") {
        problem.what = "is a recorded token trace; expected counts per layer and expert";
        problem.hint = fmt::format("write  routing: {{trace: {}}}", file);
    } else if (is_counts && asked == "trace") {
        problem.what = "holds counts per layer and expert; expected a recorded token trace";
        problem.hint = fmt::format("write  routing: {{counts: {}}}", file);
    } else if (line.empty()) {
        problem.what = fmt::format("is empty; expected {} per layer and expert",
                                   asked == "counts" ? "counts" : "routes");
    } else {
        problem.what = fmt::format(
            "starts with {}; expected {}", lines::quoted(line),
            asked == "counts"
                ? "a header with layer, expert and count columns, or {\"expert_popularity\": ...}"
                : "a header with layer and e0, e1, ... columns, or JSON lines of type meta and route");
    }
    return problem;
}

bool parse_eplb_line(std::string_view line, EplbLogLine& into) {
    return line.find("EPLB step") != line.npos && number_after(line, "avg_tokens=", into.avg_tokens) &&
           number_after(line, "max_tokens=", into.max_tokens) &&
           number_after(line, "balancedness=", into.balancedness);
}

}  // namespace moeplan
