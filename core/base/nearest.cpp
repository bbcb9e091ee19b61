#include "core/base/nearest.h"

#include <algorithm>

#include "core/base/lower_case.h"

namespace moeplan {
namespace {

// Names longer than this are not typos of anything; the bound keeps hostile input cheap.
constexpr std::size_t kLongestName = 128;

std::string lower(std::string_view s) { return lower_case(s.substr(0, kLongestName)); }

std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
            }
        }
    }
    return d[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view typed, const std::vector<std::string>& names) {
    if (typed.empty() || typed.size() > kLongestName) return std::nullopt;
    const std::string wanted = lower(typed);
    std::optional<std::string> best;
    double best_score = 1e9;
    for (const auto& name : names) {
        const std::string have = lower(name);
        double score = static_cast<double>(edit_distance(wanted, have));
        // "h100" for "h100_sxm", "Mixtral-8x7B" for "mistralai/Mixtral-8x7B-v0.1".
        const bool contains = wanted.size() >= 3 && have.find(wanted) != std::string::npos;
        if (contains) score = std::min(score, 1.0 + 0.01 * static_cast<double>(have.size()));
        const double tolerated = contains ? 3.0 : std::max(1.0, 0.4 * static_cast<double>(wanted.size()));
        if (score <= tolerated && score < best_score) {
            best_score = score;
            best = name;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& names) {
    const auto name = nearest_name(typed, names);
    return name ? "did you mean '" + *name + "'?" : std::string{};
}

std::string one_of(const std::vector<std::string>& names, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i == most) return text + ", …";
        text += (i ? ", " : "") + names[i];
    }
    return text;
}

}  // namespace moeplan
