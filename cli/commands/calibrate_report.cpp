// moeplan calibrate report JOURNAL|PROFILE…: what was measured, how noisy it was, and how well the profile predicts it.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include <fmt/format.h>

#include "cli/commands/calibrate.h"
#include "cli/commands/calibrate_tables.h"
#include "cli/commands/commands.h"
#include "cli/session.h"
#include "core/base/match.h"
#include "core/calibrate/profile.h"
#include "core/report/calibration_report.h"
#include "core/report/format.h"
#include "gpu/calibrator/journal.h"
#include "gpu/calibrator/statistics.h"
#include "gpu/calibrator/verify.h"
#include "gpu/protocol/median.h"

namespace moeplan::cli {
namespace {

constexpr std::size_t kMostFailedProbes = 50;

struct Given {
    std::optional<JournalContent> journal;
    std::string journal_file;
    std::optional<Profile> profile;
};

enum class Content { journal, profile, neither };

// By the first bytes: both name themselves there.
Content content_of(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string head(256, '\0');
    stream.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(stream.gcount()));
    if (head.find("\"moeplan_journal\"") != std::string::npos) return Content::journal;
    if (head.find("\"moeplan_profile\"") != std::string::npos) return Content::profile;
    return Content::neither;
}

Problems take(const std::string& name, const Catalog& catalog, Given& given) {
    std::error_code error;
    if (std::filesystem::is_directory(name, error)) return {wrong_at(name, "is a folder; expected a journal or a profile")};
    const bool file = std::filesystem::exists(name, error);
    // A catalog's names are no paths.
    if (!file && (name.find('/') != std::string::npos || name.ends_with(".json") || name.ends_with(".jsonl")))
        return {wrong_at(name, "is not there; expected a journal or a profile")};
    const Content content = file ? content_of(name) : Content::neither;
    if (content == Content::journal) {
        if (given.journal) return {wrong_at(name, "is a second journal; one is reported at a time")};
        auto journal = read_journal(name);
        if (!journal) return journal.error();
        given.journal = std::move(*journal);
        given.journal_file = name;
        return {};
    }
    if (file && content == Content::neither)
        return {wrong_at(name,
                         "is neither a journal nor a profile: one begins with {\"moeplan_journal\", the other with "
                         "{\"moeplan_profile\"")};
    auto profile = load_prior(name, catalog);  // a file, or a name of the catalog
    if (!profile) return profile.error();
    if (given.profile) return {wrong_at(name, "is a second profile; one is reported at a time")};
    given.profile = std::move(*profile);
    return {};
}

bool computes(KernelFamily family) {
    return family == KernelFamily::gemm || family == KernelFamily::moe_ffn ||
           family == KernelFamily::attention_prefill || family == KernelFamily::attention_decode;
}

// A launch has no size.
double size_of(const Measurement& m) {
    if (m.family == KernelFamily::launch) return 0;
    if (const auto* c = std::get_if<Collective>(&m.op)) return c->bytes.value;
    const Work work = work_of(m.op);
    return computes(m.family) ? work.flops.value : work.bytes.value;
}

CalibrationPoint point_of(const JournalEntry& entry, const Profile* profile) {
    const Measurement m = measurement_of(entry);
    CalibrationPoint point{to_text(entry.request.kernel), size_of(m), m.seconds, {}, entry.reply.throttled, {}, false};
    if (const auto interval = median_interval(entry.reply.samples_us))
        point.half_width = interval->relative_half_width();
    if (!profile || m.family == KernelFamily::launch) return point;
    if (const auto p = predict_kernel(*profile, entry.request.kernel)) {
        point.predicted = Estimate{p->seconds, p->low, p->high};
        point.outside = p->outside;
    }
    return point;
}

CalibrationFamily& family_in(CalibrationReport& report, KernelFamily family, const std::string& format) {
    const std::string name(name_of(family));
    for (CalibrationFamily& f : report.families) {
        if (f.family == name && f.format == format) return f;
    }
    CalibrationFamily f;
    f.family = name;
    f.format = format;
    f.computes = computes(family);
    report.families.push_back(std::move(f));
    return report.families.back();
}

void add_statistics(const CalibrationStatistics& statistics, CalibrationReport& report) {
    const auto whole = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
    for (const GroupStatistics& g : statistics.groups) {
        CalibrationFamily& f = family_in(report, g.family, g.format);
        f.measured = whole(g.measured);
        f.failed = whole(g.failed);
        f.wide = whole(g.uncertain);
        f.few_samples = whole(g.few_samples);
        f.throttled = whole(g.throttled);
        if (g.measured > g.few_samples) f.noise = g.median_spread;
        f.seconds = g.seconds;
    }
    for (const auto& [kind, n] : statistics.failures) report.failures.push_back({std::string(name_of(kind)), whole(n)});
    for (const ProbeRemark& remark : statistics.failed) {
        if (report.failed_probes.size() == kMostFailedProbes) break;
        report.failed_probes.push_back({remark.probe, remark.remark});
    }
    if (statistics.failed.size() > kMostFailedProbes)
        report.notes.push_back(fmt::format("{} probes have no answer; {} of them are listed", statistics.failed.size(),
                                           kMostFailedProbes));
    report.seconds = statistics.seconds;
}

// The last answer of a kernel that was asked again stands for it, as in the fit.
void add_points(const std::vector<JournalEntry>& entries, const Profile* profile, CalibrationReport& report) {
    CalibrationMoment now;
    for (const JournalEntry& entry : entries) {
        now.seconds += entry.seconds;
        ++(entry.kind == AnswerKind::ok ? now.answered : now.failed);
        report.moments.push_back(now);
        if (entry.kind != AnswerKind::ok) continue;
        const Kernel& kernel = entry.request.kernel;
        family_in(report, family_of(kernel), format_of(kernel)).points.push_back(point_of(entry, profile));
    }
}

std::string clocks_of(const std::vector<JournalEntry>& entries) {
    double low = std::numeric_limits<double>::infinity(), high = 0;
    for (const JournalEntry& entry : entries) {
        if (entry.kind != AnswerKind::ok || !entry.reply.clock_mhz) continue;
        low = std::min(low, *entry.reply.clock_mhz);
        high = std::max(high, *entry.reply.clock_mhz);
    }
    return high > 0 ? fmt::format("{:.0f} to {:.0f} MHz", low, high) : "";
}

void add_fact(CalibrationReport& report, const std::string& name, const std::string& value) {
    if (!value.empty()) report.facts.push_back({name, value});
}

void add_journal(const Given& given, CalibrationReport& report) {
    const auto& [header, entries, notes] = *given.journal;
    const WorkerHello& hello = header.hello;
    report.has_journal = true;
    report.title = hello.device;
    add_fact(report, "driver", hello.driver);
    add_fact(report, "runtime", hello.runtime);
    if (hello.memory_bytes > 0)
        add_fact(report, "memory", format_value(static_cast<double>(hello.memory_bytes), "bytes"));
    if (hello.core_mhz) add_fact(report, "clock at the start", fmt::format("{:.0f} MHz", *hello.core_mhz));
    add_fact(report, "clocks while probing", clocks_of(entries));
    if (hello.devices > 1) add_fact(report, "devices", std::to_string(hello.devices));
    if (hello.threads > 0) add_fact(report, "threads", std::to_string(hello.threads));
    add_fact(report, "worker", header.worker);
    add_fact(report, "journal", given.journal_file);
    for (const std::string& note : notes) report.notes.push_back(fmt::format("{}: {}", given.journal_file, note));
    add_statistics(statistics_of(entries), report);
    add_points(entries, given.profile ? &*given.profile : nullptr, report);
}

void add_profile(const Given& given, CalibrationReport& report) {
    const Profile& profile = *given.profile;
    report.has_profile = true;
    if (report.title.empty()) report.title = profile.device_name.empty() ? profile.device : profile.device_name;
    add_fact(report, "profile", profile.name);
    add_fact(report, "profile's device", profile.device_name.empty() ? profile.device : profile.device_name);
    add_fact(report, "engine", profile.engine);
    add_fact(report, "fitted on", profile.date);
    add_fact(report, "source", profile.source);
    for (const FamilyProfile& p : profile.families) {
        CalibrationFamily& f = family_in(report, p.family, p.format);
        f.fitted = true;
        f.n_fit = static_cast<std::uint64_t>(p.fitted);
        f.n_held_out = static_cast<std::uint64_t>(p.held_out);
        f.held_out = p.error;
    }
    const std::string& measured = given.journal ? given.journal->header.hello.device : profile.device_name;
    if (measured != profile.device_name && !profile.device_name.empty())
        report.notes.push_back(fmt::format("the profile is of {}, the journal of {}", profile.device_name, measured));
}

CalibrationReport report_of(const Given& given) {
    CalibrationReport report;
    if (given.journal) add_journal(given, report);
    if (given.profile) add_profile(given, report);
    std::ranges::stable_sort(report.families, {},
                             [](const CalibrationFamily& f) { return std::pair(f.family, f.format); });
    score_points(report);
    return report;
}

std::string written(const CalibrationReport& report, const std::string& format, const TableStyle& style) {
    if (format == "json") return write_calibration_json(report);
    if (format == "md") return write_calibration_markdown(report);
    if (format == "html") return write_calibration_html(report);
    return write_calibration_table(report, style);
}

ExitCode report(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const std::string format = chosen_format(arguments);
    if (format == "csv")
        return console.report({wrong_at("--output", "a calibration report is table, json, md or html")});
    Given given;
    Problems problems;
    for (std::size_t i = 1; i < arguments.words().size(); ++i)
        append(problems, take(arguments.words()[i], *catalog, given));
    if (!problems.empty()) return console.report(problems);
    const auto output = arguments.text("--output");
    return deliver(written(report_of(given), format, output ? Console::file_style() : console.style()), output,
                   console);
}

}  // namespace

CalibrateWord calibrate_report_word() {
    return {.name = "report",
            .doc = "what a journal holds and what a profile is worth, or both together",
            .least_files = 1,
            .most_files = 2,
            .options = {format_option({"table", "json", "md", "html"}),
                        output_option("Write to this file instead of standard output.")},
            .run = report};
}

}  // namespace moeplan::cli
