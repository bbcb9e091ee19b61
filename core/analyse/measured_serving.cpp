#include "core/analyse/measured_serving.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "core/analyse/aiconfigurator_launch.h"
#include "core/analyse/inferencex_launch.h"
#include "core/analyse/inferencex_pools.h"
#include "core/base/csv_table.h"
#include "core/base/lower_case.h"
#include "core/base/nearest.h"
#include "core/calibrate/read_kernel_table.h"

namespace moeplan {
namespace {

constexpr std::array kServing{"model", "gpu", "engine", "isl", "osl", "concurrency", "tp", "mean_ttft_ms", "mean_tpot_ms"};
constexpr std::array kStatic{"hardware", "n_devices", "framework", "model", "isl", "osl", "batch_size", "latency_s"};

constexpr std::string_view kQueueing = "ttft>5s(queueing)";

template <std::size_t N>
std::vector<std::string> missing(const CsvTable& table, const std::array<const char*, N>& wanted) {
    std::vector<std::string> names;
    for (const char* name : wanted) {
        if (!table.has(name)) names.emplace_back(name);
    }
    return names;
}

constexpr double kMostRanks = 4096;

// 0 is not told, as an empty cell is.
std::int64_t size_of(const CsvTable& table, const char* column, std::int64_t absent) {
    const auto n = table.number(column);
    return n && *n >= 1 && *n <= kMostRanks ? static_cast<std::int64_t>(*n) : absent;
}

// A data type as benchmark tables and checkpoints write it, in any case.
std::optional<NumberFormat> format_of(std::string_view text) {
    const std::string name = lower_case(text);
    if (name == "fp4") return NumberFormat::nvfp4;
    if (name == "fp8_e4m3") return NumberFormat::fp8;
    if (name == "awq" || name == "gptq" || name == "w4a16") return NumberFormat::int4_g128;
    return benchmark_format(name);
}

// What a row says and cannot be read; empty = nothing. Taken for what it does not say, it would be another server.
std::string unread(const CsvTable& t) {
    const auto told = [&t](const char* column) { return !t.cell(column).empty(); };
    for (const char* column : {"tp", "pp", "attention_dp", "moe_tp", "moe_ep"}) {
        const auto n = t.number(column);
        if (told(column) && !(n && *n >= 0 && *n <= kMostRanks && *n == std::floor(*n))) return fmt::format("{} is '{}'", column, t.cell(column));
    }
    for (const char* column : {"gemm_dtype", "moe_dtype", "kv_dtype"}) {
        if (told(column) && !format_of(t.cell(column))) return fmt::format("{} '{}' is no number format known here", column, t.cell(column));
    }
    for (const char* column : {"mean_ttft_ms", "mean_tpot_ms"}) {
        const auto ms = t.number(column);
        if (!is_blank(t.cell(column)) && !(ms && *ms >= 0)) return fmt::format("{} is '{}'", column, t.cell(column));
    }
    const std::string mode = lower_case(t.cell("serving_mode"));
    if (!mode.empty() && mode != "agg" && mode != "aggregated" && mode != "disagg" && mode != "disaggregated") return fmt::format("serving_mode '{}' is not known", mode);
    return {};
}

// InferenceX draws lengths uniformly from 80 to 100 % of these nominal ones (SemiAnalysisAI/InferenceX, random range ratio 0.8).
Lengths lengths_of(double input, double output, bool inference_x) {
    if (!inference_x) return FixedLengths{input, output};
    return UniformLengths{0.8 * input, input, 0.8 * output, output};
}

// Of the workers whose columns begin with `side`; nothing where they do not say enough, or not what can be.
std::optional<Layout> layout_of(const CsvTable& t, const std::string& side) {
    const auto size = [&](const char* what) { return size_of(t, (side + what).c_str(), 0); };
    Layout l;
    l.tp = size("_tp_size");
    l.pp = std::max<std::int64_t>(1, size("_pp_size"));
    l.dp = std::max<std::int64_t>(1, size("_attention_dp_size"));
    const std::int64_t moe_tp = size("_moe_tp_size"), ep = size("_moe_ep_size");
    if (l.tp == 0) return std::nullopt;
    const std::int64_t ranks = l.stage_gpus();
    l.ep = ep > 0 ? ep : moe_tp > 0 ? ranks / moe_tp : 1;
    l.moe_tp = moe_tp > 0 ? moe_tp : ranks / std::max<std::int64_t>(1, l.ep);
    return l.ep * l.moe_tp == ranks ? std::optional(l) : std::nullopt;
}

// Workers of each kind, at least one, that take `gpus` together: where there is one such number only.
std::optional<std::pair<std::int64_t, std::int64_t>> workers_in(std::int64_t gpus, std::int64_t prefill, std::int64_t decode) {
    std::optional<std::pair<std::int64_t, std::int64_t>> found;
    for (std::int64_t n = 1; n * prefill < gpus; ++n) {
        if ((gpus - n * prefill) % decode != 0) continue;
        if (found) return std::nullopt;
        found = {n, (gpus - n * prefill) / decode};
    }
    return found;
}

// Separate workers; why they cannot be known, or nothing.
std::string set_pools(MeasuredServing& m, const CsvTable& t) {
    PoolsSpec pools;
    pools.prefill.layout = layout_of(t, "prefill");
    pools.decode.layout = layout_of(t, "decode");
    if (!pools.prefill.layout || !pools.decode.layout) return "separate prefill and decode workers, layouts not recorded in full";
    const std::int64_t prefill = pools.prefill.layout->gpus(), decode = pools.decode.layout->gpus();
    pools.prefill.replicas = size_of(t, "prefill_num_workers", 0);
    pools.decode.replicas = size_of(t, "decode_num_workers", 0);
    if (pools.prefill.replicas == 0 || pools.decode.replicas == 0) {
        const auto workers = workers_in(size_of(t, "total_gpus_derived", 0), prefill, decode);
        if (!workers) return "separate prefill and decode workers, how many is not recorded";
        std::tie(pools.prefill.replicas, pools.decode.replicas) = *workers;
    }
    m.layout = *pools.decode.layout;
    m.gpus = pools.prefill.replicas * prefill + pools.decode.replicas * decode;
    m.pools = pools;
    return {};
}

// GPUs of both kinds of workers, and what InferenceX is known to start them with; on H200 no recipe is at hand.
void set_pools_as_started(MeasuredServing& m, double input, double users) {
    const bool known = m.inference_x && m.engine == "sglang" && m.gpu == "b200_sxm" && m.model.find("DeepSeek-R1") != std::string::npos;
    if (!known) return;
    m.precision.kv = NumberFormat::fp8;
    const auto started = as_started(*m.pools, m.precision.linear == NumberFormat::nvfp4, input, users);
    if (!started) {
        m.skip = "separate prefill and decode workers: this load was run with several numbers of them, which one is not recorded";
        return;
    }
    m.pools = started;
    m.layout = *m.pools->decode.layout;
    m.gpus = *gpus_of(*m.pools, std::nullopt);
}

MeasuredServing serving_row(const CsvTable& t) {
    MeasuredServing m;
    m.model = t.cell("model");
    m.gpu = t.cell("gpu");
    m.engine = t.cell("engine");
    m.engine_version = t.cell("engine_version");
    m.measured_date = t.cell("measured_date");
    const auto isl = t.number("isl"), osl = t.number("osl"), users = t.number("concurrency");
    const auto ttft = t.number("mean_ttft_ms"), tpot = t.number("mean_tpot_ms");
    if (!isl || !osl || *isl < 1 || *osl < 1) m.skip = "no lengths";
    else if (!users || *users < 1) m.skip = "no concurrency";
    else if (m.queueing = t.cell("quality_flag") == kQueueing; !m.queueing && !t.cell("quality_flag").empty()) m.skip = fmt::format("flagged in the file: {}", t.cell("quality_flag"));
    else if (m.skip = unread(t); !m.skip.empty()) return m;
    else if (ttft.value_or(0) <= 0 && tpot.value_or(0) <= 0) m.skip = "nothing measured";
    const bool apart = lower_case(t.cell("serving_mode")).starts_with("disagg");
    if (m.skip.empty() && !apart && t.number("tp").value_or(0) < 1) m.skip = "no tp";
    if (!m.skip.empty()) return m;
    const auto nominal = [](double n) { return n == 1024 || n == 8192; };
    m.inference_x = !m.measured_date.empty() && nominal(*isl) && nominal(*osl);
    m.mean_lengths = t.cell("lengths") == "mean";
    m.lengths = m.mean_lengths ? Lengths(FixedLengths{*isl, *osl}) : lengths_of(*isl, *osl, m.inference_x);
    m.load = ClosedLoop{*users};
    if (ttft && *ttft > 0) m.ttft_s = *ttft / 1e3;
    if (tpot && *tpot > 0) m.tpot_s = *tpot / 1e3;
    if (apart) {
        m.skip = set_pools(m, t);
        if (!m.skip.empty()) return m;
    } else {
        m.layout.tp = size_of(t, "tp", 1);
        m.layout.pp = size_of(t, "pp", 1);
        m.layout.dp = size_of(t, "attention_dp", 1);
        m.layout.ep = size_of(t, "moe_ep", 1);
        m.layout.moe_tp = size_of(t, "moe_tp", m.layout.tp * m.layout.dp / m.layout.ep);
        m.gpus = m.layout.gpus();
    }
    m.precision.linear = format_of(t.cell("gemm_dtype"));
    m.precision.experts = format_of(t.cell("moe_dtype"));
    // The per-tensor fp8 and nvfp4 checkpoints TensorRT-LLM is measured with (TensorRT Model Optimizer) quantise the
    // cache to fp8 too; block-scaled ones come from the models' authors and leave it in bf16. How InferenceX started
    // vLLM is not recorded in a row and its scripts differ: kv-cache-dtype fp8 in 70b_fp8_b200_docker.sh@bb4c7f9389a8 and
    // 70b_fp8_h100_slurm.sh@2a205bb3c2af, the model's own in single_node/minimaxm2.5_fp8_{h100@34bc7c409cd1,b200@07e171a32875}.sh
    // (github:SemiAnalysisAI/InferenceX) and 70b_fp8_h100_docker.sh (github:austenstone/InferenceMAX@c99f2e6eef9b). Taken is
    // what the rows that wait for cache agree with: fp8 on Blackwell, the model's own on Hopper (docs/validation.md).
    const bool fp8_cache = m.gpu.starts_with("b") || m.gpu.starts_with("gb");
    const bool optimised = m.precision.linear == NumberFormat::fp8 || m.precision.linear == NumberFormat::nvfp4;
    if (optimised && (m.engine == "trtllm" || (m.engine == "vllm" && m.inference_x && fp8_cache))) m.precision.kv = NumberFormat::fp8;
    if (m.pools) set_pools_as_started(m, *isl, *users);
    else set_as_launched(m, *isl, *osl, *users);
    // The repository's own runs bear no date; the others it holds are InferenceX's. A table of dates without sources is taken for its.
    const bool from_there = t.has("source") ? t.cell("source").find("ai-dynamo/aiconfigurator") != std::string::npos : t.has("measured_date");
    if (!m.pools && m.measured_date.empty() && from_there) set_as_generated(m, *isl, *users);
    if (const auto told = format_of(t.cell("kv_dtype"))) m.precision.kv = told;
    return m;
}

struct Alias {
    std::string_view measured, ours;
};
// LLM-Inference-Bench (argonne-lcf, arXiv 2411.00136) names; its A100 are the 40 GB ones of Polaris, its GH200 has 96 GB HBM3.
constexpr std::array<Alias, 5> kHardware{{{"Nvidia A100 GPU", "a100_sxm_40gb"}, {"Nvidia H100 GPU", "h100_sxm"}, {"Nvidia GH200 GPU", "gh200"},
                                           {"AMD MI250 GPU", "mi250x"}, {"Habana Gaudi2", "gaudi2"}}};

void set_static_layout(MeasuredServing& m, std::string_view parallelism) {
    const std::int64_t n = m.gpus;
    if (parallelism == "PP" || parallelism == "Pipeline Parallelism") m.layout = {1, n, 1, 1, 1};
    else if (parallelism == "EP") m.layout = {n, 1, 1, n, 1};
    else if (parallelism == "Hybrid TP = 2 and EP = 2") m.layout = {n, 1, 1, 2, n / 2};
    else if (parallelism.find("(2) and Pipeline") != std::string_view::npos || parallelism == "Hybrid TP = 2 and PP = 2") m.layout = {2, n / 2, 1, 1, 2};
    else m.layout = {n, 1, 1, 1, n};
}

MeasuredServing static_row(const CsvTable& t) {
    MeasuredServing m;
    m.model = t.cell("model");
    m.gpu = t.cell("hardware");
    m.engine = t.cell("framework");
    const auto alias = std::ranges::find(kHardware, m.gpu, &Alias::measured);
    if (alias != kHardware.end()) m.gpu = alias->ours;
    const auto isl = t.number("isl"), osl = t.number("osl"), batch = t.number("batch_size"), latency = t.number("latency_s");
    if (!isl || !osl || !batch || !latency || *isl < 1 || *osl < 1 || *batch < 1 || *latency <= 0) {
        m.skip = "no lengths, batch or latency";
        return m;
    }
    m.lengths = FixedLengths{*isl, *osl};
    m.load = StaticBatch{*batch};
    m.e2e_s = *latency;
    m.gpus = size_of(t, "n_devices", 1);
    m.precision.all = NumberFormat::bf16;
    set_static_layout(m, t.cell("parallelism"));
    return m;
}

}  // namespace

Result<void> read_measured_serving(const std::string& file, const std::function<void(const MeasuredServing&)>& take) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream || stream.peek() == std::ifstream::traits_type::eof()) return fail({file, {}, "cannot be read, or is empty", {}});
    CsvTable table(stream);
    const auto lacks_serving = missing(table, kServing);
    const auto lacks_static = missing(table, kStatic);
    if (!lacks_serving.empty() && !lacks_static.empty()) {
        const auto& fewest = lacks_serving.size() <= lacks_static.size() ? lacks_serving : lacks_static;
        return fail({file + ":1", {}, "not a table of serving measurements: no column " + one_of(fewest), {}});
    }
    while (table.next()) {
        MeasuredServing m = lacks_serving.empty() ? serving_row(table) : static_row(table);
        m.line = table.line();
        take(m);
    }
    return {};
}

}  // namespace moeplan
