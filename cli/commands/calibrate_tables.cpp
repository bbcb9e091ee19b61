#include "cli/commands/calibrate_tables.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>

#include "core/base/lower_case.h"
#include "core/base/nearest.h"
#include "core/calibrate/import_record.h"
#include "sim/trace/unpacked_text.h"

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

// Whether a name leaves open that it is this one: drivers say "NVIDIA B200" of every form of it.
bool may_be(const std::string& name, const DeviceSpec& device) { return device.id.starts_with(as_id(name) + "_"); }

// The column decides; the file's name and --gpu among what it leaves open.
Result<const DeviceSpec*> device_of(const std::string& file, const std::string& column, const std::optional<std::string>& gpu, const Catalog& catalog,
                                    std::vector<std::string>& notes) {
    const auto unknown = [&catalog](const std::string& where, const std::string& name) {
        const std::string near = did_you_mean(name, catalog.device_ids());
        return fail({where, {}, fmt::format("'{}' is not in the catalog of GPUs", name), near.empty() ? "name it with --gpu; `moeplan gpu` lists them" : near,
                     ProblemKind::wrong_input});
    };
    const DeviceSpec* told = gpu ? device_called(*gpu, catalog) : nullptr;
    if (gpu && !told) return unknown("--gpu", *gpu);
    const DeviceSpec* measured = column.empty() ? nullptr : device_called(column, catalog);
    if (told) {
        if (!measured || told == measured || may_be(column, *told)) return told;
        return fail({"--gpu", {}, fmt::format("is {}, but {} was measured on '{}', which is {}", told->id, file, column, measured->id),
                     "leave --gpu out; a table whose column is wrong has to be corrected", ProblemKind::wrong_input});
    }
    const DeviceSpec* named = device_of_file(file, catalog);
    if (!measured) return named ? Result<const DeviceSpec*>(named) : unknown(file, column);
    if (!named || named == measured) return measured;
    if (may_be(column, *named)) return named;
    notes.push_back(fmt::format("{} is named after {}, but was measured on '{}': taken for {}", file, named->id, column, measured->id));
    return measured;
}

// "VLLM 0.24.0" -> "vllm".
std::string engine_name(const std::string& engine) { return lower_case(engine.substr(0, engine.find(' '))); }

// What a table's kernels are of; empty where all are collectives, which other programs measure.
std::string engine_of(const KernelTable& table) {
    const bool any = std::ranges::any_of(table.set.rows, [](const Measurement& m) { return m.family != KernelFamily::collective; });
    return any ? table.set.engine : std::string();
}

void add_skipped(std::vector<SkippedRows>& into, const std::vector<SkippedRows>& more) {
    for (const SkippedRows& one : more) {
        const auto known = std::ranges::find(into, one.reason, &SkippedRows::reason);
        if (known == into.end()) into.push_back(one);
        else known->n += one.n;
    }
}

// Plain or packed.
Result<KernelTable> table_in(const std::string& file) {
    auto text = read_unpacked(file, kLargestImport, "a table of measured kernels");
    if (!text) return tl::unexpected(text.error());
    std::istringstream stream(std::move(*text));
    return read_kernel_table(stream, file);
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
        auto table = table_in(file);
        if (!table) {
            append(problems, table.error());
            continue;
        }
        if (table->set.rows.empty()) {
            problems.push_back(nothing_in(file, *table));
            continue;
        }
        const auto device = device_of(file, table->set.device, gpu, catalog, all.notes);
        if (!device) {
            append(problems, device.error());
            continue;
        }
        if (all.device && all.device != *device) {
            problems.push_back({file, {}, fmt::format("is of {}, the others of {}: a profile is of one device", (*device)->name, all.device->name), {}, {}});
            continue;
        }
        const std::string engine = engine_of(*table), before = all.merged.set.engine;
        if (!engine_name(engine).empty() && !engine_name(before).empty() && engine_name(engine) != engine_name(before)) {
            problems.push_back({file, {}, fmt::format("is of {}, the others of {}: a profile is of one engine", engine, before), {}, {}});
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
        if (merged.set.engine.empty()) merged.set.engine = engine;
        merged.set.rows.insert(merged.set.rows.end(), table->set.rows.begin(), table->set.rows.end());
        add_skipped(merged.skipped, table->skipped);
    }
    if (!problems.empty()) return fail(std::move(problems));
    return all;
}

Result<Profile> load_prior(const std::string& name, const Catalog& catalog) {
    std::error_code error;
    if (name.ends_with(".json") || std::filesystem::exists(name, error)) return load_profile(name);
    auto found = catalog.profile_named(name);
    if (!found) return tl::unexpected(found.error());
    return **found;
}

void tell_skipped(const std::vector<SkippedRows>& skipped, Console& console) {
    for (const SkippedRows& one : skipped) console.note(fmt::format("{} left out: {}", one.n, one.reason));
}

std::string without_json(const std::string& file) { return file.ends_with(".json") ? file.substr(0, file.size() - 5) : file; }

std::string profile_name(const std::string& file) {
    return file == "-" ? kProfileName : without_json(std::filesystem::path(file).filename().string());
}

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
