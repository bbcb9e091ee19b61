// What a simulation looked like over time, and request by request.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/report/format.h"
#include "gui/models/pictures/makers.h"

namespace moeplan {
namespace {

constexpr std::string_view kNotSimulated = "This study is answered in closed form: nothing happens over time. Choose method: simulate to watch requests come and go.";
constexpr int kDecode = 0, kPrefill = 1, kWaiting = 2;   // colours of stretches
constexpr std::size_t kMostRows = 120;   // requests drawn one by one, all candidates together

struct Line {
    std::string_view id, words;
    bool dashed;
};

const SimulatedSeries* find(const SimulationReport& simulation, std::string_view id) {
    const auto found = std::ranges::find(simulation.series, id, &SimulatedSeries::id);
    return found == simulation.series.end() || found->points.empty() ? nullptr : &*found;
}

bool moves(const SimulatedSeries& series) {
    return std::ranges::any_of(series.points, [&](const auto& p) { return std::abs(p.second - series.points.front().second) > 1e-9; });
}

Picture over_time(const Report& report, std::string_view id, std::initializer_list<Line> lines, PictureAxis y, std::string meaning) {
    Picture picture = picture_named(id);
    picture.meaning = std::move(meaning);
    picture.x = {"simulated time", "s", Scale::linear, false, {}, {}, {}, false, false};
    picture.y = std::move(y);
    for (std::size_t i = 0; i < report.candidates.size(); ++i) {
        const CandidateReport& c = report.candidates[i];
        if (!c.simulation) continue;
        for (const Line& line : lines) {
            const SimulatedSeries* found = find(*c.simulation, line.id);
            if (!found) continue;
            PictureSeries series;
            series.name = line.words.empty() ? c.name : fmt::format("{}, {}", c.name, line.words);
            series.colour = colour_of_candidate(i);
            series.mark = PictureSeries::Mark::line;
            series.dashed = line.dashed;
            for (const auto& [s, value] : found->points) series.points.push_back({s, value, {}, {}, false});
            picture.series.push_back(std::move(series));
        }
    }
    return picture.series.empty() ? nothing_to_draw(id, std::string(kNotSimulated)) : picture;
}

// The stretches of one request; `row` counts downwards. One that was never taken up waits to its end.
void add_request(Picture& picture, const SimulatedRequest& r, double row, double end) {
    const std::string what = fmt::format("request {}: {} tokens in, {} out, {}{}; arrived at {}", r.id, format_count(r.input), format_count(r.output), r.outcome,
                                         r.preemptions > 0 ? fmt::format(", preempted {} times", r.preemptions) : "", format_value(r.arrived, "s"));
    const double last = r.finished.value_or(end);
    const double first = r.first_token.value_or(last), started = r.started.value_or(first);
    const auto add = [&](double from, double to, int colour, const std::string& note) { picture.spans.push_back({row, from, to, colour, what + "; " + note}); };
    const auto ms = [](double seconds) { return format_value(std::max(0.0, seconds) * 1e3, "ms"); };
    add(r.arrived, started, kWaiting, fmt::format("waiting {}", ms(started - r.arrived)));
    if (!r.started) return;
    add(started, first, kPrefill, r.first_token ? fmt::format("prefill {}, the first token after {}", ms(first - started), ms(first - r.arrived)) : "no first token");
    if (r.first_token) add(first, last, kDecode, fmt::format("decoding {}", format_value(std::max(0.0, last - first), "s")));
}

double latest(const std::vector<SimulatedRequest>& sample, std::size_t count) {
    double end = 0;
    for (std::size_t i = 0; i < count; ++i) end = std::max({end, sample[i].arrived, sample[i].started.value_or(0), sample[i].first_token.value_or(0), sample[i].finished.value_or(0)});
    return end;
}

}  // namespace

Picture simulation_requests(const Report& report) {
    return over_time(report, "simulation_requests", {{"running", "running", false}, {"waiting", "waiting", true}},
                     {"requests", "", Scale::linear, true, {}, 0, {}, false, false}, "Solid: requests being served. Dashed: requests waiting; a line that keeps rising is a load nobody carries.");
}

Picture simulation_cache(const Report& report) {
    return over_time(report, "simulation_cache", {{"kv_used", "", false}}, {"KV cache held", "fraction", Scale::linear, false, {}, 0, {}, false, false},
                     "Share of the KV cache's blocks that running requests hold; near 100 % requests are preempted.");
}

Picture simulation_tokens(const Report& report) {
    return over_time(report, "simulation_tokens", {{"output_tok_s", "", false}}, {"output tokens", "tok/s", Scale::linear, true, {}, 0, {}, false, false},
                     "Output tokens that all replicas produce in a second.");
}

Picture simulation_replicas(const Report& report) {
    Picture picture = over_time(report, "simulation_replicas", {{"replicas", "", false}}, {"replicas serving", "", Scale::linear, false, {}, 0, {}, false, true},
                                "Replicas that take requests: autoscaling, and losses.");
    if (picture.empty()) return picture;
    const bool any = std::ranges::any_of(report.candidates, [](const CandidateReport& c) {
        const SimulatedSeries* series = c.simulation ? find(*c.simulation, "replicas") : nullptr;
        return series && moves(*series);
    });
    if (!any) return nothing_to_draw(picture.id, "The number of replicas never changes in this study: it scales nothing and loses none.");
    for (PictureSeries& s : picture.series) s.mark = PictureSeries::Mark::steps;
    return picture;
}

Picture request_timeline(const Report& report) {
    Picture picture = picture_named("request_timeline");
    std::vector<const CandidateReport*> sampled;
    for (const CandidateReport& c : report.candidates) {
        if (c.simulation && !c.simulation->sample.empty()) sampled.push_back(&c);
    }
    const bool simulated = std::ranges::any_of(report.candidates, [](const CandidateReport& c) { return c.simulation.has_value(); });
    if (sampled.empty()) return nothing_to_draw(picture.id, simulated ? "This simulation kept no single requests." : std::string(kNotSimulated));
    const std::size_t each = std::max<std::size_t>(8, kMostRows / sampled.size());
    double row = 0;
    for (const CandidateReport* c : sampled) {
        const auto& sample = c->simulation->sample;
        const std::size_t count = std::min(each, sample.size());
        const double end = latest(sample, count);
        if (sampled.size() > 1) {
            row += 1 + static_cast<double>(each) / 4;   // room for the name
            picture.markers.push_back({PictureMarker::Kind::horizontal, 0, -row, c->name, kNeutral});
            row += 1;
        }
        for (std::size_t i = 0; i < count; ++i, row += 1) add_request(picture, sample[i], -row, end);
    }
    picture.meaning = "Consecutive requests from the middle of the simulation, in order of arrival from the top, each from its arrival to its last token.";
    picture.x = {"simulated time", "s", Scale::linear, false, {}, {}, {}, false, false};
    picture.y = {"requests", "", Scale::linear, false, {""}, {}, {}, false, false};
    picture.span_names = {{"waiting", kWaiting}, {"prefill", kPrefill}, {"decode", kDecode}};
    return picture;
}

}  // namespace moeplan
