// The forms that are JSON: Mooncake (one object a line) and vLLM's bench serve (one object).

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/line_reader.h"
#include "sim/trace/json_input.h"
#include "sim/trace/trace_parts.h"

namespace moeplan::trace {
namespace {

using nlohmann::json;

constexpr std::int64_t kMooncakeBlock = 512;  // tokens per hash id. Source: kvcache-ai/Mooncake README
constexpr std::size_t kMostBenchRows = 50'000'000;

bool is_count(double v) { return v >= 0 && v <= kMostTokens && v == static_cast<double>(static_cast<std::int64_t>(v)); }

std::optional<double> number_at(const json& row, const char* key) {
    const auto it = row.find(key);
    if (it == row.end() || !it->is_number()) return std::nullopt;
    return it->get<double>();
}

std::optional<std::int64_t> tokens_at(const json& row, const char* key) {
    const auto value = number_at(row, key);
    if (!value || !is_count(*value)) return std::nullopt;
    return static_cast<std::int64_t>(*value);
}

// Fills `request` from one line; what is wrong, or an empty text.
std::string read_row(std::string_view line, TraceRequest& request, double& timestamp_ms) {
    json row;
    try {
        row = json::parse(line);
    } catch (const json::exception&) {
        return "not valid JSON";
    }
    if (!row.is_object()) return "not a JSON object";
    const auto timestamp = number_at(row, "timestamp");
    const auto input = tokens_at(row, "input_length");
    const auto output = tokens_at(row, "output_length");
    if (!timestamp) return "no number 'timestamp' (milliseconds)";
    if (!input || !output)
        return fmt::format("no whole number '{}' up to 1e9", input ? "output_length" : "input_length");
    timestamp_ms = *timestamp;
    request.input_tokens = *input;
    request.output_tokens = *output;
    request.prefix.clear();
    const auto ids = row.find("hash_ids");
    if (ids == row.end() || ids->is_null()) return {};
    if (!ids->is_array() || ids->size() > kMostPrefixIds) {
        return fmt::format("'hash_ids' is not a list of at most {} numbers", kMostPrefixIds);
    }
    for (const json& id : *ids) {
        if (!id.is_number_integer()) return "'hash_ids' holds something other than whole numbers";
        request.prefix.push_back(id.is_number_unsigned() ? id.get<std::uint64_t>()
                                                         : static_cast<std::uint64_t>(id.get<std::int64_t>()));
    }
    return {};
}

// Keeps three top-level lists of numbers and lets everything else pass.
class BenchLists final : public nlohmann::json_sax<json> {
public:
    std::vector<double> inputs, outputs, starts;
    bool has_inputs = false, has_outputs = false, servegen = false;
    std::vector<std::string> keys;

