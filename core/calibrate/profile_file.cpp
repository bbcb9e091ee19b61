// Profiles as JSON: {"moeplan_profile":1,"name":…,"families":[{"family","format","fitted","held_out","error","fit":{…}}]}.

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/json_text.h"
#include "core/base/nearest.h"
#include "core/calibrate/fitted_family.h"
#include "core/calibrate/float_text.h"
#include "core/calibrate/profile_bounds.h"
#include "core/calibrate/profile.h"

namespace moeplan {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 3;
constexpr int kDeepest = 32;
constexpr std::size_t kShownBytes = 60;

// The shortest text that reads back as the same double.
std::string numbers(const std::vector<double>& values) {
    std::string out = "[";
    for (std::size_t i = 0; i < values.size(); ++i) fmt::format_to(std::back_inserter(out), "{}{}", i ? "," : "", values[i]);
    return out + "]";
}

std::string text(std::string_view value) { return Json(value).dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string texts(const std::vector<std::string>& values) { return Json(values).dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string process(const GpModel& m) {
    return fmt::format(
        "{{\"centre\":{},\"scale\":{},\"offset\":{},\"signal\":{},\"constant\":{},\"noise\":{},\n\"points\":\"{}\",\n\"weights\":\"{}\",\n\"extra_noise\":\"{}\"}}",
        numbers(m.centre), numbers(m.scale), m.offset, m.signal, m.constant, m.noise, floats_to_text(m.points), floats_to_text(m.weights),
        floats_to_text(m.extra_noise));
}

std::string error_text(const std::optional<ErrorStats>& e) {
    if (!e) return "null";
    return fmt::format("{{\"n\":{},\"mape\":{},\"median_ape\":{},\"p90_ape\":{},\"bias\":{},\"coverage90\":{}}}", e->n, e->mape, e->median_ape,
                       e->p90_ape, e->bias, e->coverage90);
}

std::string family_text(const FamilyProfile& f) {
    const FittedFamily::State& s = f.fit->state();
    std::string inherited;
    for (const GpModel& m : s.inherited) inherited += (inherited.empty() ? "" : ",\n") + process(m);
    return fmt::format(
        "{{\"family\":{},\"format\":{},\"fitted\":{},\"held_out\":{},\"error\":{},\n\"bandwidth\":{},\"peak\":{},\"processors\":{},\"cache\":{},\n\"prior\":{},\n"
        "\"quantiles\":{},\n\"shapes\":{},\n\"lowest\":{},\"highest\":{},\n\"inherited\":[{}],\n\"correction\":{}}}",
        text(name_of(f.family)), text(f.format), f.fitted, f.held_out, error_text(f.error), s.rates.bandwidth, s.rates.peak, s.rates.processors, s.rates.cache,
        numbers(s.theta), numbers({s.quantile_low, s.quantile_high, s.unseen_low, s.unseen_high}), texts(s.shapes), numbers(s.lowest),
        numbers(s.highest), inherited, process(s.correction));
}

// "bf16, fp8 cache": what comes first is a number format. A collective has its operation or nothing, copies and the like nothing.
bool may_have(KernelFamily family, std::string_view format) {
    using enum KernelFamily;
    const std::string_view first = format.substr(0, format.find(','));
    if (family == gemm || family == moe_ffn || family == attention_prefill || family == attention_decode) return number_format_named(first).has_value();
    using enum CollectiveKind;
    constexpr std::array kKinds{all_reduce, all_gather, reduce_scatter, all_to_all, point_to_point};
    return format.empty() || (family == collective && std::ranges::any_of(kKinds, [first](CollectiveKind kind) { return first == name_of(kind); }));
}

class Reader {
public:
    explicit Reader(const std::string& file) : file_(file) {}

    Result<Profile> read(const Json& json) {
        Profile p;
        const Json& version = member(json, "moeplan_profile", "");
        if (!problems_.empty() || !version.is_number_integer()) {
            return fail({file_, "moeplan_profile", "this is not a profile: it has no \"moeplan_profile\" version", "write one with moeplan calibrate", {}});
        }
        if (version != kVersion) {
            return fail({file_, "moeplan_profile", fmt::format("profile version {}; this program reads version {}", version.dump(), kVersion),
                         "fit it anew with moeplan calibrate fit", {}});
        }
        p.name = string(json, "name", "");
        p.device = string(json, "device", "");
        p.device_name = string(json, "device_name", "");
        p.engine = string(json, "engine", "");
        p.source = string(json, "source", "");
        p.date = string(json, "date", "");
        const Json& families = member(json, "families", "");
        if (families.is_array()) {
            for (std::size_t i = 0; i < families.size(); ++i) family(families[i], fmt::format("families[{}]", i), p);
        } else if (problems_.empty()) {
            problem("families", "expected a list");
        }
        if (!problems_.empty()) return fail(std::move(problems_));
        return p;
    }

private:
    void problem(const std::string& path, std::string what) { problems_.push_back({file_, path, std::move(what), "", {}}); }
    static std::string join(const std::string& path, const char* key) { return path.empty() ? key : path + "." + key; }

    const Json& member(const Json& json, const char* key, const std::string& path) {
        static const Json none(Json::value_t::discarded);   // what is reported already
        if (json.is_discarded()) return none;
        if (!json.is_object()) {
            problem(path, "expected an object");
            return none;
        }
        const auto at = json.find(key);
        if (at == json.end()) {
            problem(join(path, key), "is missing");
            return none;
        }
        return *at;
    }
    std::string string(const Json& json, const char* key, const std::string& path) {
        const Json& j = member(json, key, path);
        if (j.is_string()) return j.get<std::string>();
        if (!j.is_discarded()) problem(join(path, key), "expected a text");
        return {};
    }
    std::int64_t count(const Json& json, const char* key, const std::string& path) {
        const double n = number(json, key, path);
        if (n >= 0 && n <= kMostCounted) return static_cast<std::int64_t>(n);
        problem(join(path, key), "expected a number of measurements");
        return 0;
    }
    double positive(const Json& json, const char* key, const std::string& path) {
        const std::size_t before = problems_.size();
        const double x = number(json, key, path);
        if (x <= 0 && problems_.size() == before) problem(join(path, key), "expected a number above 0");
        return x;
    }
    std::vector<std::string> strings(const Json& json, const char* key, const std::string& path) {
        const Json& j = member(json, key, path);
        std::vector<std::string> out;
        const bool right = j.is_array() && std::ranges::all_of(j, [](const Json& one) { return one.is_string(); });
        if (right) out = j.get<std::vector<std::string>>();
        else if (!j.is_discarded()) problem(join(path, key), "expected a list of texts");
        return out;
    }
    double number(const Json& json, const char* key, const std::string& path) {
        const Json& j = member(json, key, path);
        if (j.is_number() && std::isfinite(j.get<double>())) return j.get<double>();
        if (!j.is_discarded()) problem(join(path, key), "expected a number");
        return 0;
    }
    // 0 is within the bounds.
    double number(const Json& json, const char* key, const std::string& path, double least, double most) {
        const double x = number(json, key, path);
        if (x >= least && x <= most) return x;
        problem(join(path, key), fmt::format("{:g} is out of range; expected a number from {:g} to {:g}", x, least, most));
        return 0;
    }
    std::vector<double> list(const Json& json, const char* key, const std::string& path, std::size_t size) {
        const Json& j = member(json, key, path);
        if (!j.is_array()) {
            if (!j.is_discarded()) problem(join(path, key), "expected a list of numbers");
            return {};
        }
        std::vector<double> out;
        out.reserve(j.size());
        for (const Json& v : j) {
            if (!v.is_number() || !std::isfinite(v.get<double>())) {
                problem(join(path, key), "expected numbers only");
                return {};
            }
            out.push_back(v.get<double>());
        }
        if (out.size() != size) problem(join(path, key), fmt::format("has {} values, expected {}", out.size(), size));
        return out;
    }

    std::vector<double> singles(const Json& json, const char* key, const std::string& path) {
        const Json& j = member(json, key, path);
        if (j.is_discarded()) return {};
        auto values = j.is_string() ? floats_from_text(j.get_ref<const std::string&>()) : std::nullopt;
        if (!values) problem(join(path, key), "expected finite single-precision numbers in base64");
        return values.value_or(std::vector<double>{});
    }

    GpModel process_of(const Json& json, const std::string& path, std::size_t features) {
        GpModel m;
        m.features = features;
        const std::size_t before = problems_.size();
        if (!json.is_object()) {
            if (!json.is_discarded()) problem(path, "expected an object");
            return m;
        }
        m.centre = list(json, "centre", path, features);
        m.scale = list(json, "scale", path, features);
        m.offset = number(json, "offset", path, -kMostCorrection, kMostCorrection);
        m.signal = number(json, "signal", path);
        m.constant = number(json, "constant", path);
        m.noise = number(json, "noise", path);
        const bool sane = m.noise > 0 && m.signal >= 0 && m.constant >= 0 && m.noise <= kMostVariance && m.signal <= kMostVariance && m.constant <= kMostVariance;
        if (!sane && problems_.size() == before) problem(path, fmt::format("variances must be from 0 to {:g}, and noise above 0", kMostVariance));
        if (std::ranges::any_of(m.scale, [](double s) { return s < 0; })) problem(join(path, "scale"), "length scales must not be negative");
        m.weights = singles(json, "weights", path);
        m.points = singles(json, "points", path);
        m.extra_noise = singles(json, "extra_noise", path);
        const std::size_t n = m.weights.size();
        if (n > kMostPoints) problem(join(path, "weights"), fmt::format("{} points; at most {} are read", n, kMostPoints));
        for (const auto& [key, size, wanted] : {std::tuple("points", m.points.size(), n * features), std::tuple("extra_noise", m.extra_noise.size(), n)}) {
            if (size != wanted && problems_.empty()) problem(join(path, key), fmt::format("has {} values, expected {}", size, wanted));
        }
        return m;
    }

    void check_format(const FamilyProfile& f, const std::string& path, const Profile& p) {
        if (!may_have(f.family, f.format)) problem(join(path, "format"), fmt::format("'{}' is no format of {}", f.format.substr(0, kShownBytes), name_of(f.family)));
        const auto same = [&f](const FamilyProfile& other) { return other.family == f.family && other.format == f.format; };
        if (std::ranges::any_of(p.families, same)) problem(path, fmt::format("{} {} is there twice", name_of(f.family), f.format));
    }

    void family(const Json& json, const std::string& path, Profile& p) {
        FamilyProfile f;
        const std::string name = string(json, "family", path);
        const auto known = kernel_family_named(name);
        const FamilyPhysics* physics = known ? physics_of(*known) : nullptr;
        if (!physics) {
            if (!name.empty()) problem(join(path, "family"), fmt::format("'{}' is not a kernel family that is fitted", name));
            return;
        }
        f.family = *known;
        const std::size_t before = problems_.size();
        f.format = string(json, "format", path);
        if (problems_.size() == before) check_format(f, path, p);
        f.fitted = count(json, "fitted", path);
        f.held_out = count(json, "held_out", path);
        f.error = error(json, path);
        FittedFamily::State s;
        s.rates = {positive(json, "bandwidth", path), positive(json, "peak", path), positive(json, "processors", path),
                   number(json, "cache", path, 0, kMostRate)};
        s.theta = list(json, "prior", path, physics->parameters.size());
        for (const auto& [key, rate] : {std::pair("bandwidth", s.rates.bandwidth), std::pair("peak", s.rates.peak), std::pair("processors", s.rates.processors)}) {
            if (problems_.empty() && !(rate >= kLeastRate && rate <= kMostRate)) problem(join(path, key), fmt::format("{:g} is none that a device has", rate));
        }
        if (std::ranges::any_of(s.theta, [](double t) { return !(t >= kLeastParameter && t <= kMostParameter); }))
            problem(join(path, "prior"), fmt::format("expected numbers from {:g} to {:g}", kLeastParameter, kMostParameter));
        const std::vector<double> q = list(json, "quantiles", path, 4);
        if (std::ranges::any_of(q, [](double x) { return std::abs(x) > kMostMultiple; })) problem(join(path, "quantiles"), fmt::format("expected numbers up to {:g}", kMostMultiple));
        else if (q.size() == 4 && (q[0] > 0 || q[1] < 0 || q[2] > 0 || q[3] < 0))
            problem(join(path, "quantiles"), fmt::format("expected one below and one above the prediction, twice; found {}", numbers(q)));
        if (q.size() == 4) {
            s.quantile_low = q[0];
            s.quantile_high = q[1];
            s.unseen_low = q[2];
            s.unseen_high = q[3];
        }
        s.shapes = strings(json, "shapes", path);
        const std::size_t d = physics->features.size();
        s.lowest = list(json, "lowest", path, d);
        s.highest = list(json, "highest", path, d);
        for (std::size_t k = 0; k < std::min(s.lowest.size(), s.highest.size()); ++k) {
            if (s.lowest[k] <= s.highest[k]) continue;
            problem(join(path, "lowest"), fmt::format("{:g} of '{}' is above the {:g} in highest", s.lowest[k], physics->features[k], s.highest[k]));
            break;
        }
        if (const Json& inherited = member(json, "inherited", path); inherited.is_array()) {
            for (const Json& one : inherited) s.inherited.push_back(process_of(one, fmt::format("{}.inherited[{}]", path, s.inherited.size()), d));
        } else if (!inherited.is_discarded()) {
            problem(join(path, "inherited"), "expected a list");
        }
        s.correction = process_of(member(json, "correction", path), join(path, "correction"), d);
        if (!problems_.empty()) return;
        f.fit = std::make_shared<FittedFamily>(*physics, std::move(s));
        p.families.push_back(std::move(f));
    }

    std::optional<ErrorStats> error(const Json& json, const std::string& path) {
        const auto at = json.find("error");
        if (at == json.end() || at->is_null()) return std::nullopt;
        ErrorStats e;
        const std::string where = join(path, "error");
        if (!at->is_object()) {
            problem(where, "expected an object or null");
            return std::nullopt;
        }
        e.n = static_cast<std::uint64_t>(count(*at, "n", where));
        e.mape = number(*at, "mape", where, 0, kMostError);
        e.median_ape = number(*at, "median_ape", where, 0, kMostError);
        e.p90_ape = number(*at, "p90_ape", where, 0, kMostError);
        e.bias = number(*at, "bias", where, -1, kMostError);
        e.coverage90 = number(*at, "coverage90", where, 0, 1);
        return e;
    }

    std::string file_;
    Problems problems_;
};

// Where it stops being JSON: `byte` is the last one read, from 1.
Problem no_json(const std::string& file, std::string_view text, std::size_t byte) {
    const std::size_t at = std::min(byte > 0 ? byte - 1 : 0, text.size());
    if (text.find_first_not_of(" \t\r\n", at) == std::string_view::npos)
        return {file, "", text.empty() ? "this is not JSON: the file is empty" : "this is not JSON: the file is cut short", "fit or copy it again", {}};
    const std::string_view before = text.substr(0, at);
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t column = at - (before.rfind('\n') + 1) + 1;
    std::string found(text.substr(at, std::min(kShownBytes, text.find('\n', at) - at)));
    for (char& c : found) {
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
    }
    return {fmt::format("{}:{}:{}", file, line, column), "", fmt::format("this is not JSON from '{}' on", found), "", {}};
}

}  // namespace

std::string write_profile(const Profile& p) {
    std::string out = fmt::format(
        "{{\"moeplan_profile\":{},\n\"name\":{},\n\"device\":{},\n\"device_name\":{},\n\"engine\":{},\n\"source\":{},\n\"date\":{},\n\"families\":[\n", kVersion,
        text(p.name), text(p.device), text(p.device_name), text(p.engine), text(p.source), text(p.date));
    for (std::size_t i = 0; i < p.families.size(); ++i) out += (i ? ",\n" : "") + family_text(p.families[i]);
    return out + "\n]}\n";
}

Result<Profile> load_profile(const std::string& file) {
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) return fail({file, "", "is a folder; expected a profile", "", ProblemKind::wrong_input});
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return fail({file, "", "the profile cannot be read", "", ProblemKind::wrong_input});
    return read_profile(text.str(), file);
}

Result<Profile> read_profile(std::string_view bytes, const std::string& file) {
    const SafeJson safe = safe_json(bytes);
    if (safe.deepest > kDeepest) return fail({file, "", "brackets are nested too deeply for a profile", "", {}});
    try {
        return Reader(file).read(Json::parse(safe.text));
    } catch (const Json::parse_error& e) {
        return fail(no_json(file, safe.text, e.byte));
    } catch (const Json::exception& e) {
        return fail({file, "", "this is not JSON", e.what(), {}});
    }
}

Result<std::string> profile_text(const Profile& profile, const std::string& file) {
    std::string text = write_profile(profile);
    auto again = read_profile(text, file);
    if (again) return text;
    for (Problem& p : again.error()) p.hint = "the fit is not written: it could not be read back; please report this";
    return tl::unexpected(std::move(again.error()));
}

}  // namespace moeplan
