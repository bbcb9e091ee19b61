// llama-bench: one sequence, prompts (n_prompt) and generation (n_gen) timed apart, n_depth tokens in the cache before.
// Source: ggml-org/llama.cpp, tools/llama-bench/README.md (fields, tests, units; tokenisation and sampling are not timed).

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/calibrate/import_readers.h"

namespace moeplan {
namespace {

constexpr double kMostTokens = 1e9;
constexpr double kMostNanoseconds = 1e15;  // eleven days
constexpr double kAllLayers = 99;  // what people give to mean all of them

struct Type {
    std::string_view theirs, ours;
};
// The end of model_type ("qwen2 7B Q4_K - Medium"), as llama.cpp names what most weights of a file are in.
constexpr std::array<Type, 12> kTypes{{{"Q4_K - Medium", "q4_k_m"},
                                       {"Q5_K - Medium", "q5_k_m"},
                                       {"Q3_K - Medium", "q3_k_m"},
                                       {"Q2_K - Medium", "q2_k"},
                                       {"Q6_K", "q6_k"},
                                       {"Q8_0", "q8_0"},
                                       {"Q4_0", "q4_0"},
                                       {"Q2_K", "q2_k"},
                                       {"BF16", "bf16"},
                                       {"F16", "fp16"},
                                       {"all F32", "fp32"},
                                       {"MXFP4 MoE", "mxfp4"}}};

std::string_view format_of_type(std::string_view model_type) {
    for (const Type& type : kTypes) {
        if (model_type.ends_with(type.theirs)) return type.ours;
    }
    return {};
}

std::string_view format_of_cache(std::string_view type) {
    return type == "f16" ? "fp16" : type == "f32" ? "fp32" : type;
}

// "NVIDIA A100, NVIDIA A100": a name each, of the GPUs llama.cpp sees.
std::vector<std::string> gpus_of(std::string_view info) {
    std::vector<std::string> names;
    while (!info.empty()) {
        const auto comma = info.find(',');
        std::string_view name = info.substr(0, comma);
        info = comma == std::string_view::npos ? std::string_view{} : info.substr(comma + 1);
        while (name.starts_with(' ')) name.remove_prefix(1);
        if (!name.empty()) names.emplace_back(name);
    }
    return names;
}

std::vector<std::string_view> parts_of(std::string_view list) {
    std::vector<std::string_view> parts;
    while (!list.empty()) {
        const auto slash = list.find('/');
        parts.push_back(list.substr(0, slash));
        list = slash == std::string_view::npos ? std::string_view{} : list.substr(slash + 1);
    }
    return parts;
}

// "CUDA1": the second of those it sees. Nothing for other names.
std::optional<std::size_t> number_of(std::string_view device) {
    const auto digits = device.find_last_not_of("0123456789") + 1;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(device.data() + digits, device.data() + device.size(), number);
    return error == std::errc{} && end == device.data() + device.size() ? std::optional(number) : std::nullopt;
}

// Of the GPUs it sees those that -dev names ("CUDA0/CUDA2"; "auto": all), without those whose share -ts says is 0
// ("1.00/0.00"; all 0: shared by what they hold).
std::vector<std::string> gpus_used(std::vector<std::string> seen, std::string_view devices, std::string_view shares) {
    if (!devices.empty() && devices != "auto") {
        std::vector<std::string> named;
        for (const std::string_view device : parts_of(devices)) {
            const auto number = number_of(device);
            named.push_back(number && *number < seen.size() ? seen[*number] : seen.empty() ? "" : seen.front());
        }
        seen = std::move(named);
    }
    const auto parts = parts_of(shares);
    const auto takes = [&parts](std::size_t i) { return i < parts.size() && parts[i].find_first_not_of("0.") != std::string_view::npos; };
    std::vector<std::string> used;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (takes(i)) used.push_back(seen[i]);
    }
    return used.empty() ? seen : used;
}

class Reader {
public:
    explicit Reader(const std::string& file) : file_(file) { out_.target = ImportTarget::servers; }

