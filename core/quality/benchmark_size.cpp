// Published sizes of the question sets that scores are reported on.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "core/quality/score.h"

namespace moeplan {
namespace {

struct Size {
    std::string_view name;  // lower case letters and digits only
    double questions;
};

// Source, unless a line says otherwise: "Data Statistics" of each benchmark's page in modelscope/evalscope
// (docs/en/benchmarks/*.md), which counts the split that is scored.
constexpr std::array kSizes{
    Size{"gsm8k", 1319},         // test; also n-samples of lm-evaluation-harness
    Size{"mmlu", 14042},         // test, 57 subjects
    Size{"mmlupro", 12032},      // test
    Size{"humaneval", 164},      //
    Size{"humaneval+", 164},     //
    Size{"mbpp", 500},           // test
    Size{"mbpp+", 378},          //
    Size{"gpqadiamond", 198},    //
    Size{"gpqa", 198},           // unnamed subset: the smaller, see score.h
    Size{"gpqamain", 448},       // Source: GPQA paper, arXiv 2311.12022
    Size{"aime2024", 30},        // AIME I and II
    Size{"aime2025", 30},        //
    Size{"aime", 30},            // unnamed year: one year's two exams of 15, see score.h
    Size{"math", 5000},          // Hendrycks MATH, test
    Size{"math500", 500},        //
    Size{"arcc", 1172},          // ARC-Challenge, test
    Size{"arce", 2376},          // ARC-Easy, test
    Size{"hellaswag", 10042},    // validation
    Size{"winogrande", 1267},    // validation
    Size{"bbh", 6511},           // 27 subtasks
    Size{"drop", 9536},          // validation
    Size{"ifeval", 541},         // prompts
    Size{"truthfulqa", 817},     // validation, multiple choice
    Size{"simpleqa", 4326},      // Source: huggingface.co/datasets/OpenEvals/SimpleQA
};

struct Alias {
    std::string_view name, meaning;
};
constexpr std::array kAliases{
    Alias{"aime24", "aime2024"},    Alias{"aime25", "aime2025"},     Alias{"arcchallenge", "arcc"},
    Alias{"arceasy", "arce"},       Alias{"bigbenchhard", "bbh"},    Alias{"competitionmath", "math"},
    Alias{"hendrycksmath", "math"}, Alias{"gsm8kcot", "gsm8k"},      Alias{"humanevalplus", "humaneval+"},
    Alias{"mbppplus", "mbpp+"},     Alias{"gsm8kcotllama", "gsm8k"},
};

// Lower case; letters, digits and '+' only; what stands in brackets left out.
std::string plain(std::string_view name) {
    std::string text;
    int depth = 0;
    for (const char c : name) {
        if (c == '(' || c == '[') ++depth;
        const auto byte = static_cast<unsigned char>(c);
        if (depth == 0 && (std::isalnum(byte) || c == '+')) text += static_cast<char>(std::tolower(byte));
        if ((c == ')' || c == ']') && depth > 0) --depth;
    }
    return text;
}

}  // namespace

std::optional<double> benchmark_questions(std::string_view benchmark) {
    std::string name = plain(benchmark);
    for (const Alias& alias : kAliases) {
        if (name == alias.name) name = alias.meaning;
    }
    const auto found =
        std::find_if(kSizes.begin(), kSizes.end(), [&](const Size& s) { return s.name == name; });
    if (found == kSizes.end()) return std::nullopt;
    return found->questions;
}

double distinct_questions(std::string_view benchmark, double samples) {
    return std::min(samples, benchmark_questions(benchmark).value_or(samples));
}

}  // namespace moeplan
