#include "sim/trace/trace.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/require.h"

namespace moeplan {

std::string_view name_of(TraceForm form) {
    switch (form) {
        case TraceForm::azure: return "Azure CSV";
        case TraceForm::burstgpt: return "BurstGPT CSV";
        case TraceForm::mooncake: return "Mooncake JSON lines";
        case TraceForm::vllm_bench: return "vLLM bench serve JSON";
        case TraceForm::splitwise: return "splitwise-sim CSV";
        case TraceForm::vidur: return "vidur CSV";
        case TraceForm::plain_csv: return "plain CSV";
    }
    require(false, "a trace form has a name");
    return "";
}

std::vector<std::string> remarks_on(const TraceReport& report, const std::string& name) {
    std::vector<std::string> remarks;
    if (report.bad_rows > 0) {
        remarks.push_back(fmt::format("{}: {} of {} rows are malformed and were skipped; the first is {}: {}", name,
                                      report.bad_rows, report.rows, report.first_bad.front().where,
                                      report.first_bad.front().what));
    }
    if (report.empty > 0) {
        remarks.push_back(fmt::format("{}: {} of {} rows have no input or no output tokens and were skipped", name,
                                      report.empty, report.rows));
    }
    if (report.out_of_order > report.late) {
        remarks.push_back(fmt::format("{}: {} of {} rows came before the one above them and were put in order", name, report.out_of_order - report.late, report.rows));
    }
    if (report.late > 0) {
        remarks.push_back(
            fmt::format("{}: {} rows come too late to be put in order and were moved to the time reached; "
                        "the first is {}: it {}",
                        name, report.late, report.first_late.front().where, report.first_late.front().what));
    }
    return remarks;
}

namespace {

Result<TraceReport> push(Result<TraceStream> trace, const TraceSink& sink) {
    if (!trace) return fail(trace.error());
    while (const auto request = trace->next()) {
        if (sink(*request)) continue;
        TraceReport report = trace->report();
        report.stopped = true;
        return report;
    }
    Problems problems = trace->problems();
    if (!problems.empty()) return fail(std::move(problems));
    return trace->report();
}

}  // namespace

Result<TraceReport> parse_trace(std::istream& stream, const std::string& name, const TraceSink& sink,
                                const TraceOptions& options) {
    return push(TraceStream::over(stream, name, options), sink);
}

Result<TraceReport> read_trace(const std::string& file, const TraceSink& sink, const TraceOptions& options) {
    return push(TraceStream::open(file, options), sink);
}

Result<Trace> load_trace(const std::string& file, std::size_t most) {
    require(most > 0, "a trace of no requests cannot be loaded");
    Trace trace;
    auto report = read_trace(file, [&](const TraceRequest& request) {
        if (trace.requests.size() == most) return false;
        trace.requests.push_back(request);
        return true;
    });
    if (!report) return fail(report.error());
    trace.report = std::move(*report);
    trace.report.requests = trace.requests.size();
    const auto earlier = [](const TraceRequest& a, const TraceRequest& b) { return a.arrival_s < b.arrival_s; };
    std::stable_sort(trace.requests.begin(), trace.requests.end(), earlier);
    const double first = trace.requests.front().arrival_s;
    for (TraceRequest& request : trace.requests) request.arrival_s -= first;
    return trace;
}

}  // namespace moeplan
