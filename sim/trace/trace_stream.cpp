#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <istream>
#include <iterator>
#include <system_error>
#include <utility>

#include "core/base/require.h"
#include "sim/trace/source_buffer.h"
#include "sim/trace/trace.h"
#include "sim/trace/trace_parts.h"

namespace moeplan {
namespace {

using trace::Row;

// The first bytes, without blanks and a byte order mark.
std::string_view shown(std::string_view text) {
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    return text;
}

Result<std::unique_ptr<trace::RowReader>> reader_of(std::string_view opening, std::istream& stream,
                                                    const std::string& name, TraceReport& report) {
    const std::string_view text = shown(opening);
    if (text.empty()) return fail(trace::wrong(name, "empty; a request trace is expected"));
    if (text.front() == '[') {
        return fail(trace::wrong(name, "a JSON list; a CSV, JSON lines or a vLLM bench serve result is expected"));
    }
    if (text.front() != '{') return trace::open_csv(stream, name, report);
    // A bench result has lists before any line ends; Mooncake names its lengths in the first line.
    const std::string_view first_line = text.substr(0, text.find('\n'));
    if (first_line.find("\"input_length\"") != std::string_view::npos) return trace::open_mooncake(stream, report);
    return trace::open_vllm_bench(stream, name, report);
}

}  // namespace

struct TraceStream::Impl {
    Impl(std::streambuf& raw, const std::string& name, const TraceOptions& o)
        : options(o), buffer(raw), stream(&buffer), intake(name, o.most_bad) {}

    Problems begin();
    std::optional<TraceRequest> read();
    void hold(TraceRequest request);
    std::optional<TraceRequest> in_order();
    Problems problems() const;

    std::unique_ptr<std::istream> file;   // where this owns it
    TraceOptions options;
    trace::SourceBuffer buffer;
    std::istream stream;
    trace::Intake intake;
    std::unique_ptr<trace::RowReader> rows;
    bool done = false;          // no more rows
    double previous = 0;        // arrival of the row before, in the file
    std::optional<double> given;          // arrival of the request last handed out
    std::deque<TraceRequest> held;        // in order of arrival; equal ones as in the file
    std::string what;
    TraceRequest request;
};

Problems TraceStream::Impl::begin() {
    const std::string_view opening = buffer.opening();
    if (opening.empty() && !buffer.error().empty()) return {trace::wrong(intake.name(), buffer.error())};
    auto reader = reader_of(opening, stream, intake.name(), intake.report);
    if (reader) {
        rows = std::move(*reader);
        return {};
    }
    // What is cut short is the reason, not the form it seems to have.
    if (!buffer.error().empty()) return {trace::wrong(intake.name(), buffer.error())};
    return reader.error();
}

// The next request as it stands in the file.
std::optional<TraceRequest> TraceStream::Impl::read() {
    while (!done) {
        const Row row = rows->next(request, what);
        if (row == Row::end) {
            done = true;
        } else if (row == Row::bad) {
            done = !intake.bad(rows->line(), std::move(what));
        } else if (row == Row::endless) {
            done = true;
            intake.endless(rows->line());
        } else if (++intake.report.rows; request.input_tokens < 1 || request.output_tokens < 1) {
            ++intake.report.empty;
        } else {
            if (intake.report.requests > 0 && request.arrival_s < previous) ++intake.report.out_of_order;
            previous = request.arrival_s;
            ++intake.report.requests;
            return std::move(request);
        }
    }
    return std::nullopt;
}

void TraceStream::Impl::hold(TraceRequest next) {
    if (given && next.arrival_s < *given) {
        intake.late(rows->line(), *given - next.arrival_s);
        next.arrival_s = *given;
    }
    auto at = held.end();
    while (at != held.begin() && std::prev(at)->arrival_s > next.arrival_s) --at;
    held.insert(at, std::move(next));
}

std::optional<TraceRequest> TraceStream::Impl::in_order() {
    while (held.size() <= options.reorder) {
        auto next = read();
        if (!next) break;
        hold(std::move(*next));
    }
    if (held.empty()) return std::nullopt;
    std::optional<TraceRequest> first = std::move(held.front());
    held.pop_front();
    given = first->arrival_s;
    return first;
}

Problems TraceStream::Impl::problems() const {
    if (!buffer.error().empty()) return {trace::wrong(intake.name(), buffer.error())};
    return intake.problems();
}

TraceStream::TraceStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TraceStream::TraceStream(TraceStream&&) noexcept = default;
TraceStream& TraceStream::operator=(TraceStream&&) noexcept = default;
TraceStream::~TraceStream() = default;

Result<TraceStream> TraceStream::over(std::istream& stream, const std::string& name, const TraceOptions& options) {
    require(options.most_bad >= 0 && options.most_bad <= 1, "a share of bad rows");
    require(stream.rdbuf() != nullptr, "a stream to read");
    auto impl = std::make_unique<Impl>(*stream.rdbuf(), name, options);
    Problems problems = impl->begin();
    if (!problems.empty()) return fail(std::move(problems));
    return TraceStream(std::move(impl));
}

Result<TraceStream> TraceStream::open(const std::string& file, const TraceOptions& options) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        return fail(trace::wrong(file, "is a folder; a request trace is expected"));
    }
    auto stream = std::make_unique<std::ifstream>(file, std::ios::binary);
    if (!*stream) return fail(trace::wrong(file, "cannot be opened; a request trace is expected"));
    auto opened = over(*stream, file, options);
    if (opened) opened->impl_->file = std::move(stream);
    return opened;
}

std::optional<TraceRequest> TraceStream::next() {
    return impl_->options.reorder > 0 ? impl_->in_order() : impl_->read();
}
const TraceReport& TraceStream::report() const { return impl_->intake.report; }
Problems TraceStream::problems() const { return impl_->problems(); }

}  // namespace moeplan
