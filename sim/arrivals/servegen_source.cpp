// ServeGen's clients merged.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

#include <fmt/format.h>

#include "core/base/require.h"
#include "sim/arrivals/recorded_sources.h"
#include "sim/arrivals/servegen_client.h"
#include "sim/arrivals/source.h"

namespace moeplan {
namespace {

struct Due {
    double at;
    std::size_t client;   // in order of number
    bool operator>(const Due& other) const { return at != other.at ? at > other.at : client > other.client; }
};

class ServeGenSource final : public Source {
public:
    ServeGenSource(std::vector<ServeGenClient> clients, const ServeGenArrivals& spec,
                   std::optional<FixedLengths> lengths, Traits traits, std::uint64_t seed, std::vector<std::string> remarks)
        : remarks_(std::move(remarks)), clients_(std::move(clients)), fixed_(lengths), traits_(std::move(traits)), from_(spec.from.value) {
        const double to = spec.to ? spec.to->value : std::numeric_limits<double>::infinity();
        processes_.reserve(clients_.size());
        for (const ServeGenClient& client : clients_) {
            processes_.emplace_back(client, spec.speed, from_, to, seed);
            wait_for(processes_.size() - 1);
        }
    }
    std::optional<Arrival> next() override {
        if (due_.empty() || !problems_.empty()) return std::nullopt;
        const Due due = due_.top();
        due_.pop();
        if (due.at - from_ > kLongestSimulation_s) {
            problems_ = {{"", "workload.load.servegen", "the clients go on beyond the 104 days that simulated time holds",
                          "take a slice with from and to", ProblemKind::wrong_input}};
            return std::nullopt;
        }
        ClientProcess& process = processes_[due.client];
        Arrival arrival;
        arrival.at = to_ticks(due.at - from_);
        arrival.input = process.draw_input();
        arrival.output = process.draw_output();
        if (fixed_) {
            arrival.input = std::llround(std::clamp(fixed_->input, 1.0, 1e9));
            arrival.output = std::llround(std::clamp(fixed_->output, 1.0, 1e9));
        }
        arrival.session = static_cast<std::uint32_t>(process.client().number);
        traits_.apply(arrival);
        wait_for(due.client);
        return arrival;
    }
    std::int64_t prefix_block_tokens() const override { return traits_.declares_prefix() ? kPrefixBlock : 0; }
    Problems problems() const override { return problems_; }
    std::vector<std::string> remarks() const override { return remarks_; }

private:
    void wait_for(std::size_t client) {
        if (const auto at = processes_[client].next_time()) due_.push({*at, client});
    }
    std::vector<std::string> remarks_;
    std::vector<ServeGenClient> clients_;
    std::vector<ClientProcess> processes_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    std::optional<FixedLengths> fixed_;
    Traits traits_;
    double from_;
    Problems problems_;
};

}  // namespace

Result<std::unique_ptr<RequestSource>> make_servegen(std::vector<ServeGenClient> clients, const ServeGenArrivals& spec,
                                                     std::optional<FixedLengths> lengths, Traits traits,
                                                     std::uint64_t seed) {
    require(spec.speed > 0 && spec.from.value >= 0, "clients send forwards");
    double rate = 0, end = 0;
    for (const ServeGenClient& client : clients) {
        for (const ServeGenWindow& window : client.windows) {
            end = std::max(end, window.end_s);
            if (window.end_s > spec.from.value && (!spec.to || window.start_s < spec.to->value)) rate += window.rate;
        }
    }
    if (rate <= 0) {
        return fail(
            {spec.folder, "workload.load.servegen",
             fmt::format(
                 "no client sends anything in the part that is asked for, from {:g} s; the recording ends at {:g} s",
                 spec.from.value, end),
             "", ProblemKind::wrong_input});
    }
    std::vector<std::string> remarks;
    if (spec.to && spec.to->value > end) {
        remarks.push_back(fmt::format("{}: the part that is asked for ends at {:g} s, the last window of a client at {:g} s: nothing comes in between", spec.folder, spec.to->value, end));
    }
    return std::make_unique<ServeGenSource>(std::move(clients), spec, lengths, std::move(traits), seed, std::move(remarks));
}

}  // namespace moeplan