    Result<Imported> read(const std::vector<Record>& records) {
        for (const Record& record : records) {
            if (problems_.size() >= kMostImportProblems) break;
            take(record);
        }
        if (!problems_.empty()) return fail(std::move(problems_));
        if (no_format_)
            out_.notes.push_back(
                "the number format of some files is none that is known here: gemm_dtype and moe_dtype are left empty");
        if (!out_.rows.empty())
            out_.notes.push_back(
                "llama-bench times prompts and generation apart, one sequence at a time, without sampling: each row "
                "has one of the two times");
        return std::move(out_);
    }

private:
    void take(const Record& r) {
        const std::size_t before = problems_.size();
        const auto time = number_in(r, "avg_ns", 0, kMostNanoseconds, file_, problems_);
        const double prompt = number_in(r, "n_prompt", 0, kMostTokens, file_, problems_).value_or(0);
        const double generated = number_in(r, "n_gen", 0, kMostTokens, file_, problems_).value_or(0);
        const double depth = optional_in(r, "n_depth", 0, kMostTokens, file_, problems_).value_or(0);
        if (problems_.size() > before) return;
        check_rate(r, *time, prompt + generated);
        if (problems_.size() > before) return;
        if (*time <= 0 || prompt + generated <= 0) return skip_row(out_.skipped, "no time or no tokens");
        if (prompt > 0 && generated > 0)
            return skip_row(out_.skipped, "prompt and generation timed together (-pg) cannot be taken apart");
        if (prompt > 0 && depth > 0)
            return skip_row(out_.skipped, "a prompt behind tokens that are in the cache already (-d) has no column");
        ImportRow row = described(r);
        if (prompt > 0) {
            row["isl"] = cell_of(prompt);
            row["osl"] = "1";
            row["mean_ttft_ms"] = cell_of(*time / 1e6);
        } else {
            row["isl"] = cell_of(std::max(depth, 1.0));  // with an empty cache the first token is the prompt
            row["osl"] = cell_of(generated);
            row["mean_tpot_ms"] = cell_of(*time / 1e6 / generated);
        }
        out_.rows.push_back(std::move(row));
    }

    // avg_ts is tokens over seconds: when it is not, avg_ns is in another unit than its name says. Rates are averaged by
    // themselves, so that noise parts them a little.
    void check_rate(const Record& r, double time, double tokens) {
        const auto rate = optional_in(r, "avg_ts", 0, 1e12, file_, problems_);
        if (!rate || *rate <= 0 || time <= 0 || tokens <= 0) return;
        const double implied = tokens / (time * 1e-9);
        if (implied < *rate * 2 && implied > *rate / 2) return;
        problems_.push_back({place_of(file_, r.line),
                             "avg_ns",
                             fmt::format("{:g} tokens in {:g} ns are {:.4g} tokens/s, but avg_ts says {:.4g}", tokens,
                                         time, implied, *rate),
                             "",
                             {}});
    }

    ImportRow described(const Record& r) {
        ImportRow row{{"model", std::string(r.text("model_filename"))},
                      {"engine", "llama_cpp"},
                      {"serving_mode", "agg"},
                      {"concurrency", "1"},
                      {"lengths", "mean"},
                      {"statistic", "mean"},
                      {"source", place_of(file_, r.line)}};
        row["engine_version"] =
            r.has("build_number") ? fmt::format("b{}", r.text("build_number")) : std::string(r.text("build_commit"));
        const std::string format(format_of_type(r.text("model_type")));
        no_format_ = no_format_ || format.empty();
        row["gemm_dtype"] = row["moe_dtype"] = format;
        if (r.text("type_k") == r.text("type_v")) row["kv_dtype"] = format_of_cache(r.text("type_k"));
        place(r, row);
        return row;
    }

    // Which devices the layers lie on.
    void place(const Record& r, ImportRow& row) {
        const auto layers = r.number("n_gpu_layers");
        const bool cpu = r.text("backends") == "CPU" || r.text("backends") == "BLAS" || (layers && *layers == 0);
        auto gpus = cpu ? gpus_of(r.text("cpu_info"))
                        : gpus_used(gpus_of(r.text("gpu_info")), r.text("devices"), r.text("tensor_split"));
        if (cpu && gpus.size() > 1) gpus.resize(1);
        if (!gpus.empty() && std::ranges::all_of(gpus, [&](const std::string& g) { return g == gpus.front(); }))
            row["gpu"] = gpus.front();
        const std::string_view split = r.text("split_mode");
        const std::size_t used = split == "none" ? 1 : gpus.size();
        if (used > 0) {
            const std::string count = std::to_string(used);
            row["tp"] = split == "row" || split == "tensor" ? count : "1";
            row["pp"] = row["tp"] == "1" ? count : "1";
        }
        const auto on_cpu = r.number("n_cpu_moe");
        if (!cpu && layers && *layers > 0 && *layers < kAllLayers)
            row["quality_flag"] = fmt::format("n_gpu_layers {:g}: others may lie in host memory", *layers);
        else if (on_cpu && *on_cpu > 0)
            row["quality_flag"] = fmt::format("experts of {:g} layers lie in host memory", *on_cpu);
        else if (const auto moved = r.text("tensor_buft_overrides"); !cpu && !moved.empty() && moved != "none")
            row["quality_flag"] = fmt::format("tensors lie elsewhere: {}", moved);
        else if (const auto host = r.text("no_kv_offload"); !cpu && (host == "1" || host == "true"))
            row["quality_flag"] = "the cache lies in host memory";
    }

    std::string file_;
    Imported out_;
    Problems problems_;
    bool no_format_ = false;
};

}  // namespace

Result<Imported> import_llama_bench(std::string_view text, const std::string& file) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    const bool json = begin != std::string_view::npos && (text[begin] == '{' || text[begin] == '[');
    const auto records = json ? read_json_records(text, file) : read_csv_records(text, file);
    if (!records) return fail(records.error());
    return Reader(file).read(*records);
}

}  // namespace moeplan
