// Which file is which.

#include <algorithm>

#include "core/calibrate/import_file.h"

namespace moeplan {
namespace {

struct Entry {
    ImportKind kind;
    std::string_view name, doc;
};
constexpr std::size_t kLooked = std::size_t{1} << 20;   // bytes at the beginning that tell

const std::vector<Entry>& entries() {
    static const std::vector<Entry> all{
        {ImportKind::kernel_table, "kernels", "a CSV table of kernels with the columns op_name and latency"},
        {ImportKind::llama_bench, "llama-bench", "llama-bench -o json, jsonl or csv"},
        {ImportKind::vllm_bench, "vllm-bench", "vllm bench serve --save-result"},
        {ImportKind::nccl_tests, "nccl-tests", "what all_reduce_perf and the other nccl-tests print"},
    };
    return all;
}

const Entry& entry_of(ImportKind kind) { return *std::ranges::find(entries(), kind, &Entry::kind); }

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::optional<ImportKind> kind_of_json(std::string_view text) {
    if (holds(text, "\"avg_ns\"") && holds(text, "\"n_gen\"")) return ImportKind::llama_bench;
    if (holds(text, "\"total_output_tokens\"") && holds(text, "\"completed\"")) return ImportKind::vllm_bench;
    return std::nullopt;
}

std::optional<ImportKind> kind_of_header(std::string_view line) {
    if (holds(line, "op_name") && holds(line, "latency")) return ImportKind::kernel_table;
    if (holds(line, "avg_ns") && holds(line, "n_gen")) return ImportKind::llama_bench;
    return std::nullopt;
}

}  // namespace

const std::vector<ImportKind>& all_import_kinds() {
    static const std::vector<ImportKind> all{ImportKind::kernel_table, ImportKind::llama_bench, ImportKind::vllm_bench,
                                             ImportKind::nccl_tests};
    return all;
}

std::string_view name_of(ImportKind kind) { return entry_of(kind).name; }
std::string_view doc_of(ImportKind kind) { return entry_of(kind).doc; }

std::vector<std::string> import_kind_names() {
    std::vector<std::string> names;
    for (const Entry& entry : entries()) names.emplace_back(entry.name);
    return names;
}

std::optional<ImportKind> import_kind_named(std::string_view name) {
    const auto found = std::ranges::find(entries(), name, &Entry::name);
    return found == entries().end() ? std::nullopt : std::optional(found->kind);
}

std::optional<ImportKind> import_kind_of(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return std::nullopt;
    // A server's file may begin with a long list of requests; what names it may come last.
    if (text[begin] == '{' || (text[begin] == '[' && !holds(text.substr(0, kLooked), "<stdout>")))
        return kind_of_json(text);
    if (const auto kind = kind_of_header(text.substr(begin, text.find('\n', begin) - begin))) return kind;
    if (holds(text.substr(0, kLooked), "algbw") && holds(text.substr(0, kLooked), "busbw"))
        return ImportKind::nccl_tests;
    return std::nullopt;
}

}  // namespace moeplan
