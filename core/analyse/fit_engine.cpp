#include "core/analyse/fit_engine.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "core/fit/robust_least_squares.h"

namespace moeplan {
namespace {

constexpr double kLossScale = 0.15;     // relative errors beyond it count less than squared
constexpr double kPull = 0.02;          // of the catalog's terms, per squared unit of log
constexpr int kRounds = 30;
constexpr double kStep = 0.3;          // of log terms: times of users in step jump where one more of them fits between

struct Term {
    double EngineTerms::* field;
    Estimate EngineSpec::* spec;
    double start, low, high;   // seconds
};

constexpr std::array<Term, 6> kTerms{{{&EngineTerms::step_s, &EngineSpec::step_overhead_s, 126e-6, 1e-6, 5e-3},
                                      {&EngineTerms::sequence_s, &EngineSpec::sequence_overhead_s, 4.4e-6, 1e-7, 1e-4},
                                      {&EngineTerms::kernel_launch_s, &EngineSpec::kernel_launch_s, 2e-6, 1e-7, 1e-5},
                                      {&EngineTerms::prefill_s, &EngineSpec::prefill_overhead_s, 3e-3, 2e-5, 0.1},
                                      {&EngineTerms::prefill_layer_s, &EngineSpec::prefill_layer_s, 4e-4, 1e-6, 5e-3},
                                      {&EngineTerms::request_s, &EngineSpec::request_overhead_s, 1e-2, 5e-4, 0.2}}};

constexpr Term kPrefillApart{&EngineTerms::prefill_apart_s, &EngineSpec::prefill_overhead_s, 3e-3, 2e-5, 0.1};

bool prefills_apart(const Prepared& prepared) {
    const DeviceDefaults* here = prepared.device ? defaults_on(*prepared.engine, *prepared.device) : nullptr;
    return here && here->prefill_overhead_s;
}

std::string group_of(const ServingRow& row) { return fmt::format("{}, {}, {}", row.measured.model, row.measured.gpu, row.measured.engine); }

// A prepared candidate with another engine's terms; the exact value serves as low and high too.
void set_terms(ServedCandidate& candidate, const EngineTerms& terms) {
    const auto set = [&](Prepared& prepared) {
        EngineSpec engine = *prepared.engine;
        const auto put = [&](const Term& term) {
            const double value = terms.*term.field;
            engine.*term.spec = {value, 0.5 * value, 2 * value};
        };
        for (const Term& term : kTerms) put(term);
        if (terms.prefill_apart_s > 0 && prefills_apart(prepared)) put(kPrefillApart);
        if (terms.request_range_s) {
            engine.request_overhead_s.low = std::min(terms.request_s, terms.request_range_s->first);
            engine.request_overhead_s.high = std::max(terms.request_s, terms.request_range_s->second);
        }
        prepared.engine = std::make_shared<const EngineSpec>(std::move(engine));
    };
    set(candidate.prepared);
    if (!candidate.pools) return;
    set(candidate.pools->prefill);
    set(candidate.pools->decode);
}

// Rows of these groups; null: all.
ServingRows copied(const ServingRows& rows, const std::set<std::string>* groups) {
    ServingRows out;
    out.skipped = rows.skipped;
    std::map<const ServedCandidate*, std::shared_ptr<ServedCandidate>> copies;
    for (const ServingRow& row : rows.rows) {
        if (groups && !groups->count(group_of(row))) continue;
        auto& copy = copies[row.candidate.get()];
        if (!copy) {
            copy = std::make_shared<ServedCandidate>(*row.candidate);
            copy->prepared.spec = &copy->study.candidates.front();
        }
        out.rows.push_back({row.measured, copy, row.point});
    }
    return out;
}

ServingRows clean(ServingRows rows) {
    std::erase_if(rows.rows, [](const ServingRow& row) { return row.measured.queueing || row.measured.pools; });
    return rows;
}

// The rows of one engine and what they weigh.
struct Fitted {
    const ServingRows& rows;
    std::map<std::string, double> size;
    double all = 0;   // groups, each by the root of its rows
    std::set<ServedCandidate*> candidates;

