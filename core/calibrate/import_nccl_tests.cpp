// What nccl-tests print: a header of '#' lines naming the ranks, then a row for each size, out of place and in place.
// Source: NVIDIA/nccl-tests, doc/PERFORMANCE.md (algbw = size / time; busbw = algbw times a factor of the ranks) and the
// header of its tables (bytes, elements, microseconds, GB/s). "size" is the larger of what a rank sends and receives: the
// whole buffer of an all-gather or reduce-scatter, as core/ops Collective counts it.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "core/base/line_reader.h"
#include "core/calibrate/import_nccl_line.h"
#include "core/calibrate/import_readers.h"

namespace moeplan {
namespace {

constexpr double kMostBytes = 1e12, kMostMicroseconds = 1e12;
constexpr double kWorthChecking = 1;  // GB/s: two decimals of less say little

struct Test {
    std::string_view name;  // "all_reduce" of all_reduce_perf
    std::string_view op;  // in kernel tables; empty = they have none
};
// Longer names first: "all_reduce" ends in "reduce".
constexpr std::array<Test, 11> kTests{{{"reduce_scatter", "reduce_scatter"},
                                       {"all_reduce", "all_reduce"},
                                       {"all_gather", "all_gather"},
                                       {"alltoallv", ""},
                                       {"alltoall", "alltoall"},
                                       {"sendrecv", ""},
                                       {"broadcast", ""},
                                       {"hypercube", ""},
                                       {"scatter", ""},
                                       {"gather", ""},
                                       {"reduce", ""}}};

const Test* test_named_in(std::string_view text, std::string_view ending) {
    for (const Test& test : kTests) {
        if (text.find(fmt::format("{}{}", test.name, ending)) != std::string_view::npos) return &test;
    }
    return nullptr;
}

// busbw over algbw of each operation.
double bus_factor(std::string_view op, double ranks) { return (op == "all_reduce" ? 2 : 1) * (ranks - 1) / ranks; }
bool near(double a, double b) { return std::abs(a - b) <= 0.03 * b; }

class Reader {
public:
    Reader(std::string_view text, const std::string& file) : stream_{std::string(text)}, file_(file) {}

    Result<Imported> read() {
        LineReader lines(stream_);
        std::string_view line;
        while (lines.next(line) && problems_.size() < kMostImportProblems) {
            line_ = lines.number();
            if (lines.too_long()) continue;  // some other program's
            line = without_rank_prefix(line);
            line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
            if (line.starts_with('#')) header(line);
            else if (begins_with_number(line)) row(line);
            else name_test(line);
        }
        finish();
        if (!seen_rows_ && problems_.empty())
            problems_.push_back({file_, "", "it holds no rows of measurements: was the test cut short?", "", {}});
        if (!problems_.empty()) return fail(std::move(problems_));
        return std::move(out_);
    }

private:
    struct Row {
        std::size_t line = 0;
        double bytes = 0, microseconds = 0, algbw = 0, busbw = 0;
        bool in_place = false, reduces = false;
    };

    void problem(std::string what, std::string hint = "") {
        problems_.push_back({place_of(file_, line_), "", std::move(what), std::move(hint), {}});
    }

    void name_test(std::string_view line) {
        if (const Test* test = test_named_in(line, "_perf")) (rows_.empty() ? test_ : next_) = test;
    }

    void header(std::string_view line) {
        if (line.find("nThread") != std::string_view::npos || line.find("Using devices") != std::string_view::npos) {
            if (!rows_.empty() || !ranks_.empty()) finish();
        }
        name_test(line);
        if (const auto rank = rank_of(line)) {
            ranks_.insert(fmt::format("{}:{}", rank->group, rank->rank));
            groups_.insert(rank->group);
            hosts_.insert(rank->host);
            if (!rank->device.empty()) device_ = rank->device;
        } else if (auto columns = columns_of(line)) {
            columns_ = std::move(columns);
        } else if (columns_ && line.find("(B)") != std::string_view::npos &&
                   times_in_microseconds(line) < columns_->placements.size()) {
            problem("the times of this table are not in microseconds: there is no (us) under 'time'");
        } else if (const auto at = line.find("nccl-library="); at != std::string_view::npos) {
            library_ = library_version(line.substr(at + 13));
        }
    }

    static std::size_t times_in_microseconds(std::string_view units) {
        return static_cast<std::size_t>(std::ranges::count(words_of(units), "(us)"));
    }

    void row(std::string_view line) {
        if (!columns_)
            return problem(
                "a row of measurements before any header: expected the line '# size count type … time algbw busbw'");
        const auto words = words_of(line);
        const auto at = columns_->fit(words.size());
        if (!at)
            return problem(fmt::format("{} columns where the header names {}: the row is cut short or of another table",
                                       words.size(), columns_->count));
        seen_rows_ = true;
        const auto bytes = whole(words[0], 0, kMostBytes);
        if (!bytes) return problem(fmt::format("size '{}' is no whole number of bytes", words[0].substr(0, 40)));
        if (columns_->cpu_time) return skip_row(out_.skipped, "time of the processor (-C), not of the GPUs");
        const bool reduces = at->redop && words[*at->redop] != "none";
        for (const Placement& placement : at->placements) take(words, placement, *bytes, reduces);
    }

