// The tables that imports are written to.

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/base/units_text.h"
#include "core/calibrate/import_readers.h"
#include "core/calibrate/read_kernel_table.h"
#include "core/report/csv.h"
#include "core/report/text_width.h"

namespace moeplan {
namespace {

constexpr std::array kSizes{"tp", "pp", "attention_dp", "moe_tp", "moe_ep"};
constexpr std::array kFormats{"gemm_dtype", "moe_dtype"};
constexpr std::array kNeeded{"model", "gpu", "engine", "tp"};

template <std::size_t N>
bool one_of_these(const std::array<const char*, N>& names, std::string_view name) {
    return std::ranges::any_of(names, [&](const char* n) { return name == n; });
}

const std::vector<std::string>& kernel_columns() {
    static const std::vector<std::string> all{"framework",
                                              "version",
                                              "device",
                                              "op_name",
                                              "kernel_source",
                                              "moe_dtype",
                                              "num_tokens",
                                              "hidden_size",
                                              "inter_size",
                                              "topk",
                                              "num_experts",
                                              "moe_tp_size",
                                              "moe_ep_size",
                                              "distribution",
                                              "gemm_dtype",
                                              "m",
                                              "n",
                                              "k",
                                              "attn_dtype",
                                              "mla_dtype",
                                              "kv_cache_dtype",
                                              "architecture",
                                              "gemm_type",
                                              "batch_size",
                                              "isl",
                                              "step",
                                              "num_heads",
                                              "num_key_value_heads",
                                              "head_dim",
                                              "window_size",
                                              "nccl_dtype",
                                              "allreduce_dtype",
                                              "num_gpus",
                                              "message_size",
                                              "latency",
                                              "source"};
    return all;
}

const std::vector<std::string>& server_columns() {
    static const std::vector<std::string> all{
        "model",        "gpu",    "engine", "engine_version", "gemm_dtype",   "moe_dtype", "kv_dtype",
        "serving_mode", "isl",    "osl",    "lengths",        "concurrency",  "tp",        "pp",
        "attention_dp", "moe_tp", "moe_ep", "mean_ttft_ms",   "mean_tpot_ms", "statistic", "quality_flag",
        "source"};
    return all;
}

// What was measured, and under which load, is the file's to say.
const std::vector<std::string>& settable_columns(ImportTarget target) {
    static const std::vector<std::string> kernels{"framework", "version", "device"};
    static const std::vector<std::string> servers{"model",      "gpu",          "engine",   "engine_version",
                                                  "gemm_dtype", "moe_dtype",    "kv_dtype", "tp",
                                                  "pp",         "attention_dp", "moe_tp",   "moe_ep"};
    return target == ImportTarget::kernels ? kernels : servers;
}

std::string_view cell(const ImportRow& row, std::string_view column) {
    const auto found = row.find(column);
    return found == row.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<Problem> wrong_value(const std::string& column, const std::string& value) {
    if (one_of_these(kSizes, column)) {
        const auto number = parse_number(value);
        if (!number || *number < 1 || *number > 4096 || *number != static_cast<double>(static_cast<int>(*number)))
            return Problem{"", column, fmt::format("'{}' is no whole number from 1 to 4096", value), "", {}};
    }
    if (one_of_these(kFormats, column) && !benchmark_format(value))
        return Problem{
            "", column, fmt::format("'{}' is no number format", value), did_you_mean(value, number_format_names()), {}};
    return std::nullopt;
}

std::string flag_of(const ImportRow& row) {
    std::string unknown;
    for (const char* column : kNeeded) {
        if (cell(row, column).empty()) unknown += fmt::format("{}{}", unknown.empty() ? "not known: " : " ", column);
    }
    const std::string own(cell(row, "quality_flag"));
    return own.empty() || unknown.empty() ? own + unknown : own + "; " + unknown;
}

}  // namespace

const std::vector<std::string>& import_columns(ImportTarget target) {
    return target == ImportTarget::kernels ? kernel_columns() : server_columns();
}

std::vector<std::string> unknown_columns(const Imported& table) {
    std::vector<std::string> unknown;
    if (table.target != ImportTarget::servers) return unknown;
    for (const char* column : kNeeded) {
        if (std::ranges::any_of(table.rows, [&](const ImportRow& row) { return cell(row, column).empty(); }))
            unknown.emplace_back(column);
    }
    return unknown;
}

Problems complete_import(Imported& table, const ImportRow& given) {
    Problems problems;
    const auto& settable = settable_columns(table.target);
    for (const auto& [column, value] : given) {
        if (std::ranges::find(settable, column) == settable.end())
            problems.push_back(
                {"",
                 column,
                 fmt::format("'{}' is no column that can be set; these can: {}", column, one_of(settable, 40)),
                 did_you_mean(column, settable),
                 {}});
        else if (auto wrong = wrong_value(column, value)) problems.push_back(std::move(*wrong));
    }
    if (!problems.empty()) return problems;
    for (ImportRow& row : table.rows) {
        for (const auto& [column, value] : given) row[column] = value;
    }
    return {};
}

Result<Imported> merge_imports(std::vector<Imported> parts) {
    Imported all;
    if (!parts.empty()) all.target = parts.front().target;
    std::set<std::string> devices;
    for (Imported& part : parts) {
        if (part.target != all.target)
            return fail({"",
                         "",
                         "measured kernels and measured servers do not fit into one table",
                         "import them apart, each with an -o of its own",
                         {}});
        for (ImportRow& row : part.rows) {
            if (all.target == ImportTarget::kernels && !cell(row, "device").empty()) devices.insert(row["device"]);
            all.rows.push_back(std::move(row));
        }
        for (const SkippedRows& skipped : part.skipped) skip_row(all.skipped, skipped.reason, skipped.n);
        for (std::string& note : part.notes) {
            if (std::ranges::find(all.notes, note) == all.notes.end()) all.notes.push_back(std::move(note));
        }
    }
    if (devices.size() > 1)
        return fail({"",
                     "device",
                     "the kernels were measured on several devices: " + one_of({devices.begin(), devices.end()}),
                     "a profile is of one: import them apart, or say with --gpu that they are the same",
                     {}});
    return all;
}

std::string write_import(const Imported& table) {
    const auto& columns = import_columns(table.target);
    std::string text = csv_row(columns);
    std::vector<std::string> cells(columns.size());
    for (const ImportRow& row : table.rows) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const bool flag = table.target == ImportTarget::servers && columns[i] == "quality_flag";
            // A line break inside a cell would be another row to readers of lines.
            cells[i] = without_controls(flag ? flag_of(row) : std::string(cell(row, columns[i])));
        }
        text += csv_row(cells);
    }
    return text;
}

}  // namespace moeplan
