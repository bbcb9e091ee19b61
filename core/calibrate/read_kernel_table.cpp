#include "core/calibrate/read_kernel_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "core/base/csv_table.h"
#include "core/base/lower_case.h"
#include "core/base/nearest.h"
#include "core/calibrate/benchmark_loads.h"
#include "core/calibrate/latent_module.h"
#include "core/calibrate/physics.h"

namespace moeplan {
namespace {

constexpr std::size_t kMostProblems = 20;
constexpr double kMostSize = 0x1p31;    // of a count in a row that has no bound of its own
struct Bound {
    std::string_view column;
    double most;
};
// Beyond what any model, machine or message has.
constexpr std::array<Bound, 14> kBounds{{{"hidden_size", 0x1p20}, {"inter_size", 0x1p22}, {"num_experts", 65536}, {"topk", 65536},
                                         {"moe_tp_size", 65536}, {"moe_ep_size", 65536}, {"num_gpus", 65536}, {"n", 0x1p26}, {"k", 0x1p26},
                                         {"num_heads", 65536}, {"num_key_value_heads", 65536}, {"head_dim", 65536}, {"batch_size", 0x1p24},
                                         {"message_size", 1e12}}};
constexpr double kMostSkew = 10;        // exponent of a power law
constexpr double kShortest_ms = 1e-9, kLongest_ms = 1e9;   // a picosecond, eleven days; 0: not measured
// Bytes of an element by the name of its type: sizes of collectives count elements.
// Bytes of what a collective moves; nothing where the type is not known.
std::optional<double> element_bytes(std::string_view type) {
    const std::string name = lower_case(type);
    const auto any = [&name](std::initializer_list<std::string_view> names) { return std::ranges::find(names, name) != names.end(); };
    if (any({"int8", "uint8", "char"}) || name.starts_with("fp8") || name.starts_with("float8")) return 1;
    if (any({"half", "float16", "fp16", "bfloat16", "bf16"})) return 2;
    if (any({"float", "float32", "fp32", "int32", "uint32"})) return 4;
    if (any({"double", "float64", "fp64", "int64", "uint64"})) return 8;
    return std::nullopt;
}

// What benchmarks call the formats of weights. Kernels that multiply the same weights in another arithmetic, or scale
// activations at another time, take other times: `variant` tells them apart.
// Source: quantisation modes of ai-dynamo/aiconfigurator, sdk/common.py.
struct Name {
    std::string_view theirs;
    NumberFormat format;
    std::string_view variant = {};
};
constexpr std::array<Name, 19> kNames{{{"bfloat16", NumberFormat::bf16},
                                       {"float16", NumberFormat::fp16},
                                       {"half", NumberFormat::fp16},
                                       {"float32", NumberFormat::fp32},
                                       {"fp8_static", NumberFormat::fp8, "scaled beforehand"},
                                       {"fp8_ootb", NumberFormat::fp8, "out of the box"},
                                       {"sq", NumberFormat::int8},
                                       {"w8a8_dynamic", NumberFormat::int8},
                                       {"int8_wo", NumberFormat::int8, "weights only"},
                                       {"int4_wo", NumberFormat::int4_g128},
                                       {"w4afp8", NumberFormat::int4_g128, "fp8 activations"},
                                       {"w4a16_mxfp4", NumberFormat::mxfp4},
                                       {"w4a16_mxfp4_cutlass", NumberFormat::mxfp4, "CUTLASS"},
                                       {"w4a8_mxfp4_mxfp8", NumberFormat::mxfp4, "fp8 activations"},
                                       {"w4a8_mxfp4_mxfp8_trtllm", NumberFormat::mxfp4, "fp8 activations, TensorRT-LLM"},
                                       {"w4a8_mxfp4_fp8", NumberFormat::mxfp4, "per-tensor fp8 activations"},
                                       {"nvfp4_wo", NumberFormat::nvfp4, "weights only"},
                                       {"w4a16_nvfp4", NumberFormat::nvfp4, "weights only"},
                                       {"w4a8_nvfp4_fp8", NumberFormat::nvfp4, "fp8 activations"}}};

const Name* named(std::string_view theirs) {
    const auto* at = std::ranges::find(kNames, theirs, &Name::theirs);
    return at == kNames.end() ? nullptr : at;
}

// What the benchmark takes from a model's own layer and its rows do not say. Which model it was shows in the shape.
// Source: model configurations packaged with aiconfigurator (n_group, topk_group; Nemotron-H's squared ReLU has no gate).
struct Layer {
    double hidden, width, top_k, experts;
    RoutingGroups groups;
    bool gated;
};
constexpr std::array<Layer, 4> kLayers{{{7168, 2048, 8, 256, {8, 4}, true},     // DeepSeek-V3
                                        {2688, 1856, 6, 128, {}, false},        // Nemotron 3 Nano
                                        {1024, 2688, 22, 512, {}, false},       // Nemotron 3 Super
                                        {8192, 5120, 22, 512, {}, false}}};     // Nemotron 3 Ultra

const Layer* layer_of(double hidden, double width, double top_k, double experts) {
    const auto* at = std::find_if(kLayers.begin(), kLayers.end(), [&](const Layer& l) {
        return l.hidden == hidden && l.width == width && l.top_k == top_k && l.experts == experts;
    });
    return at == kLayers.end() ? nullptr : at;
}

class Reader {
public:
    Reader(std::istream& stream, std::string name) : table_(stream), name_(std::move(name)) {}

