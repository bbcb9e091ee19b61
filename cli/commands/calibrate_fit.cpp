// moeplan calibrate fit TABLE…: a profile from tables of measured kernels; sample: a small table out of a large one.
#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cli/commands/calibrate.h"
#include "cli/commands/calibrate_tables.h"
#include "cli/commands/commands.h"
#include "cli/session.h"
#include "core/base/nearest.h"
#include "core/calibrate/profile.h"
#include "core/calibrate/sample.h"

namespace moeplan::cli {
namespace {

constexpr std::int64_t kMostProbes = 5000;

std::string today() { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr))); }

void tell(const FitReport& report, Console& console) {
    std::size_t widest = 0;
    for (const FamilyProfile& f : report.profile.families) widest = std::max(widest, f.format.size());
    for (const FamilyProfile& f : report.profile.families) {
        const std::string error = f.error ? fmt::format("mean error {:.1f} %, {:.0f} % in the interval, on {} held out", 100 * f.error->mape,
                                                        100 * f.error->coverage90, f.held_out)
                                          : "nothing held out";
        console.note(fmt::format("{:<18} {:<{}} {:>4} fitted; {}", name_of(f.family), f.format, widest, f.fitted, error));
    }
    for (const std::string& reason : report.left_out) console.note(fmt::format("left out: {}", reason));
}

ExitCode fit(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    Problems problems;
    const auto seed = arguments.whole("--seed", 0, 1'000'000'000, problems).value_or(1);
    const std::vector<std::string> files(arguments.words().begin() + 1, arguments.words().end());
    auto tables = read_tables(files, arguments.text("--gpu"), *catalog);
    if (!tables) append(problems, tables.error());
    std::optional<Profile> prior;
    if (const auto file = arguments.text("--prior")) {
        auto loaded = load_prior(*file, *catalog);
        if (loaded) prior = std::move(*loaded);
        else append(problems, loaded.error());
    }
    const auto output = arguments.text("--output");
    if (!output) problems.push_back(wrong_at("--output", "is needed: the file the profile is written to", "for example -o h100.json"));
    if (!problems.empty()) return console.report(problems);
    for (const std::string& note : tables->notes) console.note(note);
    tell_skipped(tables->merged.skipped, console);
    FitOptions options;
    options.seed = static_cast<std::uint64_t>(seed);
    options.prior = prior ? &*prior : nullptr;
    auto report = fit_profile(tables->merged.set, *tables->device, options);
    if (!report) return console.report(report.error());
    report->profile.name = arguments.text_or("--name", profile_name(*output));
    report->profile.source = arguments.text_or("--source", report->profile.source);
    report->profile.date = arguments.text_or("--date", today());
    tell(*report, console);
    const auto text = profile_text(report->profile, *output);
    return text ? deliver(*text, output, console) : console.report(text.error());
}

ExitCode sample(const Arguments& arguments, Console& console) {
    Problems problems;
    const auto probes = arguments.whole("--probes", 8, kMostProbes, problems).value_or(400);
    const auto seed = arguments.whole("--seed", 0, 1'000'000'000, problems).value_or(1);
    if (!problems.empty()) return console.report(problems);
    const auto text = sample_kernel_table(arguments.words()[1], static_cast<std::size_t>(probes), static_cast<std::uint64_t>(seed));
    if (!text) return console.report(text.error());
    tell_skipped(text->skipped, console);
    return deliver(text->text, arguments.text("--output"), console);
}

}  // namespace

CalibrateWord calibrate_fit_word() {
    return {.name = "fit",
            .doc = "a profile from tables of measured kernels",
            .least_files = 1,
            .most_files = 64,
            .options = {gpu_option(), seed_option(), prior_option(),
                        {.name = "--name", .letter = "", .value = "NAME", .doc = "fit: the profile's name; otherwise the output file's."},
                        {.name = "--source", .letter = "", .value = "TEXT", .doc = "fit: where the measurements are from, kept in the profile."},
                        {.name = "--date", .letter = "", .value = "DATE", .doc = "fit: kept in the profile; otherwise today's."},
                        output_option("The file to write.")},
            .run = fit};
}

CalibrateWord calibrate_sample_word() {
    return {.name = "sample",
            .doc = "the rows of a large table that are worth fitting",
            .least_files = 1,
            .most_files = 1,
            .options = {probes_option(), seed_option(), output_option("The file to write.")},
            .run = sample};
}

}  // namespace moeplan::cli