    explicit Fitted(const ServingRows& r) : rows(r) {
        for (const ServingRow& row : rows.rows) {
            size[group_of(row)] += 1;
            candidates.insert(row.candidate.get());
        }
        for (const auto& [group, n] : size) all += std::sqrt(n);
    }
    // A group counts by the root of its rows: more of them tell more, but share what is wrong with their server.
    double weight(const ServingRow& row) const { return 1 / (std::sqrt(size.at(group_of(row))) * all); }
    void set(const EngineTerms& terms) const {
        for (ServedCandidate* candidate : candidates) set_terms(*candidate, terms);
    }
};

double off(double predicted, const std::optional<double>& measured) { return measured ? std::log(predicted / *measured) : 0; }

// The terms whose fields are in `free`, from where they are in `terms`, on rows of one engine: robust squared logarithms of TPOT and
// TTFT.
EngineTerms fitted_terms(const Fitted& fitted, EngineTerms terms, const std::vector<Term>& free, const RowPredictor& predict) {
    const auto with = [&](const std::vector<double>& logs) {
        EngineTerms tried = terms;
        for (std::size_t i = 0; i < free.size(); ++i) tried.*free[i].field = std::exp(logs[i]);
        return tried;
    };
    const Residuals residuals = [&](const std::vector<double>& logs) {
        fitted.set(with(logs));
        const auto found = predict(fitted.rows);
        std::vector<double> all;
        all.reserve(2 * found.size());
        for (std::size_t i = 0; i < found.size(); ++i) {
            const MeasuredServing& m = fitted.rows.rows[i].measured;
            const bool compared = found[i].skip.empty();
            all.push_back(compared ? off(found[i].tpot_s.value, m.tpot_s) : 0);
            all.push_back(compared ? off(found[i].ttft_s.value, m.ttft_s) : 0);
        }
        return all;
    };
    RobustLoss loss;
    loss.scale = kLossScale;
    loss.pull = kPull;
    for (const ServingRow& row : fitted.rows.rows) loss.weights.insert(loss.weights.end(), 2, fitted.weight(row));
    Box box;
    for (const Term& term : free) {
        loss.towards.push_back(std::log(terms.*term.field));
        box.low.push_back(std::log(term.low));
        box.high.push_back(std::log(term.high));
    }
    return with(least_robust(residuals, loss, loss.towards, box, kStep, kRounds));
}

// Every term these rows can tell of, where its fit starts.
std::pair<EngineTerms, std::vector<Term>> at_start(const Fitted& fitted) {
    std::vector<Term> free{kTerms.begin(), kTerms.end()};
    if (std::ranges::any_of(fitted.candidates, [](const ServedCandidate* c) { return prefills_apart(c->prepared); })) free.push_back(kPrefillApart);
    EngineTerms terms;
    for (const Term& term : free) terms.*term.field = term.start;
    return {terms, free};
}

// What a request costs before the scheduler, of single groups: from the least to the most.
std::optional<std::pair<double, double>> request_range(const ServingRows& rows, const EngineTerms& terms, const RowPredictor& predict) {
    constexpr std::size_t kLeastRows = 10;
    std::map<std::string, std::size_t> size;
    for (const ServingRow& row : rows.rows) ++size[group_of(row)];
    std::optional<std::pair<double, double>> range;
    std::size_t groups = 0;
    for (const auto& [name, n] : size) {
        if (n < kLeastRows) continue;
        const std::set<std::string> only{name};
        const ServingRows mine = copied(rows, &only);
        const double request = fitted_terms(Fitted(mine), terms, {kTerms.back()}, predict).request_s;
        if (!range) range = {request, request};
        range = {std::min(range->first, request), std::max(range->second, request)};
        ++groups;
    }
    return groups > 1 ? range : std::nullopt;
}

}  // namespace

EngineFit fit_engine_terms(const ServingRows& rows, GroupHalf half, const RowPredictor& predict) {
    EngineFit fit;
    std::map<std::string, std::set<std::string>> groups;   // by engine
    for (const ServingRow& row : rows.rows) {
        if (!row.measured.queueing && !row.measured.pools && (row.measured.ttft_s || row.measured.tpot_s)) groups[row.candidate->prepared.engine->id].insert(group_of(row));
    }
    for (const auto& [engine, names] : groups) {
        std::set<std::string> mine;
        std::size_t i = 0;
        for (const std::string& name : names) {
            const bool even = i++ % 2 == 0;
            // An engine with a single group has no other half: it is fitted on and scored on nothing else.
            const bool fitted = half == GroupHalf::all || names.size() == 1 || even == (half == GroupHalf::even);
            (fitted ? fit.fitted_on : fit.scored_on).push_back(name);
            if (fitted) mine.insert(name);
        }
        const ServingRows theirs = clean(copied(rows, &mine));
        const Fitted fitted(theirs);
        const auto [start, free] = at_start(fitted);
        EngineTerms& terms = fit.terms[engine];
        terms = fitted_terms(fitted, start, free, predict);
        terms.request_range_s = request_range(theirs, terms, predict);
    }
    return fit;
}

ServingRows with_terms(const ServingRows& rows, const EngineFit& fit, bool scored_only) {
    const std::set<std::string> scored(fit.scored_on.begin(), fit.scored_on.end());
    ServingRows out = copied(rows, scored_only ? &scored : nullptr);
    std::set<ServedCandidate*> done;
    for (const ServingRow& row : out.rows) {
        const auto at = fit.terms.find(row.candidate->prepared.engine->id);
        if (at != fit.terms.end() && done.insert(row.candidate.get()).second) set_terms(*row.candidate, at->second);
    }
    return out;
}

}  // namespace moeplan