    Result<KernelTable> read() {
        for (const char* column : {"op_name", "latency"}) {
            if (!table_.has(column)) {
                problems_.push_back({name_, column, fmt::format("there is no column '{}'; a table of measured kernels has one", column), "", {}});
            }
        }
        if (!problems_.empty()) return fail(std::move(problems_));
        out_.set.source = name_;
        while (table_.next() && problems_.size() < kMostProblems) row();
        if (problems_.size() >= kMostProblems) problems_.push_back({name_, {}, fmt::format("{} problems are told; there may be more behind them", kMostProblems), {}, {}});
        if (!problems_.empty()) return fail(std::move(problems_));
        for (auto& [reason, n] : skipped_) out_.skipped.push_back({reason, n});
        return std::move(out_);
    }

private:
    void problem(std::string_view column, std::string what, std::string hint = "") {
        problems_.push_back({fmt::format("{}:{}", name_, table_.line()), std::string(column), std::move(what), std::move(hint), {}});
        bad_ = true;
    }

    // Told once, however many rows want it.
    void no_column(std::string_view column) {
        bad_ = true;
        if (!absent_.insert(std::string(column)).second) return;
        problems_.push_back({fmt::format("{}:1", name_), std::string(column),
                             fmt::format("there is no column '{}', which rows of '{}' need (the first in line {})", column, table_.cell("op_name"), table_.line()), "", {}});
    }

    // Milliseconds; 0: not measured.
    double time() {
        const auto value = table_.number("latency");
        if (value && (*value == 0 || (*value >= kShortest_ms && *value <= kLongest_ms))) return *value;
        problem("latency", fmt::format("'latency' is '{}'; expected milliseconds from {:g} to {:g}, or 0 where there is no time", table_.cell("latency"), kShortest_ms, kLongest_ms));
        return 0;
    }

    // A table is of one device: its rows are fitted together.
    void device() {
        const std::string_view name = table_.cell("device");
        if (out_.set.device.empty()) out_.set.device = name;
        else if (!name.empty() && name != out_.set.device && other_devices_.insert(std::string(name)).second) {
            problem("device", fmt::format("this row is of '{}', those before of '{}'; a table is of one device", name, out_.set.device), "split it by device");
        }
    }

    // A column without which a row would mean something else; an empty cell is `otherwise`.
    double told(std::string_view column, double otherwise) {
        if (!table_.has(column)) no_column(column);
        return count(column, 1, otherwise);
    }

    // A whole number of a row, at least `least`. Absent columns are a problem unless `otherwise` is given.
    double count(std::string_view column, double least = 1, std::optional<double> otherwise = {}) {
        if (!table_.has(column) || table_.cell(column).empty()) {
            if (otherwise) return *otherwise;
            if (table_.has(column)) problem(column, fmt::format("'{}' is missing", column));
            else no_column(column);
            return least;
        }
        const auto value = table_.number(column);
        const auto* bound = std::ranges::find(kBounds, column, &Bound::column);
        const double most = bound == kBounds.end() ? kMostSize : bound->most;
        if (!value || *value < least || *value > most) {
            problem(column, fmt::format("'{}' is '{}'; expected a number of at least {} and at most {:.10g}", column, table_.cell(column), least, most));
            return least;
        }
        if (*value != std::floor(*value)) {
            problem(column, fmt::format("'{}' is '{}'; expected a whole number", column, table_.cell(column)));
            return least;
        }
        return *value;
    }

    NumberFormat format(std::string_view column) {
        const std::string_view text = table_.cell(column);
        if (const auto found = benchmark_format(text)) return *found;
        unknown_ = fmt::format("number format '{}' is not known", text);
        return NumberFormat::bf16;
    }

