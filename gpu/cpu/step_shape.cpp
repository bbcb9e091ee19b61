#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/base/units_text.h"
#include "gpu/cpu/matmul.h"
#include "gpu/cpu/transformer_step.h"

namespace moeplan::cpu {
namespace {

struct Field {
    const char* name;
    std::int64_t StepShape::* value;
};

constexpr std::array kFields{Field{"layers", &StepShape::layers},        Field{"hidden", &StepShape::hidden},
                             Field{"heads", &StepShape::heads},          Field{"kv_heads", &StepShape::kv_heads},
                             Field{"head_dim", &StepShape::head_dim},    Field{"experts", &StepShape::experts},
                             Field{"top_k", &StepShape::top_k},          Field{"width", &StepShape::width},
                             Field{"sequences", &StepShape::sequences},  Field{"context", &StepShape::context},
                             Field{"vocabulary", &StepShape::vocabulary}};

constexpr std::int64_t kMostLayers = 1000;

Problem wrong(const std::string& key, std::string what, std::string hint = {}) {
    return {"--step", key, std::move(what), std::move(hint), ProblemKind::wrong_input};
}

std::vector<std::string> field_names() {
    std::vector<std::string> names;
    for (const Field& field : kFields) names.emplace_back(field.name);
    names.insert(names.end(), {"alpha", "exchange", "format"});
    return names;
}

void read_format(const std::string& value, StepShape& shape, Problems& problems) {
    std::vector<std::string> names;
    for (const NumberFormat format : matmul_formats()) {
        if (format == NumberFormat::int8) continue;   // attention and norms have no int8
        names.emplace_back(name_of(format));
        if (name_of(format) == value) {
            shape.format = format;
            return;
        }
    }
    problems.push_back(wrong("format", fmt::format("'{}' cannot be run here; expected one of {}", value, one_of(names)),
                             did_you_mean(value, names)));
}

void read_value(const std::string& key, const std::string& value, StepShape& shape, Problems& problems) {
    if (key == "format") return read_format(value, shape, problems);
    if (key == "alpha") {
        const auto alpha = parse_number(value);
        if (alpha && *alpha >= 0 && *alpha <= 10) shape.alpha = *alpha;
        else problems.push_back(wrong(key, fmt::format("alpha is '{}'; expected a number from 0 to 10", value)));
        return;
    }
    std::int64_t whole = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), whole);
    if (error != std::errc{} || end != value.data() + value.size()) {
        problems.push_back(wrong(key, fmt::format("{} is '{}'; expected a whole number", key, value)));
        return;
    }
    if (key == "exchange") {
        if (whole == 0 || whole == 1) shape.exchange = whole == 1;
        else problems.push_back(wrong(key, fmt::format("exchange is {}; expected 0 or 1", whole)));
        return;
    }
    const auto field = std::ranges::find(kFields, key, [](const Field& f) { return std::string(f.name); });
    shape.*(field->value) = whole;
}

void check(const StepShape& s, Problems& problems) {
    if (s.layers < 1 || s.layers > kMostLayers)
        problems.push_back(wrong("layers", fmt::format("layers is {}; expected 1 to {}", s.layers, kMostLayers)));
    for (const Field& field : kFields) {
        const std::int64_t value = s.*(field.value);
        if (value < 1 || value > (std::int64_t{1} << 24))
            problems.push_back(
                wrong(field.name, fmt::format("{} is {}; expected 1 to {}", field.name, value, std::int64_t{1} << 24)));
    }
    if (!problems.empty()) return;
    if (s.experts > kMostExperts)
        problems.push_back(wrong("experts", fmt::format("experts is {}; expected 1 to {}", s.experts, kMostExperts)));
    if (s.top_k > s.experts)
        problems.push_back(wrong("top_k", fmt::format("top_k is {} of only {} experts", s.top_k, s.experts)));
    if (s.heads % s.kv_heads != 0)
        problems.push_back(
            wrong("heads", fmt::format("{} heads are not a multiple of {} kv_heads", s.heads, s.kv_heads)));
}

}  // namespace