    bool null() override { return put(0); }
    bool boolean(bool) override { return put(-1); }
    bool number_integer(number_integer_t v) override { return put(static_cast<double>(v)); }
    bool number_unsigned(number_unsigned_t v) override { return put(static_cast<double>(v)); }
    bool number_float(number_float_t v, const string_t&) override { return put(v); }
    bool string(string_t&) override { return put(-1); }
    bool binary(binary_t&) override { return put(-1); }
    bool start_object(std::size_t) override {
        ++depth_;
        return true;
    }
    bool end_object() override {
        --depth_;
        return true;
    }
    bool start_array(std::size_t) override {
        ++depth_;
        return true;
    }
    bool end_array() override {
        --depth_;
        if (depth_ == 1) list_ = nullptr;
        return true;
    }
    bool key(string_t& name) override {
        if (depth_ == 2 && name == "input_tokens") servegen = true;
        if (depth_ != 1) return true;
        if (keys.size() < 40) keys.push_back(name.substr(0, 40));
        list_ = name == "input_lens"    ? &inputs
                : name == "output_lens" ? &outputs
                : name == "start_times" ? &starts
                                        : nullptr;
        has_inputs = has_inputs || name == "input_lens";
        has_outputs = has_outputs || name == "output_lens";
        return true;
    }
    bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
        error_at = at;
        return false;
    }
    std::size_t error_at = 0;

private:
    bool put(double value) {
        if (list_ && depth_ == 2 && list_->size() < kMostBenchRows) list_->push_back(value);
        return true;
    }
    int depth_ = 0;
    std::vector<double>* list_ = nullptr;
};

Result<BenchLists> bench_lists(std::istream& stream, const std::string& file) {
    const auto text = read_json_text(stream, file);
    if (!text) return fail(text.error());
    BenchLists lists;
    if (!json::sax_parse(*text, &lists)) {
        return fail(wrong(file, fmt::format("not valid JSON at byte {}", lists.error_at)));
    }
    if (lists.servegen && !lists.has_inputs) {
        return fail(wrong(file, "a ServeGen dataset: it holds length distributions per window, not requests",
                          "give its folder as `arrivals: {servegen: ...}`; as a trace, sample it with ServeGen into "
                          "arrival_s,input_tokens,output_tokens"));
    }
    if (!lists.has_inputs || !lists.has_outputs) {
        return fail(wrong(file, "a JSON file without 'input_lens' and 'output_lens': no request lengths to replay",
                          "for vLLM: bench serve --save-result --save-detailed"));
    }
    if (lists.inputs.size() != lists.outputs.size()) {
        return fail(
            wrong(file, fmt::format("{} input_lens but {} output_lens", lists.inputs.size(), lists.outputs.size())));
    }
    return lists;
}

class MooncakeRows final : public RowReader {
public:
    MooncakeRows(std::istream& stream, TraceReport& report) : lines_(stream, kLongestLine), report_(report) {}

    Row next(TraceRequest& request, std::string& what) override {
        std::string_view line;
        do {
            if (!lines_.next(line)) return Row::end;
        } while (line.empty() && !lines_.too_long());
        if (lines_.endless()) return Row::endless;
        double timestamp_ms = 0;
        what = lines_.too_long() ? "a line longer than 1 MiB" : read_row(line, request, timestamp_ms);
        if (!what.empty()) return Row::bad;
        if (!first_ms_) first_ms_ = timestamp_ms;
        request.arrival_s = (timestamp_ms - *first_ms_) * 1e-3;
        if (!request.prefix.empty()) report_.prefix_block_tokens = kMooncakeBlock;
        return Row::request;
    }
    std::size_t line() const override { return lines_.number(); }

private:
    LineReader lines_;
    TraceReport& report_;
    std::optional<double> first_ms_;
};

class BenchRows final : public RowReader {
public:
    BenchRows(BenchLists lists, TraceReport& report) : lists_(std::move(lists)) {
        timed_ = lists_.starts.size() == lists_.inputs.size() && !lists_.starts.empty();
        report.form = TraceForm::vllm_bench;
        report.has_arrivals = timed_;
    }

    Row next(TraceRequest& request, std::string& what) override {
        if (at_ == lists_.inputs.size()) return Row::end;
        const std::size_t i = at_++;
        if (!is_count(lists_.inputs[i]) || !is_count(lists_.outputs[i])) {
            what = fmt::format("request {}: {:g} input and {:g} output tokens; whole numbers up to 1e9 are expected", i,
                               lists_.inputs[i], lists_.outputs[i]);
            return Row::bad;
        }
        request.input_tokens = static_cast<std::int64_t>(lists_.inputs[i]);
        request.output_tokens = static_cast<std::int64_t>(lists_.outputs[i]);
        request.arrival_s = timed_ ? lists_.starts[i] - lists_.starts.front() : 0;
        return Row::request;
    }
    std::size_t line() const override { return 0; }

private:
    BenchLists lists_;
    bool timed_ = false;
    std::size_t at_ = 0;
};

}  // namespace

Result<std::unique_ptr<RowReader>> open_mooncake(std::istream& stream, TraceReport& report) {
    report.form = TraceForm::mooncake;
    report.has_arrivals = true;
    return std::make_unique<MooncakeRows>(stream, report);
}

Result<std::unique_ptr<RowReader>> open_vllm_bench(std::istream& stream, const std::string& name, TraceReport& report) {
    auto lists = bench_lists(stream, name);
    if (!lists) return fail(lists.error());
    return std::make_unique<BenchRows>(std::move(*lists), report);
}

}  // namespace moeplan::trace
