#include "core/calibrate/sample.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>

#include "core/base/csv_table.h"
#include "core/calibrate/choose.h"
#include "core/calibrate/family_groups.h"
#include "core/calibrate/read_kernel_table.h"

namespace moeplan {
namespace {

// "chosen" is written anew.
constexpr std::array<std::string_view, 4> kDropped{"beam_width", "backend", "implementation", "chosen"};

std::size_t line_of(const std::string& source) { return std::stoul(source.substr(source.rfind(':') + 1)); }

// Line number -> whether it was drawn at random.
std::map<std::size_t, bool> chosen_lines(const std::vector<Measurement>& rows, std::size_t probes, std::uint64_t seed) {
    std::map<std::size_t, bool> lines;
    const std::vector<FamilyRows> families = by_family(rows);
    for (const FamilyRows& family : families) {
        std::vector<OpKind> ops;
        for (const Measurement& row : family.rows) ops.push_back(row.op);
        const auto chosen = choose_probes(ops, {}, nullptr, {}, std::min(share_of_probes(families, family, probes), ops.size()), seed);
        for (std::size_t c = 0; c < chosen.size(); ++c) lines[line_of(family.rows[chosen[c]].source)] = c % 2 == 1;
    }
    return lines;
}

std::string quoted(std::string_view cell) {
    if (cell.find_first_of(",\"") == std::string_view::npos) return std::string(cell);
    std::string out = "\"";
    for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

}  // namespace

Result<SampledTable> sample_kernel_table(const std::string& file, std::size_t probes, std::uint64_t seed) {
    const auto table = read_kernel_table(file);
    if (!table) return tl::unexpected(table.error());
    const std::map<std::size_t, bool> lines = chosen_lines(table->set.rows, probes, seed);
    std::ifstream stream(file, std::ios::binary);
    CsvTable csv(stream);
    std::vector<std::string> columns = csv.columns();
    std::erase_if(columns, [](const std::string& c) { return std::ranges::find(kDropped, c) != kDropped.end(); });
    std::string out;
    for (const std::string& column : columns) out += column + ",";
    out += "chosen\n";
    while (csv.next()) {
        const auto at = lines.find(csv.line());
        if (at == lines.end()) continue;
        for (const std::string& column : columns) out += quoted(csv.cell(column)) + ",";
        out += at->second ? "random\n" : "spread\n";
    }
    return SampledTable{std::move(out), table->skipped};
}

}  // namespace moeplan
