#include "core/fit/gp_lanes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__)
#define MOEPLAN_WIDE 1
#ifdef __clang__
#define MOEPLAN_512 "avx512f,avx512dq,avx512vl"
#else
#define MOEPLAN_512 "avx512f,avx512dq,avx512vl,prefer-vector-width=512"
#endif
#define MOEPLAN_INLINE __attribute__((always_inline)) inline
#else
#define MOEPLAN_WIDE 0
#define MOEPLAN_INLINE inline
#endif

namespace moeplan::gp {
namespace {

constexpr double kFar = 500;   // as matern(): beyond it the correlation is below 1e-15

MOEPLAN_INLINE void distances_loop(const float* points, std::size_t features, std::size_t n, const double* z, double* out) {
    for (std::size_t from = 0; from < n; from += kBlock) {
        double sum[kBlock] = {};
        for (std::size_t k = 0; k < features; ++k) {
            const float* row = points + k * n + from;
            const double at = z[k];
            for (std::size_t i = 0; i < kBlock; ++i) {
                const double off = at - static_cast<double>(row[i]);
                sum[i] += off * off;
            }
        }
        for (std::size_t i = 0; i < kBlock; ++i) out[from + i] = sum[i];
    }
}

MOEPLAN_INLINE void least_loop(const double* values, std::size_t n, double* least) {
    for (std::size_t from = 0; from < n; from += kBlock, least += kLanes) {
        for (std::size_t l = 0; l < kLanes; ++l) least[l] = values[from + l];
        for (std::size_t j = kLanes; j < kBlock; j += kLanes) {
            for (std::size_t l = 0; l < kLanes; ++l) least[l] = values[from + j + l] < least[l] ? values[from + j + l] : least[l];
        }
    }
}

// exp(-r) for 0 <= r <= 40.
MOEPLAN_INLINE double decay(double r) {
    constexpr double kPerOctave = 1.4426950408889634;                          // 1 / ln 2
    constexpr double kOctaveHigh = 6.93147180369123816490e-01;                 // ln 2 in two parts, the first exact times
    constexpr double kOctaveLow = 1.90821492927058770002e-10;                  // any whole number of octaves met here
    constexpr double kRounder = 0x1.8p52;                                      // adding it rounds to a whole number
    const double shifted = -r * kPerOctave + kRounder;
    const double octaves = shifted - kRounder;
    const double f = (-r - octaves * kOctaveHigh) - octaves * kOctaveLow;      // |f| <= ln 2 / 2
    double p = 1.0 / 6227020800;
    p = p * f + 1.0 / 479001600;
    p = p * f + 1.0 / 39916800;
    p = p * f + 1.0 / 3628800;
    p = p * f + 1.0 / 362880;
    p = p * f + 1.0 / 40320;
    p = p * f + 1.0 / 5040;
    p = p * f + 1.0 / 720;
    p = p * f + 1.0 / 120;
    p = p * f + 1.0 / 24;
    p = p * f + 1.0 / 6;
    p = p * f + 0.5;
    p = p * f + 1.0;
    p = p * f + 1.0;
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(p) + (std::bit_cast<std::uint64_t>(shifted) << 52));
}

MOEPLAN_INLINE void matern_loop(double* squared, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        const double d = squared[i];
        const double r = std::sqrt(3.0 * (d > kFar ? kFar : d));
        const double value = (1.0 + r) * decay(r);
        squared[i] = d > kFar ? 0.0 : value;
    }
}

MOEPLAN_INLINE double dot_loop(const double* a, const double* b, std::size_t n) {
    double part[kLanes] = {};
    for (std::size_t i = 0; i < n; i += kLanes) {
        for (std::size_t l = 0; l < kLanes; ++l) part[l] += a[i + l] * b[i + l];
    }
    double sum = 0;
    for (const double p : part) sum += p;
    return sum;
}

MOEPLAN_INLINE void between_loop(const double* at, std::size_t features, std::size_t m, double* out) {
    for (std::size_t i = 0; i < m; ++i) {
        double sum[kRow] = {};
        for (std::size_t k = 0; k < features; ++k) {
            const double here = at[k * kRow + i];
            for (std::size_t j = 0; j < kRow; ++j) sum[j] += (here - at[k * kRow + j]) * (here - at[k * kRow + j]);
        }
        for (std::size_t j = 0; j < kRow; ++j) out[i * kRow + j] = sum[j];
    }
}

MOEPLAN_INLINE double quadratic_loop(double* rows, std::size_t m) {
    double form = 0;
    for (std::size_t j = 0; j < m; ++j) {
        double pivot[kRow];
        for (std::size_t l = 0; l < kRow; ++l) pivot[l] = rows[j * kRow + l];
        const double inverse = 1 / pivot[j];
        form += pivot[kRow - 1] * pivot[kRow - 1] * inverse;
        for (std::size_t i = j + 1; i < m; ++i) {
            const double factor = rows[i * kRow + j] * inverse;
            for (std::size_t l = 0; l < kRow; ++l) rows[i * kRow + l] -= factor * pivot[l];
        }
    }
    return form;
}

struct Loops {
    void (*distances)(const float*, std::size_t, std::size_t, const double*, double*);
    void (*least)(const double*, std::size_t, double*);
    void (*matern)(double*, std::size_t);
    void (*between)(const double*, std::size_t, std::size_t, double*);
    double (*quadratic)(double*, std::size_t);
    double (*dot)(const double*, const double*, std::size_t);
};

// One set of the loops, compiled for what `target` says.
#define MOEPLAN_LOOPS(name, target)                                                                                         \
    namespace name {                                                                                                        \
    target void distances(const float* p, std::size_t f, std::size_t n, const double* z, double* o) { distances_loop(p, f, n, z, o); } \
    target void least(const double* v, std::size_t n, double* o) { least_loop(v, n, o); }                                   \
    target void matern(double* v, std::size_t n) { matern_loop(v, n); }                                                     \
    target void between(const double* at, std::size_t f, std::size_t m, double* o) { between_loop(at, f, m, o); }            \
    target double quadratic(double* rows, std::size_t m) { return quadratic_loop(rows, m); }                                \
    target double dot(const double* a, const double* b, std::size_t n) { return dot_loop(a, b, n); }                        \
    constexpr Loops kLoops{distances, least, matern, between, quadratic, dot};                                                                  \
    }

MOEPLAN_LOOPS(plain, )
#if MOEPLAN_WIDE
MOEPLAN_LOOPS(wide, __attribute__((target("avx2"))))
MOEPLAN_LOOPS(widest, __attribute__((target(MOEPLAN_512))))
#endif

const Loops& loops() {
#if MOEPLAN_WIDE
    static const Loops& chosen = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") ? widest::kLoops
                                 : __builtin_cpu_supports("avx2")                                                                              ? wide::kLoops
                                                                                                                                               : plain::kLoops;
    return chosen;
#else
    return plain::kLoops;
#endif
}

}  // namespace

void squared_distances(const float* points, std::size_t features, std::size_t n, const double* z, double* out) { loops().distances(points, features, n, z, out); }
void least_of_lanes(const double* values, std::size_t n, double* least) { loops().least(values, n, least); }
void matern_of(double* squared, std::size_t n) { loops().matern(squared, n); }
void distances_between(const double* at, std::size_t features, std::size_t m, double* out) { loops().between(at, features, m, out); }
double quadratic_form(double* rows, std::size_t m) { return loops().quadratic(rows, m); }
double dot(const double* a, const double* b, std::size_t n) { return loops().dot(a, b, n); }

}  // namespace moeplan::gp
