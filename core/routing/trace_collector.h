#pragma once
// Internal to routing: rows of a trace (one token in one layer) as they come, sorted into tokens at the end.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "core/routing/read_lines.h"
#include "core/routing/read_trace.h"

namespace moeplan {

class TraceCollector {
public:
    TraceCollector(std::string name, const TraceQuery& query);

    void wrong(std::int64_t line, std::string what) { problems_.add(line, std::move(what)); }
    // What is kept in memory is used up: reading may stop.
    bool full() const { return full_; }
    // The file is for another top_k: reading on would repeat one problem for every line.
    bool top_k_differs() const { return top_k_differs_; }

    void add(std::int64_t line, std::string_view sequence, std::int64_t token, std::int64_t layer,
             const std::vector<std::int64_t>& experts);

    Result<RecordedTrace> finish();

private:
    struct Row {
        std::int32_t token, layer;
    };
    struct Token {
        std::int32_t sequence;
        std::int64_t index;
    };
    using RowOfLayer = std::unordered_map<std::int32_t, std::size_t>;

    bool fits(std::int64_t line, const std::vector<std::int64_t>& experts);
    bool starts_with_top_k(std::int64_t line, std::size_t found);
    std::int32_t token_id(std::string_view sequence, std::int64_t index);
    std::vector<std::int64_t> layers_seen() const;
    std::vector<std::size_t> complete_tokens(std::size_t layers);
    void fill(RecordedTrace& trace, const std::vector<std::size_t>& order) const;
    void warn(RecordedTrace& trace, std::size_t kept) const;

    std::string name_;
    TraceQuery query_;
    lines::LineProblems problems_;
    std::vector<Row> rows_;
    std::vector<std::int32_t> routes_;  // top_k experts for every row
    std::vector<Token> tokens_;
    std::unordered_map<std::string, std::int32_t> sequences_;
    std::unordered_map<std::int32_t, std::unordered_map<std::int64_t, std::int32_t>> ids_;
    std::string sequence_text_;
    std::int32_t sequence_ = 0, last_id_ = 0;
    Token last_{0, 0};
    std::size_t top_k_ = 0;
    std::int64_t highest_ = 0, repeated_ = 0;
    bool full_ = false, top_k_differs_ = false;
};

}  // namespace moeplan