Result<StepShape> parse_step(const std::string& text) {
    StepShape shape;
    Problems problems;
    const auto names = field_names();
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string item = text.substr(begin, end - begin);
        begin = end + 1;
        if (item.empty()) continue;
        const std::size_t equals = item.find('=');
        const std::string key = item.substr(0, equals);
        if (std::ranges::find(names, key) == names.end()) {
            problems.push_back(wrong(key, fmt::format("unknown size '{}'; expected one of {}", key, one_of(names, 20)),
                                     did_you_mean(key, names)));
        } else if (equals == std::string::npos) {
            problems.push_back(wrong(key, fmt::format("'{}' has no value; expected {}=…", key, key)));
        } else {
            read_value(key, item.substr(equals + 1), shape, problems);
        }
    }
    if (problems.empty()) check(shape, problems);
    if (!problems.empty()) return fail(std::move(problems));
    return shape;
}

std::string to_text(const StepShape& s) {
    std::string text;
    for (const Field& field : kFields) text += fmt::format("{}={},", field.name, s.*(field.value));
    return text +
           fmt::format("alpha={},exchange={},format={}", print_number(s.alpha), s.exchange ? 1 : 0, name_of(s.format));
}

std::vector<StepKernel> step_kernels(const StepShape& s) {
    const std::int64_t element = s.format == NumberFormat::fp32 ? 4 : 2;
    const std::int64_t qkv = (s.heads + 2 * s.kv_heads) * s.head_dim;
    const auto loads = example_loads(s.sequences, s.experts, s.top_k, 1, s.alpha);
    const auto gemm = [&](std::int64_t n, std::int64_t k) { return GemmKernel{s.sequences, n, k, s.format}; };
    std::vector<StepKernel> kernels{
        {"norms", 2 * s.layers + 1, CopyKernel{2 * s.sequences * s.hidden * element}, {}, {}},
        {"qkv projection", s.layers, gemm(qkv, s.hidden), {}, {}},
        {"keys and values into the cache", s.layers, CopyKernel{s.sequences * qkv * element}, {}, {}},
        {"attention",
         s.layers,
         AttentionKernel{true, s.sequences, 1, s.context, s.heads, s.kv_heads, s.head_dim, s.head_dim, 0, s.format,
                         s.format},
         {},
         {}},
        {"output projection", s.layers, gemm(s.hidden, s.heads * s.head_dim), {}, {}},
        {"router product", s.layers, gemm(s.experts, s.hidden), {}, {}},
        {"router", s.layers, RouterKernel{s.sequences, s.experts, s.top_k}, {}, {}}};
    if (s.exchange) {
        const std::int64_t pairs = s.sequences * s.top_k;
        kernels.push_back(
            {"dispatch", s.layers, PermuteKernel{false, s.sequences, s.hidden, s.top_k, s.experts}, {}, {}});
        kernels.push_back(
            {"experts", s.layers, ExpertKernel{pairs, s.hidden, s.width, 1, true, s.format, loads}, {}, {}});
        kernels.push_back(
            {"combine", s.layers, PermuteKernel{true, s.sequences, s.hidden, s.top_k, s.experts}, {}, {}});
    } else {
        kernels.push_back({"experts",
                           s.layers,
                           ExpertKernel{s.sequences, s.hidden, s.width, s.top_k, true, s.format, loads},
                           {},
                           {}});
    }
    kernels.push_back({"head", 1, gemm(s.vocabulary, s.hidden), {}, {}});
    return kernels;
}

Bytes step_bytes(const StepShape& s) {
    Bytes total{};
    for (const StepKernel& one : step_kernels(s)) total += memory_of(one.kernel) * static_cast<double>(one.repeat);
    return total;
}

Bytes streamed_bytes(const StepShape& s) {
    Bytes total{};
    for (const StepKernel& one : step_kernels(s)) {
        const bool streams = std::holds_alternative<GemmKernel>(one.kernel) ||
                             std::holds_alternative<ExpertKernel>(one.kernel) ||
                             std::holds_alternative<AttentionKernel>(one.kernel);
        if (streams) total += work_of(op_of(one.kernel)).bytes * static_cast<double>(one.repeat);
    }
    return total;
}

}  // namespace moeplan::cpu