    void take(const std::vector<std::string_view>& words, const Placement& placement, double bytes, bool reduces) {
        if (words[placement.time] == "N/A") return;
        const auto time = real(words[placement.time], 0, kMostMicroseconds);
        const auto algbw = real(words[placement.time + 1], 0, 1e9), busbw = real(words[placement.time + 2], 0, 1e9);
        if (!time || !algbw || !busbw)
            return problem(fmt::format("'{} {} {}' are not a time and two rates", words[placement.time].substr(0, 40),
                                       words[placement.time + 1].substr(0, 40),
                                       words[placement.time + 2].substr(0, 40)));
        if (placement.wrong && words[*placement.wrong] != "0" && words[*placement.wrong] != "N/A" &&
            real(words[*placement.wrong], 0, 1e-3) == std::nullopt)
            return skip_row(out_.skipped, "the test found wrong results");
        if (bytes < 2 || *time <= 0) return skip_row(out_.skipped, "no bytes or no time");
        if (*algbw >= kWorthChecking && !near(bytes / *time / 1e3, *algbw))
            return problem(fmt::format("{:g} bytes in {:g} us are {:.4g} GB/s, but algbw says {:g}", bytes, *time,
                                       bytes / *time / 1e3, *algbw),
                           "was the row put together by hand?");
        rows_.push_back({line_, bytes, *time, *algbw, *busbw, placement.in_place, reduces});
    }

    // A table is whole: what it measured is known now.
    void finish() {
        if (!rows_.empty()) {
            if (problems_.empty()) add_rows();
            test_ = next_;
            next_ = nullptr;
        }
        rows_.clear();
        ranks_.clear();
        groups_.clear();
        hosts_.clear();
        columns_.reset();
    }

    void add_rows() {
        line_ = rows_.front().line;
        const auto n = static_cast<std::uint64_t>(rows_.size());
        if (ranks_.empty())
            return problem("no line names the ranks above this table: expected '#  Rank  0 … device  0 …' for each");
        const double ranks = static_cast<double>(ranks_.size()) / static_cast<double>(groups_.size());
        if (ranks < 2 || ranks != std::floor(ranks)) return skip_row(out_.skipped, "fewer than two ranks", n);
        if (hosts_.size() > 1)
            return skip_row(out_.skipped, "ranks on several hosts: a profile holds the collectives of one", n);
        const auto op = operation(ranks);
        if (!op) return;
        if (op->empty())
            return skip_row(out_.skipped,
                            fmt::format("'{}' is no operation of kernel tables", test_ ? test_->name : ""), n);
        for (const Row& row : rows_) {
            // Tables count elements of two bytes.
            if (std::fmod(row.bytes, 2) != 0) skip_row(out_.skipped, "an odd number of bytes");
            else out_.rows.push_back(written(row, *op, ranks));
        }
    }

    // By the program's name where it stands anywhere, else by what its rates say. Nothing after a problem.
    std::optional<std::string> operation(double ranks) {
        const Test* test = test_ ? test_ : test_named_in(file_.substr(file_.rfind('/') + 1), "");
        const Row& largest = *std::ranges::max_element(rows_, {}, &Row::algbw);
        const bool telling = largest.algbw >= kWorthChecking;
        const double factor = telling ? largest.busbw / largest.algbw : 0;
        if (test) {
            test_ = test;
            if (test->op.empty() || !telling || near(factor, bus_factor(test->op, ranks))) return std::string(test->op);
            problem(fmt::format("busbw over algbw is {:.3g}, but {:.3g} for {} of {} ranks", factor,
                                bus_factor(test->op, ranks), test->name, ranks));
            return std::nullopt;
        }
        if (largest.reduces && telling && ranks > 2 && near(factor, bus_factor("all_reduce", ranks)))
            return "all_reduce";
        if (largest.reduces && telling && near(factor, bus_factor("reduce_scatter", ranks))) return "reduce_scatter";
        problem("which operation was tested is not said: no program's name (all_reduce_perf …) stands in the text",
                "put the command line in front of its output, or the operation into the file's name: all_reduce.txt");
        return std::nullopt;
    }

    // Kernel tables count elements of 16 bits, and bytes in all-to-all (core/calibrate/read_kernel_table.h).
    ImportRow written(const Row& row, const std::string& op, double ranks) const {
        const bool in_bytes = op == "alltoall";
        return {{"framework", "NCCL"},
                {"version", library_},
                {"device", device_},
                {"op_name", op},
                {"kernel_source", row.in_place ? "NCCL in place" : "NCCL out of place"},
                {"nccl_dtype", in_bytes ? "int8" : "half"},
                {"num_gpus", cell_of(ranks)},
                {"message_size", cell_of(in_bytes ? row.bytes : row.bytes / 2)},
                {"latency", cell_of(row.microseconds / 1e3)},
                {"source", place_of(file_, row.line)}};
    }

    std::istringstream stream_;
    std::string file_;
    Imported out_;
    Problems problems_;
    std::size_t line_ = 0;
    std::vector<Row> rows_;
    std::set<std::string, std::less<>> ranks_, groups_, hosts_;
    std::string device_, library_;
    std::optional<NcclColumns> columns_;
    const Test* test_ = nullptr;  // of the table at hand
    const Test* next_ = nullptr;  // named after its first row
    bool seen_rows_ = false;
};

}  // namespace

Result<Imported> import_nccl_tests(std::string_view text, const std::string& file) {
    if (text.size() > kLargestImport)
        return fail({file, "", fmt::format("the file is larger than {} MiB", kLargestImport >> 20), "", {}});
    return Reader(text, file).read();
}

}  // namespace moeplan
