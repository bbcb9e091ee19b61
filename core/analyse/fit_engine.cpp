#include "core/analyse/fit_engine.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "core/fit/minimise.h"

namespace moeplan {
namespace {

constexpr double kLossScale = 0.15;     // relative errors beyond it count less than squared
constexpr double kPull = 0.01;          // of the catalog's terms, per squared unit of log
constexpr int kEvaluations = 40;
constexpr double kStep = 0.02;          // of log terms

struct Term {
    double EngineTerms::* field;
    Estimate EngineSpec::* spec;
    double start, low, high;   // seconds
};

constexpr std::array<Term, 6> kTerms{{{&EngineTerms::step_s, &EngineSpec::step_overhead_s, 126e-6, 1e-6, 5e-3},
                                      {&EngineTerms::sequence_s, &EngineSpec::sequence_overhead_s, 4.4e-6, 1e-7, 1e-4},
                                      {&EngineTerms::kernel_launch_s, &EngineSpec::kernel_launch_s, 2e-6, 1e-7, 1e-5},
                                      {&EngineTerms::prefill_s, &EngineSpec::prefill_overhead_s, 5e-3, 1e-4, 0.1},
                                      {&EngineTerms::prefill_layer_s, &EngineSpec::prefill_layer_s, 1e-4, 1e-6, 5e-3},
                                      {&EngineTerms::request_s, &EngineSpec::request_overhead_s, 15e-3, 5e-4, 0.2}}};

std::string group_of(const ServingRow& row) { return fmt::format("{}, {}, {}", row.measured.model, row.measured.gpu, row.measured.engine); }

double loss(double predicted, const std::optional<double>& measured) {
    if (!measured) return 0;
    const double scaled = std::log(predicted / *measured) / kLossScale;
    return std::sqrt(1 + scaled * scaled) - 1;
}

// A prepared candidate with another engine's terms; the exact value serves as low and high too.
void set_terms(ServedCandidate& candidate, const EngineTerms& terms) {
    const auto set = [&](Prepared& prepared) {
        EngineSpec engine = *prepared.engine;
        for (const Term& term : kTerms) {
            const double value = terms.*term.field;
            engine.*term.spec = {value, 0.5 * value, 2 * value};
        }
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

EngineTerms terms_of(const std::vector<double>& logs) {
    EngineTerms terms;
    for (std::size_t i = 0; i < kTerms.size(); ++i) terms.*kTerms[i].field = std::exp(logs[i]);
    return terms;
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

double pull(double log_term, const Term& term) {
    const double off = log_term - std::log(term.start);
    return kPull * off * off;
}

// What a request costs before the scheduler, from first tokens as `predict` has them. It enters them as it is, but for whom the
// request then meets: a few rounds settle that.
double fit_request(const Fitted& fitted, EngineTerms terms, const RowPredictor& predict) {
    constexpr int kRounds = 4;
    const Term& term = kTerms.back();
    for (int round = 0; round < kRounds; ++round) {
        fitted.set(terms);
        const auto found = predict(fitted.rows);
        const auto value = [&](const std::vector<double>& log_request) {
            const double later = std::exp(log_request[0]) - terms.request_s;
            double sum = pull(log_request[0], term);
            for (std::size_t i = 0; i < found.size(); ++i) {
                const ServingRow& row = fitted.rows.rows[i];
                if (found[i].skip.empty()) sum += fitted.weight(row) * loss(std::max(found[i].ttft_s.value + later, 1e-6), row.measured.ttft_s);
            }
            return sum;
        };
        const Box box{{std::log(term.low)}, {std::log(term.high)}};
        terms.request_s = std::exp(minimise_by_differences(value, {std::log(terms.request_s)}, box, kStep, kEvaluations)[0]);
    }
    return terms.request_s;
}

// Of single groups, as above.
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
        const double request = fit_request(Fitted(mine), terms, predict);
        if (!range) range = {request, request};
        range = {std::min(range->first, request), std::max(range->second, request)};
        ++groups;
    }
    return groups > 1 ? range : std::nullopt;
}

// Terms of one engine on its rows.
EngineTerms fit_one(const ServingRows& rows, const RowPredictor& predict) {
    const Fitted fitted(rows);
    const auto value = [&](const std::vector<double>& logs) {
        const EngineTerms terms = terms_of(logs);
        fitted.set(terms);
        const auto found = predict(rows);
        double sum = 0;
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (!found[i].skip.empty()) continue;
            const MeasuredServing& m = rows.rows[i].measured;
            sum += fitted.weight(rows.rows[i]) * (loss(found[i].tpot_s.value, m.tpot_s) + loss(found[i].ttft_s.value, m.ttft_s));
        }
        for (std::size_t i = 0; i < logs.size(); ++i) sum += pull(logs[i], kTerms[i]);
        return sum;
    };
    std::vector<double> start;
    Box box;
    for (const Term& term : kTerms) {
        start.push_back(std::log(term.start));
        box.low.push_back(std::log(term.low));
        box.high.push_back(std::log(term.high));
    }
    return terms_of(minimise_by_differences(value, start, box, kStep, kEvaluations));
}

}  // namespace

EngineFit fit_engine_terms(const ServingRows& rows, GroupHalf half, const RowPredictor& predict, const RowPredictor* first_tokens) {
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
        const ServingRows fitted = clean(copied(rows, &mine));
        EngineTerms& terms = fit.terms[engine];
        terms = fit_one(fitted, predict);
        if (!first_tokens) continue;
        terms.request_s = fit_request(Fitted(fitted), terms, *first_tokens);
        terms.request_range_s = request_range(fitted, terms, *first_tokens);
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
