#include "core/fit/gaussian_process.h"

#include <cmath>
#include <random>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1.0p-53; }

struct Points {
    std::vector<double> x, y;
};

// y = sin(2 a) + b / 2 on [-2, 2]^2, a third input that says nothing, and noise.
Points wavy(std::size_t n, double noise, std::uint64_t seed = 5) {
    std::mt19937_64 random(seed);
    Points p;
    for (std::size_t i = 0; i < n; ++i) {
        const double a = 4 * uniform(random) - 2, b = 4 * uniform(random) - 2;
        p.x.insert(p.x.end(), {a, b, uniform(random)});
        p.y.push_back(std::sin(2 * a) + b / 2 + noise * (uniform(random) + uniform(random) + uniform(random) - 1.5) * 2);
    }
    return p;
}

// A model written down, not fitted: unit scales, no offset.
GpModel model_of(std::vector<double> points, std::vector<double> weights, double signal, double constant, double noise) {
    GpModel m;
    m.features = 1;
    m.centre = {0};
    m.scale = {1};
    m.signal = signal;
    m.constant = constant;
    m.noise = noise;
    m.extra_noise.assign(weights.size(), 0.0);
    m.points = std::move(points);
    m.weights = std::move(weights);
    return m;
}

// Rasmussen and Williams eq. 2.25 with k(r) = s (1 + sqrt(3) r) exp(-sqrt(3) r) + c.
double kernel(double r, double s, double c) { return s * (1 + std::sqrt(3.0) * r) * std::exp(-std::sqrt(3.0) * r) + c; }

}  // namespace

TEST_CASE("one point pulls the mean by its share of the variance and leaves the rest in doubt") {
    // s = 2, c = 0, noise 0.5, y = 1 at 0: weight = 1 / 2.5. At 0 the mean is 2 / 2.5 = 0.8 and the variance 2 - 4 / 2.5 + 0.5 = 0.9.
    const GpModel m = model_of({0}, {1 / 2.5}, 2, 0, 0.5);
    const double at = 0, far = 100;
    const GpGuess here = guess(m, {&at, 1});
    CHECK(here.mean == Approx(0.8));
    CHECK(here.deviation == Approx(std::sqrt(0.9)));
    CHECK(here.nearest == 0);
    const GpGuess away = guess(m, {&far, 1});
    CHECK(away.mean == Approx(0).margin(1e-12));
    CHECK(away.deviation == Approx(std::sqrt(2.5)));
    CHECK(away.nearest == Approx(100));
}

TEST_CASE("two points are weighed as the two by two system says") {
    const double s = 1.5, c = 0.3, noise = 0.1, k01 = kernel(0.7, s, c), k = s + c + noise;
    const double y0 = 0.4, y1 = -0.2, det = k * k - k01 * k01;
    const double w0 = (k * y0 - k01 * y1) / det, w1 = (k * y1 - k01 * y0) / det;
    const GpModel m = model_of({0, 0.7}, {w0, w1}, s, c, noise);
    const double q = 0.25, a = kernel(0.25, s, c), b = kernel(0.45, s, c);
    const GpGuess g = guess(m, {&q, 1});
    CHECK(g.mean == Approx(a * w0 + b * w1));
    const double explained = (a * a * k - 2 * a * b * k01 + b * b * k) / det;
    CHECK(g.deviation == Approx(std::sqrt(s + c - explained + noise)));
    CHECK(gp_mean(m, {&q, 1}) == Approx(g.mean));
}

TEST_CASE("an inflated point counts for less in the deviation") {
    GpModel m = model_of({0}, {0.1}, 1, 0, 0.1);
    m.extra_noise = {0.9};
    const double at = 0;
    // 1 - 1 / (1 + 0.1 + 0.9) + 0.1
    CHECK(guess(m, {&at, 1}).deviation == Approx(std::sqrt(0.6)));
}

