// vllm bench serve: one file a run (or one object a line): closed loops of max_concurrency users.
// Source: vllm-project/vllm, the benchmark's result keys (…_ms are milliseconds); reduced copies of such results drop the
// "_ms" and are in seconds.

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "core/calibrate/import_readers.h"

namespace moeplan {
namespace {

constexpr double kMostRequests = 1e9, kMostTokens = 1e13, kMostSeconds = 1e7;

// Names --metadata KEY=VALUE is given for what the result itself does not hold.
struct Told {
    const char* column;
    std::array<const char*, 3> keys;
};
constexpr std::array<Told, 5> kSizes{{{"tp", {"tp", "tp_size", "tensor_parallel_size"}},
                                      {"pp", {"pp", "pp_size", "pipeline_parallel_size"}},
                                      {"attention_dp", {"dp", "dp_size", "data_parallel_size"}},
                                      {"moe_ep", {"ep", "ep_size", "moe_ep"}},
                                      {"moe_tp", {"moe_tp", "moe_tp_size", "moe_tensor_parallel_size"}}}};
// Clients that speak to one engine only; "openai" and its like say nothing of the server.
constexpr std::array kEngines{"vllm", "sglang", "tensorrt-llm", "lmdeploy", "deepspeed-mii", "tgi"};

class Reader {
public:
    explicit Reader(const std::string& file) : file_(file) { out_.target = ImportTarget::servers; }

    Result<Imported> read(const std::vector<Record>& records) {
        for (const Record& record : records) {
            if (problems_.size() >= kMostImportProblems) break;
            take(record);
        }
        if (!problems_.empty()) return fail(std::move(problems_));
        if (medians_)
            out_.notes.push_back(
                "some results hold medians and no means: those stand in the columns mean_…, their rows say so under "
                "statistic");
        if (seconds_)
            out_.notes.push_back(
                "times without \"_ms\" are read as seconds, as reduced copies of vLLM's results have them");
        return std::move(out_);
    }

private:
    void take(const Record& r) {
        const std::size_t before = problems_.size();
        const double completed = number_in(r, "completed", 0, kMostRequests, file_, problems_).value_or(0);
        const double input = number_in(r, "total_input_tokens", 0, kMostTokens, file_, problems_).value_or(0);
        const double output = number_in(r, "total_output_tokens", 0, kMostTokens, file_, problems_).value_or(0);
        check_rates(r, completed, output);
        if (problems_.size() > before) return;
        if (completed < 1) return skip_row(out_.skipped, "no request was completed");
        if (input < completed || output < completed) return skip_row(out_.skipped, "fewer than one token a request");
        ImportRow row{{"model", std::string(r.text("model_id"))},
                      {"serving_mode", "agg"},
                      {"lengths", "mean"},
                      {"source", place_of(file_, r.line)}};
        row["isl"] = cell_of(input / completed);
        row["osl"] = cell_of(output / completed);
        const auto users = users_of(r, row);
        if (problems_.size() > before) return;
        if (!users) return skip_row(out_.skipped, "requests came at a rate: the table holds closed loops");
        row["concurrency"] = cell_of(*users);
        if (!times(r, row))
            return problems_.size() > before ? void()
                                             : skip_row(out_.skipped, "neither time to first token nor time per token");
        if (problems_.size() > before) return;
        described(r, row, completed);
        out_.rows.push_back(std::move(row));
    }

    // Throughput is counts over duration: when it is not, the file was put together of two runs.
    void check_rates(const Record& r, double completed, double output) {
        const auto duration = optional_in(r, "duration", 0, kMostSeconds, file_, problems_);
        const auto check = [&](const char* field, double count) {
            const auto rate = optional_in(r, field, 0, 1e12, file_, problems_);
            if (!duration || *duration <= 0 || !rate || count <= 0) return;
            const double implied = count / *duration;
            if (implied < *rate * 1.05 && implied > *rate / 1.05) return;
            problems_.push_back(
                {place_of(file_, r.line),
                 field,
                 fmt::format("'{}' is {:.4g}, but counts over 'duration' are {:.4g}", field, *rate, implied),
                 "",
                 {}});
        };
        check("request_throughput", completed);
        check("output_throughput", output);
    }