    void row() {
        bad_ = false;
        unknown_.clear();
        variant_ = {};
        const std::string_view name = table_.cell("op_name");
        device();
        const double latency = time();
        Measurement m;
        if (name == "moe") m.op = moe(m);
        else if (name == "gemm") m.op = Gemm{count("m"), count("n"), count("k"), weights("gemm_dtype")};
        else if (name == "context_attention" || name == "generation_attention") m.op = attention(name == "generation_attention");
        else if (name == "context_mla" || name == "mla_context") m.op = latent(false);
        else if (name == "generation_mla" || name == "mla_generation") m.op = latent(true);
        else if (name == "mla_context_module" || name == "mla_generation_module") m.op = module(m, name == "mla_generation_module");
        else if (const auto kind = collective_named(name)) m.op = collective(*kind);
        else return skip(fmt::format("'{}' is no kernel of its own", name));
        if (!unknown_.empty()) return skip(unknown_);
        if (bad_) return;
        if (latency <= 0) return skip("no time");
        const auto key = family_of_op(m.op);
        if (!key) return skip(fmt::format("'{}' has no family", name));
        m.family = key->family;
        m.format = variant_.empty() ? key->format : fmt::format("{}, {}", key->format, variant_);
        m.seconds = latency / 1e3;
        m.kernel = table_.cell("kernel_source");
        m.representative = table_.cell("chosen") != "spread";   // a column of sampled tables
        m.source = fmt::format("{}:{}", name_, table_.line());
        if (m.shape.empty()) m.shape = physics_of(m.family)->shape(m.op);
        provenance(m.family);
        out_.set.rows.push_back(std::move(m));
    }

    void skip(const std::string& reason) { ++skipped_[reason]; }

    // Collectives are measured by other programs: the engine is that of the first other row, where there is one.
    void provenance(KernelFamily family) {
        const bool own = family != KernelFamily::collective;
        if (!out_.set.rows.empty() && (!own || engine_known_)) return;
        out_.set.engine = fmt::format("{} {}", table_.cell("framework"), table_.cell("version"));
        engine_known_ = own;
    }

    OpKind moe(Measurement& m) {
        const double tokens = count("num_tokens"), experts = count("num_experts"), top_k = count("topk");
        const double tp = told("moe_tp_size", 1), ep = told("moe_ep_size", 1);
        const double hidden = count("hidden_size"), width = count("inter_size");
        ExpertFfn f;
        f.weights = weights("moe_dtype");
        if (!table_.has("distribution")) no_column("distribution");
        const std::string_view distribution = table_.cell("distribution");
        double alpha = 0;
        if (distribution.rfind("power_law_", 0) == 0) {
            alpha = std::strtod(std::string(distribution.substr(10)).c_str(), nullptr);
            if (!(alpha > 0 && alpha <= kMostSkew)) problem("distribution", fmt::format("'{}' has no exponent above 0 and at most {}", distribution, kMostSkew));
        } else if (distribution != "balanced" && !distribution.empty()) {
            unknown_ = fmt::format("distribution '{}' is not known", distribution);
        }
        if (top_k > experts) problem("topk", fmt::format("top-{} of {} experts", top_k, experts));
        if (std::fmod(experts, ep) != 0) problem("moe_ep_size", fmt::format("{} experts cannot be split over {} ranks", experts, ep));
        if (tokens * top_k > 1e8 || experts > 65536) problem("num_tokens", "the row is too large to be read");
        if (bad_) return f;
        const Layer* layer = layer_of(hidden, width, top_k, experts);
        // Sources named after vLLM's expert classes ran the model's router; older ones and TensorRT-LLM's a plain top-k.
        const std::string_view kernel = table_.cell("kernel_source");
        const bool routed = kernel.rfind("vllm_", 0) == 0 && kernel.find("experts") != std::string_view::npos;
        const BenchmarkLoad load = loads(tokens, top_k, experts, ep, alpha, layer && routed ? layer->groups : RoutingGroups{});
        f.tokens = tokens;
        f.experts = experts;
        f.pairs = load.pairs;
        f.activated = load.activated;
        f.hottest = load.hottest;
        f.held = experts / ep;
        f.hidden = hidden;
        f.width = width / tp;
        f.top_k = static_cast<std::int64_t>(top_k);
        f.gated = !layer || layer->gated;
        m.shape = fmt::format("{} x {}, top-{} of {}", hidden, width, top_k, experts);
        return f;
    }

    BenchmarkLoad loads(double tokens, double top_k, double experts, double ep, double alpha, RoutingGroups groups) {
        const auto key = std::make_tuple(tokens, top_k, experts, ep, alpha, groups.groups);
        const auto at = loads_.find(key);
        if (at != loads_.end()) return at->second;
        const auto whole = [](double v) { return static_cast<std::int64_t>(v); };
        return loads_[key] = benchmark_load(whole(tokens), whole(top_k), whole(experts), whole(ep), alpha, groups);
    }

