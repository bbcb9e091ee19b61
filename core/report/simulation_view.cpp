#include "core/report/simulation_view.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/report/report_view.h"

namespace moeplan {
namespace {

std::string count(std::uint64_t n) { return format_count(static_cast<double>(n)); }

// The order people ask in: the first token, the next ones, the whole.
constexpr std::array kOrder{"wait_ms", "ttft_ms", "tpot_ms", "itl_ms", "e2e_ms"};

std::string label_of_latency(const std::string& metric) {
    return metric == "wait_ms" ? "wait in the queue" : label_of(metric);
}

LatencyLine line_of(const SimulatedLatency& latency, Glyphs glyphs) {
    LatencyLine line{label_of_latency(latency.metric), {}};
    const auto add = [&](std::string_view heading, const Estimate& e, const std::optional<double>& sampling) {
        auto parts = format_parts(e, "ms", glyphs);
        if (sampling) {
            std::string noise = format_part(Estimate::exact(*sampling), e.value, "ms", glyphs);
            noise.erase(
                std::min(noise.find(' '), noise.size()));  // on the value's scale: its unit stands there already
            parts.value += (glyphs == Glyphs::unicode ? " ±" : " +-") + noise;
        }
        line.cells.push_back({heading, std::move(parts.value), std::move(parts.interval)});
    };
    add("mean", latency.mean, latency.sampling_mean);
    add("p50", latency.p50, std::nullopt);
    add("p90", latency.p90, std::nullopt);
    add("p99", latency.p99, latency.sampling_p99);
    add("max", Estimate::exact(latency.max), std::nullopt);
    return line;
}

void add_some(std::string& text, std::uint64_t n, std::string_view what) {
    if (n > 0) text += fmt::format(", {} {}", count(n), what);
}

std::string whole(const Estimate& e, Glyphs glyphs) {
    if (e.is_exact()) return format_count(e.value);
    return fmt::format("{} ({}{}{})", format_count(e.value), format_count(e.low), glyphs == Glyphs::unicode ? "–" : "-",
                       format_count(e.high));
}

std::string plural(std::uint64_t n, std::string_view word) {
    return n == 1 ? std::string(word) : std::string(word) + "s";
}

std::string requests_of(const SimulatedCounts& c) {
    std::string text = fmt::format("{} arrived, {} completed", count(c.arrived), count(c.completed));
    add_some(text, c.rejected, "rejected");
    add_some(text, c.timed_out, "timed out");
    add_some(text, c.unfinished, "unfinished");
    add_some(text, c.preemptions, plural(c.preemptions, "preemption"));
    add_some(text, c.swaps, "swapped to the host");
    add_some(text, c.restarts, "begun anew on another replica");
    return text;
}

std::string tokens_of(const SimulatedCounts& c) {
    std::string text = fmt::format("{} in, {} out", format_value(static_cast<double>(c.input_tokens), ""),
                                   format_value(static_cast<double>(c.output_tokens), ""));
    if (c.cached_tokens > 0)
        text += fmt::format(", {} of the input from the prefix cache",
                            format_value(static_cast<double>(c.cached_tokens), ""));
    return text;
}

std::string pool_text(const SimulatedPool& p, Glyphs glyphs) {
    const bool unicode = glyphs == Glyphs::unicode;
    const auto shown = [&](const Estimate& e, std::string_view unit) { return format_estimate(e, unit, glyphs); };
    std::string text =
        fmt::format("{} {} {}, {} {}: in steps {} of the time; {} of the cache held on average, {} at most; ", p.replicas,
                    unicode ? "×" : "x", unicode ? p.layout : plain_glyphs(p.layout), p.gpus,
                    plural(static_cast<std::uint64_t>(p.gpus), "GPU"), shown(p.busy, "fraction"),
                    shown(p.kv_mean, "fraction"), shown(p.kv_peak, "fraction"));
    text += fmt::format("{} running, {} waiting", shown(p.running_mean, ""), shown(p.waiting_mean, ""));
    if (p.sending_mean.value > 0) text += fmt::format(", {} being sent", shown(p.sending_mean, ""));
    return text + fmt::format("; weights take {} of a GPU and leave {} to the cache",
                              format_value(p.weights_gb, "GB", glyphs), format_value(p.cache_gb, "GB", glyphs));
}

}  // namespace

std::string simulation_note(const SimulationReport& s, Glyphs glyphs) {
    std::string note = fmt::format("{} {} over {}", count(s.counts.arrived), plural(s.counts.arrived, "request"),
                                   format_value(s.simulated_s, "s", glyphs));
    if (s.warm_up_s > 0) {
        note += fmt::format("; figures are over the {} after a warm-up of {}{}", count(s.measured),
                            format_value(s.warm_up_s, "s", glyphs), s.warm_up_detected ? " (detected)" : "");
    }
    return note;
}

std::vector<LatencyLine> latency_lines(const SimulationReport& s, Glyphs glyphs) {
    std::vector<LatencyLine> lines;
    for (const char* metric : kOrder) {
        for (const SimulatedLatency& latency : s.latencies) {
            if (latency.metric == metric) lines.push_back(line_of(latency, glyphs));
        }
    }
    for (const SimulatedLatency& latency : s.latencies) {
        if (!std::ranges::count(kOrder, latency.metric)) lines.push_back(line_of(latency, glyphs));
    }
    return lines;
}

std::vector<SimulationFact> simulation_facts(const SimulationReport& s, Glyphs glyphs) {
    const auto shown = [&](const Estimate& e, std::string_view unit) { return format_estimate(e, unit, glyphs); };
    std::vector<SimulationFact> facts;
    facts.push_back({"requests", requests_of(s.counts)});
    facts.push_back({"tokens", tokens_of(s.counts)});
    facts.push_back({"served", fmt::format("{}; {} out, {} in", shown(s.requests_per_s, "req/s"),
                                           shown(s.output_tok_s, "tok/s"), shown(s.input_tok_s, "tok/s"))});
    if (s.attainment) {
        std::string text = fmt::format("{} of requests meet them all", shown(*s.attainment, "fraction"));
        if (s.goodput_rps) text += fmt::format(": {} of goodput", shown(*s.goodput_rps, "req/s"));
        facts.push_back({"objectives", std::move(text)});
    }
    facts.push_back(
        {"queue", fmt::format("{} running and {} waiting on average, at most {} waiting", shown(s.running_mean, ""),
                              shown(s.waiting_mean, ""), whole(s.waiting_peak, glyphs))});
    std::string kv =
        fmt::format("{} held on average, {} at most", shown(s.kv_mean, "fraction"), shown(s.kv_peak, "fraction"));
    if (s.prefix_hit)
        kv += fmt::format("; {} of prompt tokens found in it", format_value(*s.prefix_hit, "fraction", glyphs));
    facts.push_back({"KV cache", std::move(kv)});
    std::string replicas = fmt::format("in steps {} of the time", shown(s.busy, "fraction"));
    if (s.saturation) replicas += fmt::format("; load is {} of capacity", shown(*s.saturation, "fraction"));
    if (s.gpu_hours > 0) replicas += fmt::format("; {} GPU-hours paid", format_number(s.gpu_hours));
    facts.push_back({"replicas", std::move(replicas)});
    for (const SimulatedPool& pool : s.pools) facts.push_back({pool.name, pool_text(pool, glyphs)});
    std::string effort = fmt::format("{} engine steps", count(s.counts.steps));
    if (s.counts.events > 0) effort += fmt::format(" in {} events", count(s.counts.events));
    if (s.invariants_checked > 0)
        effort += fmt::format("; {} invariants checked, all hold", count(s.invariants_checked));
    facts.push_back({"simulated", std::move(effort)});
    return facts;
}

const SimulatedSeries* find_series(const SimulationReport& s, std::string_view id) {
    const auto found = std::ranges::find(s.series, id, &SimulatedSeries::id);
    return found == s.series.end() ? nullptr : &*found;
}

bool moves(const SimulatedSeries& series) {
    return std::ranges::any_of(series.points, [&](const auto& p) { return p.second != series.points.front().second; });
}

}  // namespace moeplan
