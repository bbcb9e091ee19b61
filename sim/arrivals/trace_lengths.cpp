// A trace's lengths, over and over.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/arrivals/length_model.h"
#include "sim/arrivals/streams.h"
#include "sim/trace/trace.h"

namespace moeplan {
namespace {

class TraceCycle final : public LengthModel {
public:
    TraceCycle(std::string file, double most_bad, TraceStream trace)
        : file_(std::move(file)), most_bad_(most_bad), trace_(std::move(trace)) {
        ahead_ = trace_.next();
    }

    void draw(RequestLengths& into) override {
        if (!ahead_ && problems_.empty()) begin_again();
        if (!ahead_) {
            into = last_;
            return;
        }
        into.input = ahead_->input_tokens;
        into.output = ahead_->output_tokens;
        into.prefix.assign(ahead_->prefix.begin(), ahead_->prefix.end());
        if (round_ > 0) {
            for (std::uint64_t& id : into.prefix) id = mixed(id, round_);
        }
        ahead_ = trace_.next();
        if (!ahead_) last_ = into;
    }
    std::int64_t block_tokens() const override {
        return block_tokens_ > 0 ? block_tokens_ : trace_.report().prefix_block_tokens;
    }
    Problems problems() const override { return problems_; }
    std::vector<std::string> remarks() const override {
        return round_ > 0 ? remarks_ : remarks_on(trace_.report(), file_);
    }

private:
    void begin_again() {
        problems_ = trace_.problems();
        if (!problems_.empty()) return;
        if (round_ == 0) remarks_ = remarks_on(trace_.report(), file_);
        block_tokens_ = trace_.report().prefix_block_tokens;
        auto trace = TraceStream::open(file_, {.most_bad = most_bad_});
        if (!trace) {
            problems_ = trace.error();
            return;
        }
        trace_ = std::move(*trace);
        ahead_ = trace_.next();
        ++round_;
    }

    std::string file_;
    double most_bad_;
    TraceStream trace_;
    std::optional<TraceRequest> ahead_;
    RequestLengths last_;
    std::int64_t block_tokens_ = 0;
    std::uint64_t round_ = 0;
    Problems problems_;
    std::vector<std::string> remarks_;   // of the first round: the others find the same
};

}  // namespace

Result<std::unique_ptr<LengthModel>> make_trace_lengths(const std::string& file, double most_bad) {
    auto trace = TraceStream::open(file, {.most_bad = most_bad});
    if (!trace) return fail(trace.error());
    return std::make_unique<TraceCycle>(file, most_bad, std::move(*trace));
}

}  // namespace moeplan
