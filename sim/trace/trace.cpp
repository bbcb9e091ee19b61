#include "sim/trace/trace.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "core/base/require.h"
#include "sim/trace/trace_parts.h"

namespace moeplan {
namespace {

constexpr std::size_t kOpening = std::size_t{64} << 10;

// The first bytes, without blanks and a byte order mark; the stream is rewound.
std::string opening(std::istream& stream) {
    std::string text(kOpening, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    stream.clear();
    stream.seekg(0);
    if (text.compare(0, 3, "\xEF\xBB\xBF") == 0) text.erase(0, 3);
    text.erase(0, std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    return text;
}

}  // namespace

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

Result<TraceReport> parse_trace(std::istream& stream, const std::string& name, const TraceSink& sink) {
    const std::string text = opening(stream);
    trace::Intake intake(name, sink);
    if (text.empty()) return fail(trace::wrong(name, "empty; a request trace is expected"));
    if (text.front() == '[') {
        return fail(
            trace::wrong(name, "a JSON list; a CSV, JSON lines or a vLLM bench serve result is expected"));
    }
    if (text.front() != '{') return trace::read_csv(stream, intake);
    // A bench result has lists before any line ends; Mooncake names its lengths in the first line.
    const std::string first_line = text.substr(0, text.find('\n'));
    if (first_line.find("\"input_length\"") != std::string::npos) return trace::read_mooncake(stream, intake);
    return trace::read_vllm_bench(stream, intake);
}

Result<TraceReport> read_trace(const std::string& file, const TraceSink& sink) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        return fail(trace::wrong(file, "is a folder; a request trace is expected"));
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail(trace::wrong(file, "cannot be opened; a request trace is expected"));
    return parse_trace(stream, file, sink);
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
    const auto earlier = [](const TraceRequest& a, const TraceRequest& b) {
        return a.arrival_s < b.arrival_s;
    };
    std::stable_sort(trace.requests.begin(), trace.requests.end(), earlier);
    const double first = trace.requests.front().arrival_s;
    for (TraceRequest& request : trace.requests) request.arrival_s -= first;
    return trace;
}

}  // namespace moeplan