    OpKind attention(bool decode) {
        Attention a;
        a.decode = decode;
        a.sequences = count("batch_size");
        a.new_tokens = count("isl");
        a.context = count("step", 0, 0);
        a.heads = count("num_heads");
        a.kv_heads = count("num_key_value_heads");
        a.qk_dim = a.v_dim = count("head_dim");
        if (const double window = count("window_size", 0, 0); window > 0) a.window = window;
        a.format = format("attn_dtype");
        a.kv = format("kv_cache_dtype");
        return a;
    }

    // DeepSeek's latent attention: expanded keys of 192 and values of 128 in prefill, the latent of 512 and 64 rotary
    // dimensions in decode (DeepSeek-V3 report, arXiv 2412.19437, 2.1.1). Heads are of one rank.
    OpKind latent(bool decode) {
        Attention a;
        a.decode = decode;
        a.sequences = count("batch_size");
        a.new_tokens = count("isl");
        a.context = count("step", 0, 0);
        a.heads = count("num_heads");
        a.kv_heads = decode ? 1 : a.heads;
        a.qk_dim = decode ? 576 : 192;
        a.v_dim = decode ? 512 : 128;
        a.shared_key_value = decode;
        a.format = format("mla_dtype");
        a.kv = format("kv_cache_dtype");
        return a;
    }

    // The whole module: the projections around it are in gemm_type. Prompts attend to keys and values that were expanded in the
    // format of the arithmetic, whatever the cache holds.
    OpKind module(Measurement& m, bool decode) {
        const std::string_view architecture = table_.cell("architecture");
        if (!architecture.empty() && architecture != "DeepseekV3ForCausalLM") unknown_ = fmt::format("attention module of '{}'", architecture);
        Attention a = std::get<Attention>(latent(decode));
        if (!decode) a.kv = a.format;
        const bool absorbed = table_.cell("kernel_source").find("MLA") != std::string_view::npos || a.new_tokens == 1;
        if (!decode && absorbed && unknown_.empty()) unknown_ = "short prompts that ran through the decode kernel";
        m.beside = beside_latent_attention(a, format("gemm_type"));
        return a;
    }

    NumberFormat weights(std::string_view column) {
        if (const Name* name = named(table_.cell(column))) variant_ = name->variant;
        return format(column);
    }

    static std::optional<CollectiveKind> collective_named(std::string_view name) {
        if (name == "all_reduce") return CollectiveKind::all_reduce;
        if (name == "all_gather") return CollectiveKind::all_gather;
        if (name == "reduce_scatter") return CollectiveKind::reduce_scatter;
        if (name == "alltoall") return CollectiveKind::all_to_all;
        return std::nullopt;
    }

    OpKind collective(CollectiveKind kind) {
        const double size = count("message_size");
        const std::string_view type = table_.has("nccl_dtype") ? table_.cell("nccl_dtype") : table_.cell("allreduce_dtype");
        const auto bytes = type.empty() ? std::optional<double>(kActivationBytes) : element_bytes(type);
        if (!bytes) unknown_ = fmt::format("data type '{}' is not known", type);
        return Collective{kind, {size * bytes.value_or(0)}, static_cast<std::int64_t>(count("num_gpus", 2)), false};
    }

    CsvTable table_;
    std::string name_;
    KernelTable out_;
    Problems problems_;
    std::map<std::string, std::uint64_t> skipped_;
    std::map<std::tuple<double, double, double, double, double, std::int64_t>, BenchmarkLoad> loads_;
    std::set<std::string> absent_;   // columns told to be
    std::set<std::string> other_devices_;   // told of
    bool bad_ = false, engine_known_ = false;
    std::string unknown_;
    std::string_view variant_;   // of the row's weights
};

}  // namespace

std::optional<NumberFormat> benchmark_format(std::string_view name) {
    if (const Name* known = named(name)) return known->format;
    return number_format_named(name);
}

Result<KernelTable> read_kernel_table(std::istream& stream, const std::string& name) { return Reader(stream, name).read(); }

Result<KernelTable> read_kernel_table(const std::string& file) {
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) return fail({file, "", "is a folder; expected a table of measured kernels", "", {}});
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail({file, "", "the file cannot be read", "", {}});
    if (stream.peek() == 0x1f || stream.peek() == 0x28) return fail({file, "", "is packed by gzip or zstd; expected a table of measured kernels", "unpack it first: gunzip or unzstd", {}});
    return read_kernel_table(stream, file);
}

}  // namespace moeplan
