// The calibrator's side of the conversation.

#include <fmt/format.h>

#include "gpu/protocol/kernel_json.h"
#include "gpu/protocol/protocol.h"

namespace moeplan {

using probe_json::json;
using probe_json::Keys;

namespace {

ProbeLimits read_limits(Keys& request) {
    ProbeLimits limits;
    if (!request.has("limits")) return limits;
    const json& object = request.at("limits");
    if (!object.is_object()) {
        request.wrong("limits", fmt::format("'limits' is {}; expected an object", probe_json::shown(object)));
        return limits;
    }
    Keys keys(object, "limits");
    if (keys.has("samples")) limits.samples = keys.whole("samples");
    if (keys.has("seconds")) limits.seconds = keys.number("seconds");
    if (keys.has("error")) limits.error = keys.number("error");
    keys.refuse_others();
    if (keys.problems.empty()) {
        if (limits.samples < 1 || limits.samples > kMostProbeSamples) {
            keys.wrong("samples", fmt::format("'samples' is {}; expected 1 to {}", limits.samples, kMostProbeSamples));
        }
        if (limits.seconds <= 0 || limits.seconds > kMostProbeSeconds) {
            keys.wrong("seconds", fmt::format("'seconds' is {}; expected more than 0, at most {}", limits.seconds,
                                              kMostProbeSeconds));
        }
        if (limits.error < 0) keys.wrong("error", fmt::format("'error' is {}; expected 0 or more", limits.error));
    }
    append(request.problems, std::move(keys.problems));
    return limits;
}

}  // namespace

std::string write_request(const ProbeRequest& request) {
    json object;
    object["id"] = request.id;
    probe_json::write_kernel(object, request.kernel);
    object["limits"] = {
        {"samples", request.limits.samples}, {"seconds", request.limits.seconds}, {"error", request.limits.error}};
    return probe_json::one_line(object);
}

std::string write_quit() { return R"({"quit":true})"; }

Result<std::optional<ProbeRequest>> read_request(std::string_view line) {
    const auto object = probe_json::parse_object(line);
    if (!object) return tl::unexpected(object.error());
    Keys keys(*object, "request");
    if (keys.has("quit")) {
        const bool quit = keys.flag("quit");
        keys.refuse_others();
        if (keys.problems.empty() && !quit) keys.wrong("quit", "'quit' is false; expected true, or a request");
        if (!keys.problems.empty()) return fail(std::move(keys.problems));
        return std::optional<ProbeRequest>{};
    }
    ProbeRequest request;
    request.id = keys.whole("id");
    request.limits = read_limits(keys);
    const std::size_t before = keys.problems.size();
    request.kernel = probe_json::read_kernel(keys);
    // Of an op that is not known every other key would be "unknown" too.
    if (keys.problems.size() == before) keys.refuse_others();
    if (!keys.problems.empty()) return fail(std::move(keys.problems));
    return std::optional<ProbeRequest>{std::move(request)};
}

std::optional<std::int64_t> request_id(std::string_view line) {
    const auto object = probe_json::parse_object(line);
    if (!object || !object->contains("id")) return std::nullopt;
    return probe_json::whole_of(object->at("id"));
}

}  // namespace moeplan
