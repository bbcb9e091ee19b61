// Section "workload": how requests arrive.
#include "core/base/match.h"
#include "gui/models/field_tables.h"
#include "gui/models/study_edits.h"

namespace moeplan::fields {
namespace {

const Arrivals* arrivals_of(const Scenario& s) { return s.workload.arrivals ? &*s.workload.arrivals : nullptr; }

std::string kind_of(const Workload& w) {
    static constexpr const char* kArrivals[] = {"gamma", "weibull", "diurnal", "trace", "servegen"};
    static constexpr const char* kLoads[] = {"concurrency", "poisson", "batch"};
    return w.arrivals ? kArrivals[w.arrivals->index()] : kLoads[w.load.index()];
}

double number_of(const Load& load) {
    return match(
        load, [](const ClosedLoop& l) { return l.concurrency; }, [](const PoissonLoad& l) { return l.rate.value; },
        [](const StaticBatch& l) { return l.batch; });
}

// The number stays: 32 users become 32 requests a second.
void set_kind(Scenario& s, const Catalog&, std::size_t, const std::string& kind) {
    Workload& w = s.workload;
    if (kind == kind_of(w) || kind == "servegen") return;
    const double number = number_of(w.load), many = std::clamp(number, 1.0, kMostSequences);
    const PerSecond rate{std::clamp(number, 1e-9, kMostRate)};
    if (kind == "trace") {
        if (const auto* trace = std::get_if<TraceLengths>(&w.lengths)) use_trace(s, std::string(trace->file));
        return;
    }
    const bool bursts = kind == "gamma" || kind == "weibull" || kind == "diurnal";
    if (bursts) set_method(s, Method::simulate);
    w.arrivals.reset();
    if (kind != "concurrency") w.think = {};
    if (kind == "concurrency") w.load = ClosedLoop{many};
    else if (kind == "batch") w.load = StaticBatch{many};
    else w.load = PoissonLoad{rate};
    if (kind == "gamma") w.arrivals = GammaArrivals{rate, 2};
    if (kind == "weibull") w.arrivals = WeibullArrivals{rate, 2};
    if (kind == "diurnal") w.arrivals = DiurnalArrivals{.rate = rate};
}

std::vector<Choice> kinds(const Scenario& s, const Catalog&, std::size_t) {
    std::vector<Choice> all{{"concurrency", "users, each sends again when answered"},
                            {"poisson", "requests per second, at random"},
                            {"batch", "one static batch"},
                            {"gamma", "bursts, gamma (simulated)"},
                            {"weibull", "bursts, Weibull (simulated)"},
                            {"diurnal", "day and night (simulated)"}};
    if (std::holds_alternative<TraceLengths>(s.workload.lengths)) all.push_back({"trace", "as recorded (simulated)"});
    if (kind_of(s.workload) == "servegen") all.push_back({"servegen", "recorded clients (simulated)"});
    return all;
}

void add_numbers(FieldTable& table) {
    table.numbers.push_back(
        {.id = "workload.users",
         .label = "users at a time",
         .unit = "users",
         .help = "Users who send again as soon as they are answered: the concurrency n of all replicas together (docs/method.md: Batch).",
         .least = 1,
         .most = 4096,
         .logarithmic = true,
         .whole = true,
         .lowest = 1,
         .highest = kMostSequences,
         .get = [](const Scenario& s, std::size_t) -> std::optional<double> {
             const auto* loop = std::get_if<ClosedLoop>(&s.workload.load);
             return loop && !s.workload.arrivals ? std::optional(loop->concurrency) : std::nullopt;
         },
         .set =
             [](Scenario& s, std::size_t, double value) {
                 if (auto* loop = std::get_if<ClosedLoop>(&s.workload.load); loop && !s.workload.arrivals) loop->concurrency = value;
             }});
    table.numbers.push_back({.id = "workload.batch",
                             .label = "requests in the batch",
                             .unit = "requests",
                             .help = "Prompts prefilled together and decoded together to the end (docs/method.md: Batch).",
                             .least = 1,
                             .most = 4096,
                             .logarithmic = true,
                             .whole = true,
                             .lowest = 1,
                             .highest = kMostSequences,
                             .get = [](const Scenario& s, std::size_t) -> std::optional<double> {
                                 const auto* batch = std::get_if<StaticBatch>(&s.workload.load);
                                 return batch && !s.workload.arrivals ? std::optional(batch->batch) : std::nullopt;
                             },
                             .set =
                                 [](Scenario& s, std::size_t, double value) {
                                     if (auto* batch = std::get_if<StaticBatch>(&s.workload.load); batch && !s.workload.arrivals)
                                         batch->batch = value;
                                 }});
}

std::optional<double> rate_of(const Scenario& s, std::size_t) {
    const auto* poisson = std::get_if<PoissonLoad>(&s.workload.load);
    const Arrivals* arrivals = arrivals_of(s);
    if (arrivals && (std::holds_alternative<TraceArrivals>(*arrivals) || std::holds_alternative<ServeGenArrivals>(*arrivals)))
        return std::nullopt;
    return poisson ? std::optional(poisson->rate.value) : std::nullopt;
}

void set_rate(Scenario& s, std::size_t index, double value) {
    if (!rate_of(s, index)) return;
    s.workload.load = PoissonLoad{{value}};
    if (!s.workload.arrivals) return;
    if (auto* gamma = std::get_if<GammaArrivals>(&*s.workload.arrivals)) gamma->rate = {value};
    if (auto* weibull = std::get_if<WeibullArrivals>(&*s.workload.arrivals)) weibull->rate = {value};
    if (auto* day = std::get_if<DiurnalArrivals>(&*s.workload.arrivals)) day->rate = {value};
}

std::optional<double> cv_of(const Scenario& s, std::size_t) {
    const Arrivals* arrivals = arrivals_of(s);
    if (!arrivals) return std::nullopt;
    if (const auto* gamma = std::get_if<GammaArrivals>(arrivals)) return gamma->cv;
    if (const auto* weibull = std::get_if<WeibullArrivals>(arrivals)) return weibull->cv;
    return std::nullopt;
}

void set_cv(Scenario& s, std::size_t, double value) {
    if (!s.workload.arrivals) return;
    if (auto* gamma = std::get_if<GammaArrivals>(&*s.workload.arrivals)) gamma->cv = value;
    if (auto* weibull = std::get_if<WeibullArrivals>(&*s.workload.arrivals)) weibull->cv = value;
}

void add_rates(FieldTable& table) {
    table.numbers.push_back(
        {.id = "workload.rate",
         .label = "requests per second",
         .unit = "/s",
         .help = "Mean rate of arrivals of all replicas together, λ (docs/method.md: Saturation). Understands /s, /min and /h.",
         .least = 0.01,
         .most = 1000,
         .logarithmic = true,
         .units = &rate_units(),
         .lowest = 0,
         .highest = kMostRate,
         .above_lowest = true,
         .get = rate_of,
         .set = set_rate});
    table.numbers.push_back(
        {.id = "workload.cv",
         .label = "burstiness (cv of gaps)",
         .help = "Standard deviation over the mean of the gaps between requests: 1 = Poisson, above = bursts, below = a clock.",
         .least = 0.1,
         .most = 10,
         .logarithmic = true,
         .lowest = 0.001,
         .highest = 100,
         .get = cv_of,
         .set = set_cv});
    const auto day = [](const Scenario& s) { return arrivals_of(s) ? std::get_if<DiurnalArrivals>(arrivals_of(s)) : nullptr; };
    const auto change = [](Scenario& s) { return s.workload.arrivals ? std::get_if<DiurnalArrivals>(&*s.workload.arrivals) : nullptr; };
    table.numbers.push_back(
        {.id = "workload.peak",
         .label = "peak over mean",
         .unit = "×",
         .help = "How many times the mean rate the busiest hour has; the rate swings as a cosine.",
         .least = 1,
         .most = 2,
         .lowest = 1,
         .highest = 2,
         .get = [day](const Scenario& s, std::size_t) { return day(s) ? std::optional(day(s)->peak_over_mean) : std::nullopt; },
         .set =
             [change](Scenario& s, std::size_t, double value) {
                 if (auto* d = change(s)) d->peak_over_mean = value;
             }});
    table.numbers.push_back(
        {.id = "workload.period",
         .label = "length of the day",
         .unit = "h",
         .help = "From one low of the rate to the next. A shorter day is simulated sooner.",
         .least = 60,
         .most = 86400,
         .logarithmic = true,
         .units = &second_units(),
         .lowest = 0,
         .highest = kMostSeconds,
         .above_lowest = true,
         .get = [day](const Scenario& s, std::size_t) { return day(s) ? std::optional(day(s)->period.value) : std::nullopt; },
         .set =
             [change](Scenario& s, std::size_t, double value) {
                 if (auto* d = change(s)) d->period = {value};
             }});
}

// What traces and recorded clients share.
template <class Change>
void with_recording(Scenario& s, Change change) {
    if (!s.workload.arrivals) return;
    if (auto* trace = std::get_if<TraceArrivals>(&*s.workload.arrivals)) change(*trace);
    if (auto* clients = std::get_if<ServeGenArrivals>(&*s.workload.arrivals)) change(*clients);
}
template <class Read>
std::optional<double> of_recording(const Scenario& s, Read read) {
    const Arrivals* arrivals = arrivals_of(s);
    if (!arrivals) return std::nullopt;
    if (const auto* trace = std::get_if<TraceArrivals>(arrivals)) return read(*trace);
    if (const auto* clients = std::get_if<ServeGenArrivals>(arrivals)) return read(*clients);
    return std::nullopt;
}

void add_slice(FieldTable& table) {
    table.numbers.push_back(
        {.id = "workload.from",
         .label = "recording from",
         .unit = "s",
         .help = "Where in the recording the simulation starts.",
         .least = 0,
         .most = 86400,
         .units = &second_units(),
         .lowest = 0,
         .highest = kMostRecorded,
         .get = [](const Scenario& s, std::size_t) { return of_recording(s, [](const auto& r) { return std::optional(r.from.value); }); },
         .set =
             [](Scenario& s, std::size_t, double value) {
                 with_recording(s, [&](auto& r) {
                     r.from = {value};
                     if (r.to && r.to->value <= value) r.to.reset();
                 });
             }});
    table.numbers.push_back(
        {.id = "workload.to",
         .label = "recording to",
         .unit = "s",
         .help = "Where in the recording the simulation ends; empty: at its end.",
         .least = 60,
         .most = 86400,
         .logarithmic = true,
         .units = &second_units(),
         .lowest = 0,
         .highest = kMostRecorded,
         .above_lowest = true,
         .get =
             [](const Scenario& s, std::size_t) {
                 return of_recording(s, [](const auto& r) { return r.to ? std::optional(r.to->value) : std::nullopt; });
             },
         .set =
             [](Scenario& s, std::size_t, double value) {
                 with_recording(s, [&](auto& r) {
                     r.to = Seconds{value};
                     if (r.from.value >= value) r.from = {0};
                 });
             },
         .fallback =
             [](const Scenario& s, const Catalog&, std::size_t) {
                 return of_recording(s, [](const auto&) { return std::optional(0.0); }) ? std::optional(Fallback{86400, "its end"})
                                                                                        : std::nullopt;
             },
         .clear = [](Scenario& s, std::size_t) { with_recording(s, [](auto& r) { r.to.reset(); }); }});
}

void add_recording(FieldTable& table) {
    table.numbers.push_back(
        {.id = "workload.speed",
         .label = "speed of the recording",
         .unit = "×",
         .help = "2 = the recorded requests arrive twice as fast.",
         .least = 0.1,
         .most = 10,
         .logarithmic = true,
         .lowest = 1e-6,
         .highest = 1e6,
         .get = [](const Scenario& s, std::size_t) { return of_recording(s, [](const auto& r) { return std::optional(r.speed); }); },
         .set = [](Scenario& s, std::size_t, double value) { with_recording(s, [&](auto& r) { r.speed = value; }); }});
    add_slice(table);
    table.numbers.push_back({.id = "workload.repeat",
                             .label = "times over",
                             .unit = "times",
                             .help = "The recorded slice, one after the other.",
                             .least = 1,
                             .most = 100,
                             .logarithmic = true,
                             .whole = true,
                             .lowest = 1,
                             .highest = 1e6,
                             .integer = true,
                             .get = [](const Scenario& s, std::size_t) -> std::optional<double> {
                                 const auto* trace = arrivals_of(s) ? std::get_if<TraceArrivals>(arrivals_of(s)) : nullptr;
                                 return trace ? std::optional(static_cast<double>(trace->repeat)) : std::nullopt;
                             },
                             .set =
                                 [](Scenario& s, std::size_t, double value) {
                                     if (auto* trace = s.workload.arrivals ? std::get_if<TraceArrivals>(&*s.workload.arrivals) : nullptr)
                                         trace->repeat = whole(value);
                                 }});
}

void add_think(FieldTable& table) {
    const auto thinks = [](const Scenario& s) {
        return s.method == Method::simulate && !s.workload.arrivals && std::holds_alternative<ClosedLoop>(s.workload.load);
    };
    table.numbers.push_back(
        {.id = "workload.think",
         .label = "think time",
         .unit = "s",
         .help = "A user's pause between an answer and the next request. Known to a simulation only.",
         .least = 0,
         .most = 60,
         .units = &second_units(),
         .lowest = 0,
         .highest = kMostSeconds,
         .get = [thinks](const Scenario& s, std::size_t) { return thinks(s) ? std::optional(s.workload.think.value) : std::nullopt; },
         .set =
             [thinks](Scenario& s, std::size_t, double value) {
                 if (thinks(s)) s.workload.think = {value};
             }});
}

}  // namespace

void add_load_fields(FieldTable& table) {
    table.choices.push_back({.id = "workload.load",
                             .label = "load",
                             .help = "How requests arrive. The number stays when the kind changes. Bursts and recordings are known to a "
                                     "simulation only: choosing them simulates the study.",
                             .options = kinds,
                             .get = [](const Scenario& s, std::size_t) { return std::optional(kind_of(s.workload)); },
                             .set = set_kind});
    add_numbers(table);
    add_rates(table);
    add_think(table);
    add_recording(table);
}

}  // namespace moeplan::fields
