#pragma once
// The inner loops of a prediction, over many points at once. Compiled for several widths of vectors, chosen once by what
// the processor has; built without contracted or reordered arithmetic, so that all widths give the same bytes. Internal to
// core/fit.

#include <cstddef>

namespace moeplan::gp {

constexpr std::size_t kLanes = 8;      // arrays are whole multiples of it
constexpr std::size_t kBlock = 64;     // points whose lanes share a minimum

// out[i] = sum over features of (z[k] - points[k * n + i])^2. n: a multiple of kBlock.
void squared_distances(const float* points, std::size_t features, std::size_t n, const double* z, double* out);

// least[b * kLanes + l]: the smallest of values[b * kBlock + l + kLanes * j], j = 0 … 7. n: a multiple of kBlock.
void least_of_lanes(const double* values, std::size_t n, double* least);

// In place: the Matern-3/2 correlation of each squared distance. n: a multiple of kLanes.
// exp() within 1 unit in the last place: Cody and Waite's reduction, Taylor's series of degree 13.
void matern_of(double* squared, std::size_t n);

// out[i * kRow + j] = squared distance of points i and j of a few. `at`: features x kRow coordinates; i < m <= kRow.
constexpr std::size_t kRow = 16;
void distances_between(const double* at, std::size_t features, std::size_t m, double* out);

// v^T C^-1 v for a positive definite C of m < kRow rows, given as m rows of kRow: C's own, then v's element in the last place.
// Uses up the rows. By elimination without pivots, which such matrices do not need.
double quadratic_form(double* rows, std::size_t m);

// sum of a[i] * b[i], in kLanes parts added up in order. n: a multiple of kLanes.
double dot(const double* a, const double* b, std::size_t n);

}  // namespace moeplan::gp
