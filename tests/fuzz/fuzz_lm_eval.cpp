// lm-evaluation-harness readers: whatever the bytes are, an answer or problems, never a crash.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "core/quality/lm_eval.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto run = moeplan::parse_lm_eval_run(text, "fuzz.json")) {
        if (const auto score = moeplan::choose_score(*run)) (void)moeplan::probability_correct(*score);
    }
    std::istringstream stream(text);
    (void)moeplan::parse_lm_eval_samples(stream, "fuzz.jsonl", "");
    return 0;
}
