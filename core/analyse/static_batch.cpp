// Batches that are prefilled together and decoded together: docs/method.md, "Batch".
#include <algorithm>
#include <cmath>

#include "core/analyse/steady_state.h"
#include "core/analyse/steady_state_parts.h"
#include "core/base/require.h"

namespace moeplan {
namespace {

// Requests that are prefilled together and then decoded together to the end.
struct Wave {
    double size = 0, pieces = 1, microbatches = 1;
    StepShape prefill_step, decode_step;
    Cost prefill, decode;
    Estimate first_s, tpot_s, lasts_s;   // until all have their first token, and until the last token
};

Result<Wave> price_wave(StepTimer& timer, const RequestShape& r, const ReplicaLimits& limits, double size) {
    Wave w;
    w.size = size;
    w.microbatches = std::clamp(size, 1.0, limits.stages);
    const double mine = size / w.microbatches, prompt = r.new_tokens();
    // The fullest dp rank fills its budget again and again.
    const double of_rank = std::max(mine / limits.dp, std::min(mine, 1.0)) * prompt;
    w.pieces = limits.chunked_prefill ? std::ceil(of_rank / limits.token_budget) : 1;
    const double tokens = of_rank / w.pieces;   // of it in a step
    const double of_one = std::min(tokens, prompt);
    w.prefill_step.prefill = {std::min(mine, limits.dp) * tokens / of_one, of_one, r.cached_tokens() + (prompt - of_one) / 2};
    w.decode_step.decode = {mine, limits.accepted_per_step, r.input + r.output / 2};
    auto prefill = timer.price(w.prefill_step);
    if (!prefill) return tl::unexpected(prefill.error());
    auto decode = price_decodes(timer, w.decode_step, r.output, 1);   // all go along together
    if (!decode) return tl::unexpected(decode.error());
    w.prefill = *prefill;
    w.decode = *decode;
    // Microbatches follow each other through the stages: the last one's first token comes (stages-1) shares later.
    const double fill = 1 + (w.microbatches - 1) / limits.stages;
    w.first_s = to_estimate(*prefill) * (w.pieces * fill);
    w.tpot_s = to_estimate(*decode) * (1 / limits.accepted_per_step);
    w.lasts_s = w.first_s + w.tpot_s * std::max(0.0, r.output - 1);
    return w;
}

}  // namespace

Result<ServingPoint> static_batch(StepTimer& timer, const RequestShape& request, const ReplicaLimits& limits, double batch) {
    require(limits.max_together >= 1, "static_batch: at least one sequence must fit");
    const auto priced = price_wave(timer, request, limits, std::min(batch, limits.max_together));
    if (!priced) return tl::unexpected(priced.error());
    const Wave& wave = *priced;
    const double waves = std::floor(batch / wave.size + 1e-9), rest = std::max(0.0, batch - waves * wave.size);
    // Each wave waits for those before it; the last one is what is left.
    const double full = batch - rest;
    Estimate ttft = (wave.lasts_s * ((waves - 1) / 2) + wave.first_s) * (full / batch), tpot = wave.tpot_s * (full / batch);
    Estimate all = wave.lasts_s * waves;
    double in_flight_s = full * wave.lasts_s.value;
    if (rest > 1e-9) {
        const auto last = price_wave(timer, request, limits, rest);
        if (!last) return tl::unexpected(last.error());
        ttft = ttft + (all + last->first_s) * (rest / batch);
        tpot = tpot + last->tpot_s * (rest / batch);
        all = all + last->lasts_s;
        in_flight_s += rest * last->lasts_s.value;
    }
    ServingPoint p;
    p.ttft_s = ttft + limits.request_overhead_s;
    p.tpot_s = tpot;
    p.e2e_s = p.ttft_s + tpot * std::max(0.0, request.output - 1);
    p.requests_per_s = inverse(batch, all + limits.request_overhead_s);
    p.running = in_flight_s / all.value;
    p.waiting = std::max(0.0, p.requests_per_s.value * p.e2e_s.value - p.running);
    p.saturation = std::min(1.0, batch / limits.max_together);
    p.prefill_step = wave.prefill_step;
    p.decode_step = wave.decode_step;
    p.mixed = wave.prefill;
    p.decode = wave.decode;
    p.prompt_microbatches = wave.microbatches;
    p.mixed_share = wave.pieces / (wave.pieces + std::max(0.0, request.output - 1) / limits.accepted_per_step);
    fill_work(p, limits);
    return p;
}

}  // namespace moeplan
