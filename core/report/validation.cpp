#include "core/report/validation.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/require.h"
#include "core/report/json_tree.h"
#include "core/report/validation_text.h"

namespace moeplan {
namespace {

// The q quantile with linear interpolation between order statistics. Source: Hyndman and Fan 1996,
// definition 7.
double quantile(const std::vector<double>& sorted, double q) {
    const double at = q * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Json optional_number(const std::optional<ErrorStats>& stats, double ErrorStats::* field) {
    return stats ? json_number((*stats).*field) : Json(nullptr);
}

std::string error_text(const std::optional<ErrorStats>& s) { return s ? percent(s->mape) : "–"; }
std::string bias_text(const std::optional<ErrorStats>& s) { return s ? signed_percent(s->bias) : "–"; }

// What was measured at all: columns of things nobody measured are left out.
struct Measured {
    const char* name;
    std::optional<ErrorStats> ValidationReport::* all;
    std::optional<ErrorStats> ValidationGroup::* group;
};

std::vector<Measured> measured_in(const ValidationReport& r) {
    std::vector<Measured> kinds{{"TTFT", &ValidationReport::ttft, &ValidationGroup::ttft},
                                {"TPOT", &ValidationReport::tpot, &ValidationGroup::tpot},
                                {"E2E", &ValidationReport::e2e, &ValidationGroup::e2e}};
    std::erase_if(kinds, [&](const Measured& m) { return !(r.*m.all); });
    return kinds;
}

std::vector<std::string> group_heads(const ValidationReport& r) {
    std::vector<std::string> heads{"model", "GPU", "engine", "rows"};
    for (const Measured& m : measured_in(r)) {
        heads.push_back(fmt::format("{} MAPE", m.name));
        heads.emplace_back("bias");
    }
    return heads;
}

std::vector<std::vector<std::string>> summary_rows(const ValidationReport& r) {
    std::vector<std::vector<std::string>> rows;
    for (const Measured& m : measured_in(r)) rows.push_back(summary_cells(m.name, *(r.*m.all)));
    return rows;
}

std::vector<std::vector<std::string>> group_rows(const ValidationReport& r) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& g : r.groups) {
        rows.push_back({g.model, g.gpu, g.engine, format_count(static_cast<double>(g.n))});
        for (const Measured& m : measured_in(r)) {
            rows.back().push_back(error_text(g.*m.group));
            rows.back().push_back(bias_text(g.*m.group));
        }
    }
    return rows;
}

Json queue_json(const std::optional<QueueStats>& q) {
    if (!q) return nullptr;
    Json json;
    json["n"] = q->n;
    json["recognised"] = q->recognised;
    json["within_two"] = q->within_two;
    json["median_ratio"] = json_number(q->median_ratio);
    json["tpot"] = stats_json(q->tpot);
    return json;
}

// "18 of 31 rows flagged as queueing are seen to wait; …"
std::string queue_text(const QueueStats& q) {
    std::string text = fmt::format("{} of {} rows flagged as queueing are seen to wait for cache or slots; TTFT of {} within a factor of 2, "
                                   "median predicted/measured {:.2g}",
                                   q.recognised, q.n, q.within_two, q.median_ratio);
    if (q.tpot) text += fmt::format("; TPOT MAPE {}", percent(q.tpot->mape));
    return text;
}

Json pools_json(const std::optional<PoolStats>& p) {
    if (!p) return nullptr;
    Json json;
    json["n"] = p->n;
    json["ttft"] = stats_json(p->ttft);
    json["tpot"] = stats_json(p->tpot);
    json["queueing"] = nullptr;
    if (!p->queueing) return json;
    Json& queueing = json["queueing"] = Json::object();
    queueing["n"] = p->queueing->n;
    queueing["within_two"] = p->queueing->within_two;
    queueing["median_ratio"] = json_number(p->queueing->median_ratio);
    queueing["tpot"] = stats_json(p->queueing->tpot);
    return json;
}

// "135 rows of separate prefill and decode workers, in none of the figures above: TPOT MAPE 40 % (bias +5 %); …"
std::string pools_text(const PoolStats& p) {
    std::string text =
        fmt::format("{} rows of separate prefill and decode workers, in no other figure:", format_count(static_cast<double>(p.n)));
    const auto add = [&](const char* name, const std::optional<ErrorStats>& s) {
        if (!s) return;
        text += fmt::format(" {} MAPE {}, median {}, bias {} ({} rows);", name, percent(s->mape), percent(s->median_ape),
                            signed_percent(s->bias), s->n);
    };
    add("TPOT", p.tpot);
    add("TTFT", p.ttft);
    if (p.queueing) {
        text += fmt::format(" of {} flagged as queueing TTFT of {} is within a factor of 2, median predicted/measured {:.2g};",
                            p.queueing->n, p.queueing->within_two, p.queueing->median_ratio);
        add("their TPOT", p.queueing->tpot);
    }
    text.pop_back();
    return text;
}

}  // namespace

