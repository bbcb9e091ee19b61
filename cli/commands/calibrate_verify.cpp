// moeplan calibrate verify PROFILE: kernels no fit has seen, measured and compared with what the profile says.
#include <fmt/format.h>

#include "cli/columns.h"
#include "cli/commands/calibrate.h"
#include "cli/commands/calibrate_tables.h"
#include "cli/commands/commands.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "core/report/format.h"
#include "gpu/calibrator/verify.h"

namespace moeplan::cli {
namespace {

std::string milliseconds(double us) { return format_value(us * 1e-3, "ms"); }

std::string step_table(const VerifiedStep& step, const Profile& profile, const Console& console) {
    const StepMeasurement& m = step.measured;
    Columns table({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right});
    table.heading({"kernel", "times", "in the step", "alone", "predicted", "error"});
    for (const StepKernel& one : m.kernels) {
        const auto said = predict_kernel(profile, one.kernel);
        if (!said) continue;
        const double us = said->seconds * 1e6;
        const auto known = [](const std::optional<double>& value) { return value ? milliseconds(*value) : ""; };
        table.add({one.part, std::to_string(one.repeat), known(one.in_step_us), known(one.alone_us), milliseconds(us),
                   one.in_step_us ? format_value(us / *one.in_step_us - 1, "fraction") : ""});
    }
    const double quiet = m.quiet_us.value_or(m.median_us), predicted = step.predicted.seconds * 1e6;
    std::string text = title(shown("A whole step", console), shown(m.step, console), console) + table.text(console);
    text += paragraph(fmt::format("predicted {} ({} to {}), measured {} undisturbed, {} in the median: {:+.1f} %",
                                  milliseconds(predicted), milliseconds(step.predicted.low * 1e6),
                                  milliseconds(step.predicted.high * 1e6), milliseconds(quiet),
                                  milliseconds(m.median_us), 100 * (predicted / quiet - 1)),
                      2, console);
    if (const auto alone = sum_alone_us(m))
        text += paragraph(fmt::format("its kernels measured alone: {}", milliseconds(*alone)), 2, console);
    if (step.predicted.outside) text += paragraph("A kernel of the step lies outside what was measured.", 2, console);
    for (const std::string& part : step.by_copies)
        text += paragraph(fmt::format("{}: not in the profile, taken for a copy", part), 2, console);
    return text;
}

Result<VerifySettings> read_settings(const Arguments& arguments) {
    Problems problems;
    VerifySettings settings;
    const auto workers = arguments.all("--worker");
    if (workers.size() > 1) problems.push_back(wrong_at("--worker", "names several workers; one profile is of one"));
    settings.worker = workers.empty() ? default_worker() : workers.front();
    if (const auto probes = arguments.whole("--probes", 1, 5000, problems))
        settings.probes = static_cast<std::size_t>(*probes);
    if (const auto seed = arguments.whole("--seed", 0, std::int64_t{1} << 53, problems))
        settings.seed = static_cast<std::uint64_t>(*seed);
    settings.step = arguments.text("--step");
    if (!problems.empty()) return fail(std::move(problems));
    return settings;
}

ExitCode verify(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const auto settings = read_settings(arguments);
    if (!settings) return console.report(settings.error());
    const auto profile = load_prior(arguments.words()[1], *catalog);
    if (!profile) return console.report(profile.error());
    const Interrupt interrupt;
    auto verified = [&] {
        Progress progress(console);
        progress.control().cancel = Interrupt::flag();
        return verify_profile(*profile, *settings, progress.control());
    }();
    if (Interrupt::came()) return ExitCode::interrupted;
    if (!verified) return console.report(verified.error());
    const auto output = arguments.text("--output");
    if (arguments.text_or("--format", "table") == "json")
        return deliver(write_verification_json(*verified, *profile), output, console);
    for (const std::string& note : verified->notes) console.note(note);
    std::string text = write_kernel_scores_table(scores_of(*verified, *profile),
                                                 output ? Console::file_style() : console.style());
    if (verified->step) text += step_table(*verified->step, *profile, console);
    return deliver(text, output, console);
}

}  // namespace

CalibrateWord calibrate_verify_word() {
    return {.name = "verify",
            .doc = "how well a profile predicts kernels its device has not run yet",
            .least_files = 1,
            .most_files = 1,
            .options = {worker_option(), probes_option(), seed_option(),
                        {.name = "--step", .letter = "", .value = "SIZES",
                         .doc = "verify: the whole step a processor runs, as moeplan-probe --step takes it."},
                        format_option({"table", "json"}), output_option("The file to write.")},
            .run = verify};
}

}  // namespace moeplan::cli
