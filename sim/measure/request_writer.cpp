#include "sim/measure/request_writer.h"

#include <iterator>
#include <ostream>

#include <fmt/format.h>

namespace moeplan {
namespace {

using Buffer = fmt::basic_memory_buffer<char, 512>;

// Milliseconds to the nanosecond, from whole ticks: exact in decimal up to the rounding.
void add_ms(Buffer& to, Ticks ticks) {
    const Ticks ns = (ticks + 500) / 1000;
    fmt::format_to(std::back_inserter(to), "{}.{:06}", ns / 1'000'000, ns % 1'000'000);
}
void add_s(Buffer& to, Ticks ticks) {
    const Ticks ns = (ticks + 500) / 1000;
    fmt::format_to(std::back_inserter(to), "{}.{:09}", ns / 1'000'000'000, ns % 1'000'000'000);
}

void add(Buffer& to, std::string_view text) { to.append(text.data(), text.data() + text.size()); }

struct Times { bool wait = false, ttft = false, tpot = false, e2e = false; };
Times known(const RequestRecord& r) {
    const bool first = r.first_token != kNever, end = r.finished != kNever;
    return {r.started != kNever, first, first && end && r.ending == Ending::completed && r.output > 1, end};
}

void add_times(Buffer& line, const RequestRecord& r, std::string_view absent, std::string_view before_ttft,
               std::string_view before_tpot, std::string_view before_e2e) {
    const Times is = known(r);
    if (is.wait) add_ms(line, r.started - r.arrival);
    else add(line, absent);
    add(line, before_ttft);
    if (is.ttft) add_ms(line, r.first_token - r.arrival);
    else add(line, absent);
    add(line, before_tpot);
    if (is.tpot) add_ms(line, (r.finished - r.first_token + (r.output - 1) / 2) / (r.output - 1));
    else add(line, absent);
    add(line, before_e2e);
    if (is.e2e) add_ms(line, r.finished - r.arrival);
    else add(line, absent);
}

void add_csv(Buffer& line, const RequestRecord& r) {
    fmt::format_to(std::back_inserter(line), "{},", r.id);
    add_s(line, r.arrival);
    add(line, ",");
    add_times(line, r, "", ",", ",", ",");
    fmt::format_to(std::back_inserter(line), ",{},{},{},{},{},{},{},{},{}\n", r.input, r.output, r.cached_tokens,
                   r.priority, r.session, r.replica, r.preemptions, r.restarts, name_of(r.ending));
}

void add_jsonl(Buffer& line, const RequestRecord& r) {
    fmt::format_to(std::back_inserter(line), R"({{"id":{},"arrival_s":)", r.id);
    add_s(line, r.arrival);
    add(line, R"(,"wait_ms":)");
    add_times(line, r, "null", R"(,"ttft_ms":)", R"(,"tpot_ms":)", R"(,"e2e_ms":)");
    fmt::format_to(
        std::back_inserter(line),
        R"(,"input":{},"output":{},"cached_tokens":{},"priority":{},"session":{},"replica":{},"preemptions":{},"restarts":{},"outcome":"{}"}})"
        "\n",
        r.input, r.output, r.cached_tokens, r.priority, r.session, r.replica, r.preemptions, r.restarts,
        name_of(r.ending));
}

}  // namespace

RequestWriter::RequestWriter(std::ostream& out, RequestFormat format) : out_(out), format_(format) {
    if (format_ == RequestFormat::jsonl) return;
    out_ << "id,arrival_s,wait_ms,ttft_ms,tpot_ms,e2e_ms,input,output,cached_tokens,priority,session,replica,preemptions,"
            "restarts,outcome\n";
}

void RequestWriter::ended(const RequestRecord& record) {
    Buffer line;
    if (format_ == RequestFormat::csv) add_csv(line, record);
    else add_jsonl(line, record);
    out_.write(line.data(), static_cast<std::streamsize>(line.size()));
}

Problems RequestWriter::problems() const {
    if (out_) return {};
    return {{"", "", "the requests could not all be written: the disk may be full", "", ProblemKind::wrong_input}};
}

}  // namespace moeplan