    // Users of a closed loop. Without a limit all prompts are sent at once, each by a user of its own.
    std::optional<double> users_of(const Record& r, ImportRow& row) {
        const auto limit = optional_in(r, "max_concurrency", 1, kMostRequests, file_, problems_);
        const std::string_view rate = r.text("request_rate");
        const bool endless = rate.empty() || rate == "inf" || rate == "Infinity";
        if (!endless) {
            optional_in(r, "request_rate", 1e-9, 1e9, file_, problems_);
            if (limit) row["quality_flag"] = fmt::format("requests came at {}/s, at most {:g} at once", rate, *limit);
            return limit;
        }
        const auto prompts = optional_in(r, "num_prompts", 1, kMostRequests, file_, problems_);
        if (limit && prompts) return std::min(*limit, *prompts);   // more places than requests are never taken
        return limit ? limit : prompts;
    }

    // Milliseconds of mean_NAME_ms, else median_NAME_ms, else the same without _ms in seconds.
    std::optional<double> time_of(const Record& r, const char* name) {
        for (const char* statistic : {"mean", "median"}) {
            for (const bool seconds : {false, true}) {
                const std::string field = fmt::format("{}_{}{}", statistic, name, seconds ? "" : "_ms");
                const auto value =
                    optional_in(r, field, 0, seconds ? kMostSeconds : kMostSeconds * 1e3, file_, problems_);
                if (!value || *value <= 0) continue;  // vLLM writes 0 where there was nothing to average
                statistic_ = statistic;
                seconds_ = seconds_ || seconds;
                return seconds ? *value * 1e3 : *value;
            }
        }
        return std::nullopt;
    }

    bool times(const Record& r, ImportRow& row) {
        const auto ttft = time_of(r, "ttft");
        const std::string first = ttft ? statistic_ : "";
        const auto tpot = time_of(r, "tpot");
        if (ttft) row["mean_ttft_ms"] = cell_of(*ttft);
        if (tpot) row["mean_tpot_ms"] = cell_of(*tpot);
        if (!ttft && !tpot) return false;
        const bool median = first == "median" || (tpot && statistic_ == "median");
        medians_ = medians_ || median;
        row["statistic"] = median ? "median" : "mean";
        check_durations(r, ttft, tpot);
        return true;
    }

    // No request can have waited longer for its first token than all of them took: then the unit is not what the key says.
    void check_durations(const Record& r, const std::optional<double>& ttft, const std::optional<double>& tpot) {
        const auto duration = r.number("duration");
        if (!duration || *duration <= 0) return;
        for (const auto& [name, value] : {std::pair{"ttft", ttft}, std::pair{"tpot", tpot}}) {
            if (!value || *value <= *duration * 1e3) continue;
            problems_.push_back({place_of(file_, r.line),
                                 name,
                                 fmt::format("{:.4g} s are longer than the whole run of {:.4g} s: is the unit right?",
                                             *value / 1e3, *duration),
                                 "",
                                 {}});
        }
    }

    void described(const Record& r, ImportRow& row, double completed) {
        const std::string backend(r.has("backend") ? r.text("backend") : r.text("endpoint_type"));
        if (std::ranges::find(kEngines, backend) != kEngines.end()) row["engine"] = backend;
        if (r.has("version")) row["engine_version"] = r.text("version");
        for (const Told& told : kSizes) {
            for (const char* key : told.keys) {
                const auto size = optional_in(r, key, 1, 4096, file_, problems_);
                if (size) row[told.column] = cell_of(*size);
            }
        }
        const auto asked = r.number("num_prompts");
        if (asked && *asked > completed)
            row["quality_flag"] = fmt::format("{:g} of {:g} requests failed", *asked - completed, *asked);
    }

    std::string file_;
    Imported out_;
    Problems problems_;
    std::string statistic_;
    bool medians_ = false, seconds_ = false;
};

}  // namespace

Result<Imported> import_vllm_bench(std::string_view text, const std::string& file) {
    const auto records = read_json_records(text, file);
    if (!records) return fail(records.error());
    return Reader(file).read(*records);
}

}  // namespace moeplan
