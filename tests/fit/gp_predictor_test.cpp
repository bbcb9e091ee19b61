#include <cmath>
#include <random>

#include "core/fit/gp_lanes.h"
#include "core/fit/gp_predictor.h"
#include "core/fit/gp_search.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

// A fitted process of n points; its second feature never varies.
GpModel model_of(std::size_t n) {
    std::mt19937_64 random(n);
    const auto draw = [&random] { return static_cast<double>(random() >> 40) / (1 << 24); };
    std::vector<double> x, y;
    for (std::size_t i = 0; i < n; ++i) {
        const double a = draw(), b = draw();
        x.insert(x.end(), {a, 3.0, b});
        y.push_back(std::sin(4 * a) + b * b + 0.01 * draw());
    }
    GpOptions options;
    options.evaluations = 10;
    return fit_gaussian_process(x, 3, y, {}, options).model;
}

}  // namespace

TEST_CASE("a predictor says what the process says") {
    for (const std::size_t n : {4U, 11U, 13U, 64U, 65U, 300U, 900U}) {
        const GpModel model = model_of(n);
        const GpPredictor predictor(model);
        double size = 1;   // of what is added up: it cancels, and rounding stays
        for (const double w : model.weights) size += std::abs(w) * (model.signal + model.constant);
        for (const double a : {-5.0, 0.0, 0.1, 0.5, 0.77, 1.0, 40.0}) {
            const double x[] = {a, 3.0, 0.3 + 0.1 * a};
            const GpGuess wanted = guess(model, x), got = predictor.guess(x);
            CAPTURE(n, a);
            CHECK(got.mean == Approx(wanted.mean).epsilon(0).margin(1e-15 * size));
            CHECK(got.deviation == Approx(wanted.deviation).epsilon(1e-12));
            CHECK(got.nearest == wanted.nearest);
            CHECK(predictor.mean(x) == got.mean);
        }
    }
}

TEST_CASE("at a point given many times a predictor takes the same neighbours") {
    GpModel model = model_of(200);
    for (std::size_t i = 0; i < 40; ++i) {
        for (std::size_t k = 0; k < 3; ++k) model.points[3 * (5 * i) + k] = model.points[k];
        model.extra_noise[5 * i] = 1e-3 * static_cast<double>(i + 1);   // so that it matters which are taken
    }
    double x[3];
    for (std::size_t k = 0; k < 3; ++k) x[k] = model.scale[k] > 0 ? model.centre[k] + model.scale[k] * model.points[k] : 3.0;
    CHECK(GpPredictor(model).guess(x).deviation == Approx(guess(model, x).deviation).epsilon(1e-12));
}

TEST_CASE("the correlation of many distances at once is that of each") {
    std::vector<double> squared;
    for (int i = 0; i < 4096; ++i) squared.push_back(0.00003 * i * i);
    squared[1] = 1e-300;
    squared.push_back(1e300);
    squared.resize(4104, 500.0);
    std::vector<double> got = squared;
    gp::matern_of(got.data(), got.size());
    for (std::size_t i = 0; i < squared.size(); ++i) {
        CAPTURE(squared[i]);
        CHECK(got[i] == Approx(gp::matern(squared[i])).epsilon(1e-15 * 8).margin(0));
    }
}

TEST_CASE("a quadratic form by elimination is the one of the inverse") {
    // C = [[4, 2], [2, 3]], v = (1, 2): C^-1 v = (-1/8, 3/4), v^T C^-1 v = 11/8.
    std::vector<double> rows(2 * gp::kRow);
    rows[0] = 4;
    rows[1] = rows[gp::kRow] = 2;
    rows[gp::kRow + 1] = 3;
    rows[gp::kRow - 1] = 1;
    rows[2 * gp::kRow - 1] = 2;
    CHECK(gp::quadratic_form(rows.data(), 2) == Approx(1.375));
}
