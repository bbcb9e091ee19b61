#include "cli/commands/compare_study.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/commands/compare_settings.h"
#include "cli/fewest_gpus.h"
#include "core/analyse/prepare.h"
#include "core/base/units_text.h"
#include "core/report/format.h"

namespace moeplan::cli {
namespace {

constexpr double kUsualBatch = 32;

// What the candidate is called: the last part of its model's name, without what expectations use as marks.
std::string short_name(const std::string& model) {
    std::filesystem::path path(model);
    if (path.filename().empty()) path = path.parent_path();
    if (path.filename() == "config.json" && path.has_parent_path()) path = path.parent_path();
    std::string name = path.filename().string();
    for (const char* extension : {".json", ".gguf"}) {
        if (name.ends_with(extension)) name.resize(name.size() - 5);
    }
    std::ranges::replace_if(
        name, [](char c) { return std::string_view(".@=[]").find(c) != std::string_view::npos; }, '-');
    return name.substr(0, 80);
}

// Two of one name are told apart by the GPU where that differs, else by number.
void make_names_distinct(std::vector<Candidate>& candidates) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const auto taken = [&](const std::string& name) {
            return std::ranges::count(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(i),
                                      name, &Candidate::name) > 0;
        };
        const std::string base = candidates[i].name;
        if (taken(base)) candidates[i].name = base + "-" + candidates[i].gpu;
        for (int n = 2; taken(candidates[i].name); ++n) candidates[i].name = fmt::format("{}-{}", base, n);
    }
}

void read_load(const Arguments& arguments, Workload& workload, Problems& problems) {
    const auto batch = arguments.number("--batch", 1, 1e7, problems);
    workload.load = ClosedLoop{batch.value_or(kUsualBatch)};
    const auto rate = arguments.text("--rate");
    if (!rate) return;
    if (arguments.has("--batch"))
        problems.push_back(
            wrong_at("--rate", "excludes --batch: requests come at a rate or from so many users"));
    const auto read = parse_per_second(*rate);
    if (read && read->value > 0 && read->value <= 1e9) workload.load = PoissonLoad{*read};
    else
        problems.push_back(wrong_at(
            "--rate", read ? fmt::format("expected a rate above 0, found '{}'", *rate) : read.error(),
            "for example 4/s"));
}

void read_quality(const Arguments& arguments, Scenario& scenario, Problems& problems) {
    const auto benchmark = arguments.text("--benchmark");
    const auto evaluator = arguments.text("--evaluator");
    if (benchmark) scenario.quality = QualitySpec{PublishedScore{*benchmark, evaluator, {}}, {}};
    else if (evaluator) problems.push_back(wrong_at("--evaluator", "needs --benchmark"));
}

void add_sweep(Scenario& scenario) {
    SweepAxis axis;
    axis.name = "batch";
    for (int batch = 1; batch <= 256; batch *= 2) axis.values.push_back(std::to_string(batch));
    scenario.sweep.push_back(std::move(axis));
}

// The GPUs a candidate gets when nobody said how many. What cannot be looked up is told by run().
void choose_count(Candidate& candidate, const Scenario& scenario, const Catalog& catalog,
                  std::vector<std::string>& notes) {
    const auto model = find_model(catalog, candidate.model);
    const DeviceSpec* device = catalog.device(candidate.gpu);
    const EngineSpec* engine = catalog.engine(candidate.engine);
    if (!model || !device || !engine) return;
    const auto& lengths =
        candidate.lengths ? *candidate.lengths : std::get<FixedLengths>(scenario.workload.lengths);
    const auto* users = std::get_if<ClosedLoop>(&scenario.workload.load);
    const auto precision = resolve_precision(candidate.precision, *model);
    const double context = lengths.input + lengths.output;
    const auto for_all =
        users ? fewest_gpus(*model, precision, *device, *engine, context, users->concurrency) : std::nullopt;
    const auto chosen = for_all ? for_all : fewest_gpus(*model, precision, *device, *engine, context);
    candidate.count = chosen.value_or(1);
    const std::string many = candidate.count == 1 ? "1 GPU" : fmt::format("{} GPUs", candidate.count);
    if (for_all)
        notes.push_back(fmt::format("{}: {}, the fewest that hold it and {} requests; --count chooses",
                                    candidate.name, many, format_count(users->concurrency)));
    else if (chosen)
        notes.push_back(
            fmt::format("{}: {}, the fewest that hold it; --count chooses", candidate.name, many));
}

std::string title_of(const std::vector<Candidate>& candidates) {
    std::vector<std::string> names;
    for (const auto& candidate : candidates) names.push_back(candidate.name);
    return fmt::format("{}", fmt::join(names, " against "));
}

}  // namespace

const std::vector<std::string>& candidate_keys() { return setting_names(); }

Result<ComparedStudy> study_from(const Arguments& arguments, const Catalog& catalog) {
    Problems problems;
    ComparedStudy study;
    Scenario& scenario = study.scenario;
    scenario.objective = arguments.text_or("--objective", scenario.objective);
    read_load(arguments, scenario.workload, problems);
    read_quality(arguments, scenario, problems);
    if (const auto used = arguments.text("--utilisation")) {
        const auto share = parse_fraction(*used);
        if (share && *share > 0) scenario.money.utilisation = *share;
        else
            problems.push_back(wrong_at("--utilisation",
                                        fmt::format("expected a share above 0, found '{}'", *used),
                                        "for example 0.35 or '35 %'"));
    }
    const Settings common = settings_of(arguments);
    apply_to_study(common, scenario, problems);
    std::vector<bool> counted;
    for (const auto& word : arguments.words()) {
        const auto [model, own] = split_word(word, problems);
        Candidate candidate;
        candidate.model = model;
        candidate.name = short_name(model);
        candidate.spot = {"command line", 0, model};
        counted.push_back(apply_to_candidate(common, own, scenario, candidate, problems));
        scenario.candidates.push_back(std::move(candidate));
    }
    make_names_distinct(scenario.candidates);
    if (!problems.empty()) return fail(std::move(problems));
    for (std::size_t i = 0; i < scenario.candidates.size(); ++i) {
        if (!counted[i]) choose_count(scenario.candidates[i], scenario, catalog, study.notes);
    }
    scenario.name = title_of(scenario.candidates);
    if (!arguments.has("--no-sweep")) add_sweep(scenario);
    return study;
}

}  // namespace moeplan::cli