std::optional<ErrorStats> error_stats(const std::vector<Compared>& rows) {
    if (rows.empty()) return std::nullopt;
    std::vector<double> absolute;
    ErrorStats stats;
    stats.n = rows.size();
    for (const auto& row : rows) {
        require(row.measured > 0 && std::isfinite(row.measured) && std::isfinite(row.predicted),
                "an error needs a positive measurement and a finite prediction");
        const double error = row.predicted / row.measured - 1;
        absolute.push_back(std::abs(error));
        stats.mape += std::abs(error);
        stats.bias += error;
        stats.coverage90 += row.low <= row.measured && row.measured <= row.high ? 1 : 0;
    }
    const auto n = static_cast<double>(rows.size());
    stats.mape /= n;
    stats.bias /= n;
    stats.coverage90 /= n;
    std::ranges::sort(absolute);
    stats.median_ape = quantile(absolute, 0.5);
    stats.p90_ape = quantile(absolute, 0.9);
    return stats;
}

QueueStats queue_stats(const std::vector<Compared>& ttft, const std::vector<Compared>& tpot) {
    QueueStats q;
    std::vector<double> ratios;
    for (const Compared& c : ttft) {
        require(c.measured > 0 && std::isfinite(c.predicted), "a ratio needs a positive measurement and a finite prediction");
        ratios.push_back(c.predicted / c.measured);
        if (ratios.back() >= 0.5 && ratios.back() <= 2) ++q.within_two;
    }
    std::ranges::sort(ratios);
    q.n = ratios.size();
    if (!ratios.empty()) q.median_ratio = quantile(ratios, 0.5);
    q.tpot = error_stats(tpot);
    return q;
}

std::string write_validation_json(const ValidationReport& report) {
    Json json;
    json["file"] = report.file;
    json["cost_source"] = report.cost_source;
    json["method"] = report.method;
    json["n"] = report.n;
    json["waiting"] = report.waiting;
    json["queueing"] = queue_json(report.queueing);
    json["pools"] = pools_json(report.pools);
    json["skipped"] = Json::array();
    for (const auto& skipped : report.skipped) {
        Json item;
        item["reason"] = skipped.reason;
        item["n"] = skipped.n;
        json["skipped"].push_back(std::move(item));
    }
    json["ttft"] = stats_json(report.ttft);
    json["tpot"] = stats_json(report.tpot);
    json["e2e"] = stats_json(report.e2e);
    json["groups"] = Json::array();
    for (const auto& group : report.groups) {
        Json item;
        item["model"] = group.model;
        item["gpu"] = group.gpu;
        item["engine"] = group.engine;
        item["n"] = group.n;
        item["ttft_mape"] = optional_number(group.ttft, &ErrorStats::mape);
        item["ttft_bias"] = optional_number(group.ttft, &ErrorStats::bias);
        item["tpot_mape"] = optional_number(group.tpot, &ErrorStats::mape);
        item["tpot_bias"] = optional_number(group.tpot, &ErrorStats::bias);
        item["e2e_mape"] = optional_number(group.e2e, &ErrorStats::mape);
        item["e2e_bias"] = optional_number(group.e2e, &ErrorStats::bias);
        json["groups"].push_back(std::move(item));
    }
    return json_text(json);
}

std::string write_validation_table(const ValidationReport& report, const TableStyle& style) {
    const Pen pen(style);
    std::string out;
    const std::string title = fmt::format("{} rows predicted", format_count(static_cast<double>(report.n)));
    add_heading(out, title, pen.safe(report.cost_source), pen);
    out.erase(0, 1);
    const auto rows = summary_rows(report);
    if (!rows.empty()) add_table(out, summary_heads(), rows, 1, pen);
    if (report.queueing) add_hanging(out, "", 0, pen.safe(queue_text(*report.queueing)), Ink::plain, pen);
    if (report.pools) add_hanging(out, "", 0, pen.safe(pools_text(*report.pools)), Ink::plain, pen);
    if (!report.groups.empty()) {
        add_heading(out, "By model, GPU and engine", "", pen);
        add_table(out, group_heads(report), group_rows(report), 3, pen);
        add_hanging(out, "", 0,
                    "bias: mean of predicted over measured, less one; above zero the prediction is too slow",
                    Ink::dim, pen);
    }
    if (!report.skipped.empty()) {
        add_heading(out, "Not predicted", "", pen);
        for (const auto& s : report.skipped) {
            add_hanging(out, padded(format_count(static_cast<double>(s.n)), 8, Align::right), 8,
                        pen.safe(s.reason), Ink::plain, pen);
        }
    }
    return out;
}

std::string write_validation_markdown(const ValidationReport& report) {
    std::string out = fmt::format("{} rows predicted; {}\n\n", format_count(static_cast<double>(report.n)),
                                  escape_markdown(report.cost_source));
    const auto rows = summary_rows(report);
    if (!rows.empty()) add_markdown(out, summary_heads(), rows, 1);
    if (report.queueing) out += fmt::format("\n{}.\n", queue_text(*report.queueing));
    if (report.pools) out += fmt::format("\n{}.\n", pools_text(*report.pools));
    if (!report.groups.empty()) {
        out += '\n';
        add_markdown(out, group_heads(report), group_rows(report), 3);
    }
    if (!report.skipped.empty()) {
        out += "\n| rows not predicted | reason |\n|---:|---|\n";
        for (const auto& s : report.skipped) {
            out += fmt::format("| {} | {} |\n", format_count(static_cast<double>(s.n)),
                               escape_markdown(s.reason));
        }
    }
    return out;
}

}  // namespace moeplan
