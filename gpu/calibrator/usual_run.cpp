#include "gpu/calibrator/usual_run.h"

#include <ctime>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "gpu/calibrator/measured_device.h"

namespace moeplan {
namespace {

namespace fs = std::filesystem;

std::string quoted_for_shell(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string today() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

}  // namespace

std::vector<std::string> workers_beside_program() {
    std::vector<std::string> workers;
    std::error_code error;
    const fs::path self = fs::read_symlink("/proc/self/exe", error);
    if (error) return workers;
    for (const char* name : {"moeplan-probe", "moeplan-probe-cuda"}) {
        const fs::path beside = self.parent_path() / name;
        if (fs::exists(beside, error)) workers.push_back(quoted_for_shell(beside.string()));
    }
    return workers;
}

std::string default_worker() {
    const auto beside = workers_beside_program();
    return !beside.empty() && beside.front().ends_with("/moeplan-probe'") ? beside.front() : "moeplan-probe";
}

PlanFor plan_around(std::vector<WeightedOp> ops) {
    return [ops = std::move(ops)](const WorkerHello& hello) { return plan_for(ops, hello); };
}

Result<PlanFor> plan_around_well_known_models(const Catalog& catalog) {
    std::vector<ModelSpec> models;
    Problems problems;
    for (const std::string& id : well_known_models()) {
        auto model = find_model(catalog, id);
        if (model) models.push_back(std::move(*model));
        else append(problems, model.error());
    }
    if (!problems.empty()) return fail(std::move(problems));
    return PlanFor([models = std::move(models)](const WorkerHello& hello) { return default_plan(models, hello); });
}

CalibrateTools tools_with_catalog(PlanFor plan, const Catalog& catalog) {
    CalibrateTools tools = usual_tools(std::move(plan));
    tools.fit = [&catalog, fit = tools.fit](const MeasurementSet& set, const DeviceSpec& device, const FitOptions& options) {
        const DeviceSpec* known = catalog.device(device.name);
        return fit(set, known ? *known : device, options);
    };
    return tools;
}

Result<FitReport> fit_calibration(const Calibration& run, const CalibrateSettings& settings, const CalibrateTools& tools,
                                  const std::string& name) {
    FitOptions options;
    options.seed = settings.seed;
    options.prior = settings.prior.get();
    const DeviceSpec device = settings.device.value_or(measured_device(run.header.hello, run.set.rows));
    auto fitted = tools.fit(run.set, device, options);
    if (!fitted) return fitted;
    Profile& profile = fitted->profile;
    if (profile.name.empty()) profile.name = name;
    if (profile.device_name.empty()) profile.device_name = run.header.hello.device;
    if (profile.source.empty()) profile.source = run.set.source;
    if (profile.date.empty()) profile.date = today();
    return fitted;
}

}  // namespace moeplan
