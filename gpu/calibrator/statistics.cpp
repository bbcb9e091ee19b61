#include "gpu/calibrator/statistics.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "core/base/match.h"
#include "core/base/require.h"
#include "gpu/calibrator/plan.h"
#include "gpu/protocol/median.h"

namespace moeplan {
namespace {

constexpr std::size_t kMostRemarks = 1000;

using GroupKey = std::pair<KernelFamily, std::string>;

struct Gathered {
    GroupStatistics group;
    std::vector<double> spreads;
};

void note(std::vector<ProbeRemark>& remarks, const Kernel& kernel, std::string remark) {
    if (remarks.size() < kMostRemarks) remarks.push_back({to_text(kernel), std::move(remark)});
}

void take_answer(const JournalEntry& entry, Gathered& into, CalibrationStatistics& all) {
    ++into.group.measured;
    if (entry.reply.throttled) ++into.group.throttled;
    const auto interval = median_interval(entry.reply.samples_us);
    if (!interval) {
        ++into.group.few_samples;
        return;
    }
    const double spread = interval->relative_half_width();
    into.spreads.push_back(spread);
    if (spread <= kUncertainSpread) return;
    ++into.group.uncertain;
    note(all.uncertain, entry.request.kernel, fmt::format("median known to ± {:.0f} %", 100 * spread));
}

// What stays the same when a layer is asked for other sizes.
std::string shape_of(const Kernel& kernel) {
    return match(
        kernel, [](const GemmKernel& k) { return fmt::format("n {} k {}", k.n, k.k); },
        [](const ExpertKernel& k) {
            return fmt::format("hidden {} width {} experts {} top_k {}{}", k.hidden, k.width, k.held(), k.top_k,
                               k.gated ? "" : " ungated");
        },
        [](const AttentionKernel& k) {
            return fmt::format("heads {} kv_heads {} qk_dim {} v_dim {} window {}", k.heads, k.kv_heads, k.qk_dim,
                               k.v_dim, k.window);
        },
        [](const RouterKernel& k) { return fmt::format("experts {} top_k {}", k.experts, k.top_k); },
        [](const PermuteKernel& k) {
            return fmt::format("hidden {} experts {} top_k {}", k.hidden, k.experts, k.top_k);
        },
        [](const ActivationKernel& k) { return fmt::format("width {}", k.width); },
        [](const CopyKernel&) { return std::string(); }, [](const LaunchKernel&) { return std::string(); },
        [](const CollectiveKernel& k) { return fmt::format("{} ranks {}", name_of(k.kind), k.ranks); });
}

}  // namespace

CalibrationStatistics statistics_of(const std::vector<JournalEntry>& entries) {
    CalibrationStatistics all;
    std::map<GroupKey, Gathered> groups;
    std::unordered_map<std::string, const JournalEntry*> last;   // a probe's last attempt tells how it ended
    for (const JournalEntry& entry : entries) {
        last[key_of(entry.request.kernel)] = &entry;
        groups[{family_of(entry.request.kernel), format_of(entry.request.kernel)}].group.seconds += entry.seconds;
        all.seconds += entry.seconds;
        if (entry.kind != AnswerKind::ok) ++all.failures[entry.kind];
    }
    for (const JournalEntry& entry : entries) {
        if (last[key_of(entry.request.kernel)] != &entry) continue;
        Gathered& into = groups[{family_of(entry.request.kernel), format_of(entry.request.kernel)}];
        if (entry.kind == AnswerKind::ok) {
            take_answer(entry, into, all);
        } else {
            ++into.group.failed;
            note(all.failed, entry.request.kernel, fmt::format("{}: {}", name_of(entry.kind), entry.message));
        }
    }
    for (auto& [key, gathered] : groups) {
        gathered.group.family = key.first;
        gathered.group.format = key.second;
        if (!gathered.spreads.empty()) gathered.group.median_spread = median_of(std::move(gathered.spreads));
        all.groups.push_back(std::move(gathered.group));
    }
    return all;
}

Measurement measurement_of(const JournalEntry& entry) {
    require(entry.kind == AnswerKind::ok && !entry.reply.samples_us.empty(), "measurement_of: an answer with samples");
    Measurement m;
    const Kernel& kernel = entry.request.kernel;
    m.op = op_of(kernel);
    m.family = family_of(kernel);
    m.format = format_of(kernel);
    const auto* launch = std::get_if<LaunchKernel>(&kernel);
    const double executions = launch ? static_cast<double>(launch->kernels) : 1.0;
    m.seconds = median_of(entry.reply.samples_us) * 1e-6 / executions;
    if (const auto interval = median_interval(entry.reply.samples_us)) m.spread = interval->relative_half_width();
    m.shape = shape_of(kernel);
    m.kernel = entry.reply.kernel;
    m.source = fmt::format("probe {}", entry.request.id);
    return m;
}

MeasurementSet measurements_of(const JournalHeader& header, const std::vector<JournalEntry>& entries) {
    MeasurementSet set;
    const WorkerHello& hello = header.hello;
    set.device = hello.device;
    set.timed_here = true;
    set.source = fmt::format("measured on {} by {}", hello.device, header.worker);
    for (const std::string& part : {hello.driver, hello.runtime}) {
        if (!part.empty()) set.source += ", " + part;
    }
    for (const JournalEntry& entry : entries) {
        if (entry.kind == AnswerKind::ok) set.rows.push_back(measurement_of(entry));
    }
    return set;
}

}  // namespace moeplan
