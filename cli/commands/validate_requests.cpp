// moeplan validate requests FILE: a measured run replayed, its distributions held against the simulated ones.
#include "cli/commands/validate_requests.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "cli/commands/compare_settings.h"
#include "cli/parse.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "core/base/nearest.h"
#include "core/cost/cost_source.h"
#include "core/report/validation_requests.h"
#include "sim/serving/validate_requests.h"

namespace moeplan::cli {
namespace {

// What is asked of: a scenario of one candidate.
Result<Scenario> from_study(const Arguments& arguments) {
    auto study = read_study(*arguments.text("--study"), {});
    if (!study) return study;
    std::vector<std::string> names;
    for (const Candidate& c : study->candidates) names.push_back(c.name);
    const auto wanted = arguments.text("--candidate");
    if (!wanted && names.size() > 1) {
        return fail(wrong_at("--candidate", fmt::format("the study has several: {}", one_of(names)), "name the one that was measured"));
    }
    const auto at = wanted ? std::ranges::find(study->candidates, *wanted, &Candidate::name) : study->candidates.begin();
    if (at == study->candidates.end()) {
        return fail(wrong_at("--candidate", fmt::format("the study has no '{}'", wanted.value_or("")), did_you_mean(wanted.value_or(""), names)));
    }
    study->candidates = {*at};
    study->fleets.clear();
    study->sweep.clear();
    return study;
}

Result<Scenario> from_options(const Arguments& arguments) {
    Scenario s;
    s.routing = kUsualRouting;   // as validate serving
    s.money.price = GivenPrice{0};
    s.workload.lengths = FixedLengths{};
    Candidate c;
    const auto model = arguments.text("--model");
    if (!model) return fail(wrong_at("--model", "nothing says which model was measured", "--model and --gpu, or --study and --candidate"));
    c.name = c.model = *model;
    if (const auto profile = arguments.text("--profile")) c.profile = *profile;
    Problems problems;
    Settings settings;
    for (const char* name : {"gpu", "count", "layout", "precision", "kv", "engine", "skew"}) {
        if (const auto value = arguments.text(fmt::format("--{}", name))) settings[name] = {fmt::format("--{}", name), *value};
    }
    apply_to_study(settings, s, problems);
    if (!apply_to_candidate(settings, {}, s, c, problems)) c.count = 1;
    c.max_sequences = arguments.whole("--max-sequences", 1, 1'000'000, problems);
    c.token_budget = arguments.whole("--token-budget", 1, 1'000'000'000, problems);
    c.memory_fraction = arguments.number("--memory-fraction", 0.01, 1, problems);
    c.kv_blocks = arguments.number("--kv-blocks", 1, 1e12, problems);
    if (const auto version = arguments.text("--engine-version")) {
        if (parse_engine_version(*version)) c.engine_version = *version;
        else problems.push_back(wrong_at("--engine-version", fmt::format("'{}' is not a version", *version), "0.12.0"));
    }
    if (arguments.text("--sampling") == name_of(Sampling::filtered)) s.workload.sampling = Sampling::filtered;
    if (!problems.empty()) return fail(std::move(problems));
    s.candidates.push_back(std::move(c));
    return s;
}

Problems clashes(const Arguments& arguments) {
    Problems problems;
    const bool study = arguments.text("--study").has_value();
    for (const char* option : {"--model", "--gpu", "--engine", "--count", "--layout", "--precision", "--kv", "--skew", "--max-sequences",
                               "--token-budget", "--memory-fraction", "--kv-blocks", "--profile", "--engine-version", "--sampling"}) {
        if (study && arguments.text(option)) problems.push_back(wrong_at(option, "the study says that already", "leave out one of the two"));
    }
    if (!study && arguments.text("--candidate")) problems.push_back(wrong_at("--candidate", "there is no study to find it in", "give --study FILE"));
    return problems;
}

// What the file does not tell, or tells otherwise.
KnownLoad known_load(const Arguments& arguments, Problems& problems) {
    KnownLoad known;
    if (const auto n = arguments.whole("--concurrency", 1, 1'000'000, problems)) known.concurrency = static_cast<double>(*n);
    known.rate = arguments.text("--rate") == "inf" ? std::optional(std::numeric_limits<double>::infinity()) : arguments.number("--rate", 1e-6, 1e6, problems);
    known.input_tokens = arguments.whole("--isl", 1, 1'000'000'000, problems);
    return known;
}

Result<MeasuredRun> measured_run(const Arguments& arguments) {
    Problems problems;
    const auto which = arguments.whole("--run", 1, 1'000'000, problems);
    const KnownLoad known = known_load(arguments, problems);
    if (!problems.empty()) return fail(std::move(problems));
    auto run = read_measured_requests(arguments.words()[1], which);
    if (!run) return run;
    return with_load(std::move(*run), known);
}

}  // namespace

ExitCode validate_measured_requests(const Arguments& arguments, const Catalog& catalog, Console& console) {
    if (auto problems = clashes(arguments); !problems.empty()) return console.report(problems);
    const std::string& file = arguments.words()[1];
    const auto run = measured_run(arguments);
    if (!run) return console.report(run.error());
    auto scenario = arguments.text("--study") ? from_study(arguments) : from_options(arguments);
    if (!scenario) return console.report(scenario.error());
    auto workload = workload_of(*run);
    if (!workload) {
        Problems problems = workload.error();
        for (Problem& p : problems) p.where = file;
        return console.report(problems);
    }
    workload->sampling = scenario->workload.sampling;
    scenario->workload = std::move(*workload);
    scenario->candidates.front().lengths.reset();
    const auto prepared = prepare(*scenario, catalog, nullptr);
    if (!prepared) return console.report(prepared.error());
    const auto source = make_calibrated(make_roofline());
    const Candidate& c = scenario->candidates.front();
    ReplayOptions options;
    options.simulate = c.simulate ? *c.simulate : scenario->simulate;
    options.requests_file = arguments.text_or("--requests-out", "");
    options.seed = scenario->seed;
    auto report = [&] {
        Progress progress(console);
        return validate_requests(*run, prepared->front(), anchored(c.routing ? *c.routing : scenario->routing, scenario->file), *source, options,
                                 progress.control());
    }();
    if (!report) return console.report(report.error());
    report->file = file;
    const auto output = arguments.text("--output");
    const std::string format = arguments.text_or("--format", "table");
    const TableStyle style = output ? Console::file_style() : console.style();
    return deliver(format == "json" ? write_requests_validation_json(*report)
                   : format == "md" ? write_requests_validation_markdown(*report)
                                    : write_requests_validation_table(*report, style),
                   output, console);
}

}  // namespace moeplan::cli
