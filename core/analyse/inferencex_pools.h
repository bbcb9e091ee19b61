#pragma once
// How InferenceX starts SGLang for DeepSeek-R1 where prefill and decode are apart: what its tables of results leave out.
//
// A row of results has the layout of one worker of each kind, neither how many there are nor whether attention is replicated;
// the recipes it runs have both. Several recipes run the same load: with and without a draft model, and for rates as for
// latency. A row is read as started where all recipes of its load start the same workers, as it is recorded where that is
// one of them, and not at all where it is none.
// Source: github:ishandhanani/srt-slurm, recipes/b200-fp8/1k1k-stp.yaml@1e312702b54e, 1k1k-mtp.yaml@893b9b9a4877,
// recipes/b200-fp4/1k1k-stp.yaml@1e312702b54e, 1k1k-mtp.yaml@893b9b9a4877, 8k1k-stp.yaml@1e312702b54e, 8k1k-mtp.yaml@893b9b9a4877

#include <optional>

#include "core/scenario/simulate_spec.h"

namespace moeplan {

// `recorded`: layouts and numbers of workers as the row has them. `fp4`: nvfp4 rather than fp8. On B200. Nothing where several
// recipes may have run and what is recorded is none of them.
std::optional<PoolsSpec> as_started(PoolsSpec recorded, bool fp4, double input, double users);

}  // namespace moeplan
