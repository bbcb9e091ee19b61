#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <variant>

#include "core/routing/rng.h"
#include "sim/arrivals/length_model.h"
#include "sim/arrivals/streams.h"

namespace moeplan {
namespace {

constexpr double kMostTokens = 1e9;

std::int64_t whole(double tokens) { return std::llround(std::clamp(tokens, 1.0, kMostTokens)); }

class Fixed final : public LengthModel {
public:
    explicit Fixed(const FixedLengths& l) : input_(whole(l.input)), output_(whole(l.output)) {}
    void draw(RequestLengths& into) override {
        into.input = input_;
        into.output = output_;
        into.prefix.clear();
    }

private:
    std::int64_t input_, output_;
};

class Uniform final : public LengthModel {
public:
    Uniform(const UniformLengths& l, std::uint64_t seed)
        : input_low_(whole(l.input_low)),
          input_high_(std::max(whole(l.input_high), input_low_)),
          output_low_(whole(l.output_low)),
          output_high_(std::max(whole(l.output_high), output_low_)),
          rng_(stream_of(seed, Stream::lengths)) {}
    void draw(RequestLengths& into) override {
        into.input = between(input_low_, input_high_);
        into.output = between(output_low_, output_high_);
        into.prefix.clear();
    }

private:
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(rng_.below(static_cast<std::size_t>(high - low + 1)));
    }
    std::int64_t input_low_, input_high_, output_low_, output_high_;
    Rng rng_;
};

// exp(N(mu, sigma^2)) with sigma^2 = ln(1 + cv^2), mu = ln(mean) - sigma^2 / 2.
struct LogNormal {
    double mu, sigma;
    LogNormal(double mean, double cv)
        : mu(std::log(mean) - 0.5 * std::log1p(cv * cv)), sigma(std::sqrt(std::log1p(cv * cv))) {}
    std::int64_t draw(Rng& rng) const { return whole(std::exp(mu + sigma * normal_quantile(rng.open_uniform()))); }
};

class LogNormals final : public LengthModel {
public:
    LogNormals(const LogNormalLengths& l, std::uint64_t seed)
        : input_(l.input_mean, l.input_cv),
          output_(l.output_mean, l.output_cv),
          rng_(stream_of(seed, Stream::lengths)) {}
    void draw(RequestLengths& into) override {
        into.input = input_.draw(rng_);
        into.output = output_.draw(rng_);
        into.prefix.clear();
    }

private:
    LogNormal input_, output_;
    Rng rng_;
};

}  // namespace

std::unique_ptr<LengthModel> make_lengths(const FixedLengths& lengths) { return std::make_unique<Fixed>(lengths); }

std::unique_ptr<LengthModel> make_lengths(const UniformLengths& lengths, std::uint64_t seed) {
    return std::make_unique<Uniform>(lengths, seed);
}

std::unique_ptr<LengthModel> make_lengths(const LogNormalLengths& lengths, std::uint64_t seed) {
    return std::make_unique<LogNormals>(lengths, seed);
}

Result<std::unique_ptr<LengthModel>> make_lengths(const Lengths& lengths, const std::string& study_file,
                                                  std::uint64_t seed, double most_bad) {
    if (const auto* trace = std::get_if<TraceLengths>(&lengths))
        return make_trace_lengths(beside_study(study_file, trace->file), most_bad);
    if (const auto* uniform = std::get_if<UniformLengths>(&lengths)) return make_lengths(*uniform, seed);
    if (const auto* log_normal = std::get_if<LogNormalLengths>(&lengths)) return make_lengths(*log_normal, seed);
    return make_lengths(std::get<FixedLengths>(lengths));
}

std::string beside_study(const std::string& study_file, const std::string& file) {
    const std::filesystem::path path(file);
    if (path.is_absolute() || study_file.empty()) return file;
    return (std::filesystem::path(study_file).parent_path() / path).string();
}

}  // namespace moeplan