TEST_CASE("a smooth function is learnt between its points") {
    const Points p = wavy(150, 0);
    const GpFit fit = fit_gaussian_process(p.x, 3, p.y, {}, {});
    const Points fresh = wavy(50, 0, 99);
    for (std::size_t i = 0; i < fresh.y.size(); ++i) {
        CHECK(std::abs(gp_mean(fit.model, {&fresh.x[3 * i], 3}) - fresh.y[i]) < 0.15);
    }
}

TEST_CASE("the mean returns to the offset far from every point") {
    Points p = wavy(60, 0.05);
    for (double& y : p.y) y += 7;
    const GpFit fit = fit_gaussian_process(p.x, 3, p.y, {}, {});
    const std::vector<double> far{1e6, -1e6, 1e6};
    // What is left is the constant's weight, the same everywhere.
    double constant = 0;
    for (const double w : fit.model.weights) constant += w * fit.model.constant;
    CHECK(gp_mean(fit.model, far) == Approx(fit.model.offset + constant).margin(1e-9));
    CHECK(std::abs(gp_mean(fit.model, far) - 7) < 1);
    CHECK(guess(fit.model, far).deviation > guess(fit.model, {p.x.data(), 3}).deviation);
}

TEST_CASE("leaving a point out in closed form is what leaving it out gives") {
    const Points p = wavy(40, 0.1);
    GpOptions options;
    options.robust_rounds = 0;
    const GpFit fit = fit_gaussian_process(p.x, 3, p.y, {}, options);
    const GpModel& m = fit.model;
    // With the same scales and offset, solve anew without point i by Gauss elimination and predict it.
    for (const std::size_t out : {std::size_t{0}, std::size_t{7}, std::size_t{39}}) {
        std::vector<std::size_t> rows;
        for (std::size_t i = 0; i < p.y.size(); ++i) {
            if (i != out) rows.push_back(i);
        }
        const auto k = [&m](std::size_t a, std::size_t b) {
            double r = 0;
            for (std::size_t f = 0; f < 3; ++f) r += std::pow(m.points[3 * a + f] - m.points[3 * b + f], 2);
            return kernel(std::sqrt(r), m.signal, m.constant);
        };
        const std::size_t n = rows.size();
        std::vector<std::vector<double>> a(n, std::vector<double>(n + 1));
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) a[i][j] = k(rows[i], rows[j]) + (i == j ? m.noise : 0);
            a[i][n] = p.y[rows[i]] - m.offset;
        }
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = i + 1; j < n; ++j) {
                const double by = a[j][i] / a[i][i];
                for (std::size_t c = i; c <= n; ++c) a[j][c] -= by * a[i][c];
            }
        }
        double mean = m.offset;
        std::vector<double> w(n);
        for (std::size_t i = n; i-- > 0;) {
            double sum = a[i][n];
            for (std::size_t j = i + 1; j < n; ++j) sum -= a[i][j] * w[j];
            w[i] = sum / a[i][i];
        }
        for (std::size_t i = 0; i < n; ++i) mean += w[i] * k(out, rows[i]);
        CHECK(fit.left_out[out] == Approx(p.y[out] - mean).epsilon(1e-3).margin(1e-4));
    }
}

TEST_CASE("groups of single points leave out as points do, and whole groups leave more error") {
    const Points p = wavy(60, 0.02);
    std::vector<std::int32_t> single, blocks;
    for (std::size_t i = 0; i < p.y.size(); ++i) {
        single.push_back(static_cast<std::int32_t>(i));
        blocks.push_back(p.x[3 * i] < -1 ? 0 : p.x[3 * i] < 0 ? 1 : p.x[3 * i] < 1 ? 2 : 3);
    }
    const GpFit one = fit_gaussian_process(p.x, 3, p.y, single, {});
    for (std::size_t i = 0; i < p.y.size(); ++i) CHECK(one.group_left_out[i] == Approx(one.left_out[i]).margin(1e-9));
    const GpFit many = fit_gaussian_process(p.x, 3, p.y, blocks, {});
    double points = 0, groups = 0;
    for (std::size_t i = 0; i < p.y.size(); ++i) {
        points += std::abs(many.left_out[i]);
        groups += std::abs(many.group_left_out[i]);
    }
    CHECK(groups > 2 * points);
    CHECK(left_out_deviation(many.model, 0, blocks) > left_out_deviation(many.model, 0, {}));
}

