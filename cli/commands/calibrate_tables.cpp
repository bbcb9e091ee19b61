#include "cli/commands/calibrate_tables.h"

#include <cctype>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/nearest.h"

namespace moeplan::cli {
namespace {

// "NVIDIA L40S" -> "l40s", as the catalog's ids are written.
std::string as_id(std::string name) {
    if (name.starts_with("NVIDIA ")) name.erase(0, 7);
    for (char& c : name) c = c == ' ' || c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name;
}

// By id or alias, with or without the form factor: tables say "h20_sxm" where there is one form only.
const DeviceSpec* device_called(const std::string& name, const Catalog& catalog) {
    for (const std::string& one : {name, as_id(name)}) {
        if (const DeviceSpec* found = catalog.device(one)) return found;
        for (const char* form : {"_sxm", "_pcie"}) {
            if (!one.ends_with(form)) continue;
            if (const DeviceSpec* found = catalog.device(one.substr(0, one.size() - std::string_view(form).size()))) return found;
        }
    }
    return nullptr;
}

// "h100_sxm-vllm-moe.csv" names its device first.
const DeviceSpec* device_of_file(const std::string& file, const Catalog& catalog) {
    const std::string stem = std::filesystem::path(file).stem().string();
    return device_called(stem.substr(0, stem.find('-')), catalog);
}

Result<const DeviceSpec*> device_of(const std::string& file, const std::string& column, const std::optional<std::string>& gpu, const Catalog& catalog) {
    const std::string& name = gpu ? *gpu : column;
    // The file's name is more exact than the driver's: "NVIDIA B200" leaves the form factor open.
    if (!gpu) {
        if (const DeviceSpec* found = device_of_file(file, catalog)) return found;
    }
    if (const DeviceSpec* found = device_called(name, catalog)) return found;
    const std::string near = did_you_mean(name, catalog.device_ids());
    return fail({gpu ? "--gpu" : file, {}, fmt::format("'{}' is not in the catalog of GPUs", name),
                 near.empty() ? "name it with --gpu; `moeplan gpu` lists them" : near, ProblemKind::wrong_input});
}

Problem nothing_in(const std::string& file, const KernelTable& table) {
    std::vector<std::string> why;
    for (const auto& [reason, n] : table.skipped) why.push_back(fmt::format("{} rows: {}", n, reason));
    return {file, {}, why.empty() ? "there are no rows under the header" : fmt::format("no row can be used ({})", fmt::join(why, "; ")), {}, ProblemKind::wrong_input};
}

}  // namespace

Result<Tables> read_tables(const std::vector<std::string>& files, const std::optional<std::string>& gpu, const Catalog& catalog) {
    Tables all;
    Problems problems;
    for (const std::string& file : files) {
        auto table = read_kernel_table(file);
        if (!table) {
            append(problems, table.error());
            continue;
        }
        if (table->set.rows.empty()) {
            problems.push_back(nothing_in(file, *table));
            continue;
        }
        const auto device = device_of(file, table->set.device, gpu, catalog);
        if (!device) {
            append(problems, device.error());
            continue;
        }
        if (all.device && all.device != *device) {
            problems.push_back({file, {}, fmt::format("is of {}, the others of {}: a profile is of one device", (*device)->name, all.device->name), {}, {}});
            continue;
        }
        all.device = *device;
        KernelTable& merged = all.merged;
        if (merged.set.rows.empty()) {
            merged.set.device = table->set.device;
            merged.set.source = file;
        } else {
            merged.set.source += ", " + file;
        }
        // Tables of collectives are measured by other programs; the engine is that of the first table of an engine.
        if (merged.set.engine.empty() && table->set.rows.size() && table->set.rows.front().family != KernelFamily::collective) merged.set.engine = table->set.engine;
        merged.set.rows.insert(merged.set.rows.end(), table->set.rows.begin(), table->set.rows.end());
        merged.skipped.insert(merged.skipped.end(), table->skipped.begin(), table->skipped.end());
    }
    if (!problems.empty()) return fail(std::move(problems));
    return all;
}

Result<Profile> load_prior(const std::string& name, const Catalog& catalog) {
    if (name.ends_with(".json")) return load_profile(name);
    auto found = catalog.profile_named(name);
    if (!found) return tl::unexpected(found.error());
    return **found;
}

std::string profile_name(const std::string& file) { return std::filesystem::path(file).stem().string(); }

Option gpu_option() {
    return {.name = "--gpu", .letter = "", .value = "GPU", .doc = "The GPU measured, as in the catalog; otherwise as the tables name it.", .completes = Completes::gpus};
}
Option seed_option() { return {.name = "--seed", .letter = "", .value = "N", .doc = "Which random choices: 1 unless given."}; }
Option prior_option() {
    return {.name = "--prior", .letter = "", .value = "PROFILE", .doc = "Start from another device's profile (a file, or a name of the catalog): fewer probes are needed.",
            .completes = Completes::files};
}
Option probes_option() { return {.name = "--probes", .letter = "", .value = "N", .doc = "At most so many probes (sample and evaluate: of every family and number format)."}; }

}  // namespace moeplan::cli
