// All parts as one file in the order of the grid: found in a first reading, copied in a second.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "core/base/csv_table.h"
#include "core/report/csv.h"
#include "sim/sweep/folder.h"
#include "sim/sweep/folder_parts.h"
#include "core/base/whole_file.h"

namespace moeplan {
namespace {

namespace fs = std::filesystem;

struct Place {
    std::uint64_t offset = 0;
    std::uint32_t length = 0;   // 0 = nowhere
    std::uint32_t part = 0;
};

// Calls `take` with the fields of each line of a point.
template <class Take>
void for_each_line(std::string_view text, std::vector<std::string>& fields, const Take& take) {
    while (!text.empty()) {
        const auto end = text.find("\r\n");
        split_csv_line(text.substr(0, end), fields);
        take(fields);
        text.remove_prefix(end + 2);
    }
}

// Where every answered point stands, and which columns hold anything.
struct Index {
    std::vector<std::string> parts;
    std::vector<Place> places;
    std::vector<bool> used;
};

Result<Index> index_of(const std::string& folder, const PartForm& form) {
    Index index{parts_in(folder, PartKind::results), {}, std::vector<bool>(form.columns.size(), false)};
    index.places.resize(static_cast<std::size_t>(form.points));
    std::vector<std::string> fields;
    for (std::uint32_t part = 0; part < index.parts.size(); ++part) {
        const auto read = read_part(index.parts[part], form, [&](const PartPoint& found) {
            index.places[static_cast<std::size_t>(found.point)] = {found.offset,
                                                                   static_cast<std::uint32_t>(found.text.size()), part};
            for_each_line(found.text, fields, [&](const auto& row) {
                for (std::size_t i = 0; i < row.size(); ++i) {
                    if (!row[i].empty()) index.used[i] = true;
                }
            });
        });
        if (!read) return tl::unexpected(read.error());
    }
    return index;
}

// Reads pieces of many files with few of them open.
class Pieces {
public:
    explicit Pieces(const std::vector<std::string>& paths) : paths_(paths) {}
    ~Pieces() { close_all(); }
    Pieces(const Pieces&) = delete;
    Pieces& operator=(const Pieces&) = delete;

    bool read(const Place& place, std::string& text) {
        text.resize(place.length);
        const int file = open(place.part);
        std::size_t got = 0;
        while (file >= 0 && got < text.size()) {
            const ssize_t n = ::pread(file, text.data() + got, text.size() - got, static_cast<off_t>(place.offset + got));
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return false;
            got += static_cast<std::size_t>(n);
        }
        return file >= 0;
    }

private:
    int open(std::uint32_t part) {
        if (const auto at = files_.find(part); at != files_.end()) return at->second;
        constexpr std::size_t kMostOpen = 200;
        if (files_.size() >= kMostOpen) close_all();
        const int file = ::open(paths_[part].c_str(), O_RDONLY | O_CLOEXEC);
        if (file >= 0) files_[part] = file;
        return file;
    }
    void close_all() {
        for (const auto& [part, file] : files_) (void)::close(file);
        files_.clear();
    }

    const std::vector<std::string>& paths_;
    std::map<std::uint32_t, int> files_;
};

std::string chosen(const std::vector<std::string>& fields, const std::vector<bool>& used) {
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (used[i]) kept.push_back(fields[i]);
    }
    return csv_row(kept);
}

// Everything before the metrics stays, but for `rows`: it is only for seeing whether a point is whole.
std::vector<bool> columns_kept(const Index& index, const Grid& grid) {
    constexpr std::size_t kNamed = 8;   // point, rows, candidate … layout
    std::vector<bool> kept = index.used;
    std::fill_n(kept.begin(), kNamed + grid.axes.size(), true);
    kept[1] = false;
    return kept;
}

Problems write_results(const std::string& path, const Index& index, const PartForm& form, const Grid& grid, Merged& merged) {
    const auto kept = columns_kept(index, grid);
    WholeFile out(path);
    out.write(chosen(form.columns, kept));
    Pieces pieces(index.parts);
    std::string text;
    std::vector<std::string> fields;
    const auto fits = static_cast<std::size_t>(std::ranges::find(form.columns, "fits") - form.columns.begin());
    for (const Place& place : index.places) {
        if (place.length == 0) continue;
        if (!pieces.read(place, text)) return {{index.parts[place.part], {}, "changed while it was read", "merge again"}};
        ++merged.answered;
        for_each_line(text, fields, [&](const auto& row) {
            out.write(chosen(row, kept));
            ++merged.rows;
            if (fits >= row.size() || row[fits] != "0") ++merged.fitting;
        });
    }
    return out.publish();
}

struct Failure {
    std::string line, kind;
    bool crashed() const { return kind == "crashed"; }
};

// A point that several parts tell about: an answer wins, then a problem over a crash, then the smaller text.
Result<std::map<std::uint64_t, Failure>> failures_of(const std::string& folder, const PartForm& form, const Index& index) {
    std::map<std::uint64_t, Failure> failures;
    for (const std::string& path : parts_in(folder, PartKind::failures)) {
        const auto read = read_part(path, form, [&](const PartPoint& found) {
            if (index.places[static_cast<std::size_t>(found.point)].length > 0) return;
            Failure failure{std::string(found.text), kind_of_failure(found.text, form)};
            const auto [at, fresh] = failures.try_emplace(found.point, failure);
            if (fresh) return;
            const auto rank = [](const Failure& f) { return std::pair(f.crashed(), std::string_view(f.line)); };
            if (rank(failure) < rank(at->second)) at->second = std::move(failure);
        });
        if (!read) return tl::unexpected(read.error());
    }
    return failures;
}

Problems write_failures(const std::string& path, const std::map<std::uint64_t, Failure>& failures, const PartForm& form) {
    if (failures.empty()) {
        std::error_code ignored;
        fs::remove(path, ignored);
        return {};
    }
    WholeFile out(path);
    out.write(csv_row(form.columns));
    for (const auto& [point, failure] : failures) out.write(failure.line);
    return out.publish();
}

}  // namespace

Result<Merged> merge_folder(const std::string& folder, const Grid& grid) {
    const PartForm results = form_of(grid, PartKind::results);
    const PartForm failed = form_of(grid, PartKind::failures);
    const auto index = index_of(folder, results);
    if (!index) return tl::unexpected(index.error());
    const auto failures = failures_of(folder, failed, *index);
    if (!failures) return tl::unexpected(failures.error());
    Merged merged;
    merged.points = grid.points();
    Problems problems = write_results((fs::path(folder) / "results.csv").string(), *index, results, grid, merged);
    append(problems, write_failures((fs::path(folder) / "failed.csv").string(), *failures, failed));
    if (!problems.empty()) return fail(std::move(problems));
    for (const auto& [point, failure] : *failures) {
        ++(failure.crashed() ? merged.crashed : merged.failed);
        if (failure.kind == "infeasible") ++merged.infeasible;
    }
    return merged;
}

}  // namespace moeplan