TEST_CASE("a few wild points neither shorten the scales nor move the rest") {
    const Points clean = wavy(150, 0.01);
    Points wild = clean;
    for (std::size_t i = 3; i < wild.y.size(); i += 25) wild.y[i] += 3;
    const GpFit with = fit_gaussian_process(wild.x, 3, wild.y, {}, {});
    GpOptions trusting;
    trusting.robust_rounds = 0;
    const GpFit believed = fit_gaussian_process(wild.x, 3, wild.y, {}, trusting);
    const Points fresh = wavy(60, 0, 99);
    double robust = 0, plain = 0;
    for (std::size_t i = 0; i < fresh.y.size(); ++i) {
        robust += std::abs(gp_mean(with.model, {&fresh.x[3 * i], 3}) - fresh.y[i]);
        plain += std::abs(gp_mean(believed.model, {&fresh.x[3 * i], 3}) - fresh.y[i]);
    }
    CHECK(robust < plain);
    CHECK(robust / 60 < 0.15);
    CHECK(with.model.extra_noise[3] > 10 * with.model.noise);
    CHECK(with.model.extra_noise[4] < with.model.extra_noise[3] / 10);
    // A long scale makes a small stored coordinate: the wave's input still spans few of them.
    CHECK(with.model.scale[0] > 0.3 * fit_gaussian_process(clean.x, 3, clean.y, {}, {}).model.scale[0]);
}

TEST_CASE("an input that says nothing gets a long scale, one that never varies is left out") {
    Points p = wavy(120, 0.02);
    for (std::size_t i = 0; i < p.y.size(); ++i) p.x[3 * i + 1] = 4;
    for (std::size_t i = 0; i < p.y.size(); ++i) p.y[i] = std::sin(2 * p.x[3 * i]);
    const GpModel m = fit_gaussian_process(p.x, 3, p.y, {}, {}).model;
    CHECK(m.scale[1] == 0);
    // Spans in length scales: 4 of the wave, 1 of what says nothing.
    CHECK(4 / m.scale[0] > 3 * (1 / m.scale[2]));
}

TEST_CASE("the same arguments give the same model") {
    const Points p = wavy(80, 0.1);
    CHECK(fit_gaussian_process(p.x, 3, p.y, {}, {}).model == fit_gaussian_process(p.x, 3, p.y, {}, {}).model);
}

TEST_CASE("scales searched on a sample serve every point") {
    const Points p = wavy(300, 0.05);
    GpOptions options;
    options.search_points = 100;
    const GpFit fit = fit_gaussian_process(p.x, 3, p.y, {}, options);
    CHECK(fit.model.size() == 300);
    const Points fresh = wavy(50, 0, 99);
    double error = 0;
    for (std::size_t i = 0; i < fresh.y.size(); ++i) error += std::abs(gp_mean(fit.model, {&fresh.x[3 * i], 3}) - fresh.y[i]);
    CHECK(error / 50 < 0.06);
}

TEST_CASE("a wild point with few neighbours is believed to be noise, however small noise is elsewhere") {
    // Eleven points a unit apart on a line that climbs, so that a bend would explain one that is thirty times off.
    std::vector<double> x, y;
    for (int i = 0; i < 11; ++i) {
        for (int j = 0; j < 3; ++j) {
            x.insert(x.end(), {static_cast<double>(i), static_cast<double>(j)});
            y.push_back(0.3 * i + 0.1 * j);
        }
    }
    y[16] += std::log(30);
    const GpModel m = fit_gaussian_process(x, 2, y, {}, {}).model;
    CHECK(m.extra_noise[16] > 1);
    const std::vector<double> at{5, 1}, beside{5.4, 1};
    CHECK(std::abs(gp_mean(m, at) - 1.6) < 0.3);
    CHECK(std::abs(gp_mean(m, beside) - 1.72) < 0.3);
}
