#include "sim/measure/request_windows.h"

#include <algorithm>

namespace moeplan {
namespace {

SimulatedRequest shown(const RequestRecord& r) {
    SimulatedRequest out;
    out.id = r.id;
    out.arrived = to_seconds(r.arrival);
    if (r.started != kNever) out.started = to_seconds(r.started);
    if (r.first_token != kNever) out.first_token = to_seconds(r.first_token);
    if (r.ending == Ending::completed && r.finished != kNever) out.finished = to_seconds(r.finished);
    out.input = static_cast<double>(r.input);
    out.output = static_cast<double>(r.output);
    out.outcome = name_of(r.ending);
    out.preemptions = r.preemptions;
    out.replica = r.replica;
    return out;
}

}  // namespace

void RequestWindows::keep(const RequestRecord& record, std::uint64_t window) {
    while (window / stride_ >= kMost) {
        for (std::size_t i = 0; 2 * i < windows_.size(); ++i) {
            if (i > 0) windows_[i] = std::move(windows_[2 * i]);
        }
        windows_.resize((windows_.size() + 1) / 2);
        stride_ *= 2;
        if (window % stride_ != 0) return;
    }
    const auto slot = static_cast<std::size_t>(window / stride_);
    if (windows_.size() <= slot) windows_.resize(slot + 1);
    windows_[slot].push_back(record);
}

void RequestWindows::collect(std::uint64_t from, std::uint64_t to, std::vector<SimulatedRequest>& out) const {
    for (std::uint64_t w = from / kWindow; w * kWindow < to; ++w) {
        if (w % stride_ != 0 || w / stride_ >= windows_.size()) continue;
        for (const RequestRecord& r : windows_[static_cast<std::size_t>(w / stride_)]) {
            if (r.id >= from && r.id < to) out.push_back(shown(r));
        }
    }
    std::ranges::sort(out, {}, &SimulatedRequest::id);
}

std::vector<SimulatedRequest> RequestWindows::middle(std::uint64_t first, std::uint64_t last) const {
    std::vector<SimulatedRequest> out;
    if (last <= first) return out;
    const std::uint64_t half = kWindow / 2, centre = first + (last - first) / 2;
    std::uint64_t from = std::max(first, centre - std::min(centre, half));
    if (stride_ > 1) {
        const std::uint64_t apart = stride_ * kWindow;
        from = (from + apart / 2) / apart * apart;
        if (from + kWindow > last && from >= apart) from -= apart;
    }
    collect(std::max(first, from), std::min(last, from + kWindow), out);
    return out;
}

}  // namespace moeplan
