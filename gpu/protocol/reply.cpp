// The worker's side of the conversation.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "gpu/protocol/json_line.h"
#include "gpu/protocol/protocol.h"

namespace moeplan {

using probe_json::json;
using probe_json::Keys;

namespace {

constexpr std::array kStatuses{ProbeStatus::ok, ProbeStatus::unsupported, ProbeStatus::out_of_memory,
                               ProbeStatus::failed};
constexpr std::size_t kMostFormats = 64, kLongestOpName = 60;

// Nothing a terminal would act on.
std::string plain(std::string name) {
    for (char& c : name) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return name;
}

void read_ops(Keys& hello, WorkerHello& into) {
    if (!hello.has("ops"))
        return hello.wrong("ops", "'ops' is missing; expected an object of op names and their formats");
    const json& object = hello.at("ops");
    if (!object.is_object())
        return hello.wrong("ops", fmt::format("'ops' is {}; expected an object", probe_json::shown(object)));
    for (const auto& [name, formats] : object.items()) {
        const auto family = kernel_family_named(name);
        if (!family) {   // of a newer worker
            into.unknown_ops.push_back(plain(name.substr(0, kLongestOpName)));
            continue;
        }
        const bool texts = formats.is_array() && formats.size() <= kMostFormats &&
                           std::ranges::all_of(formats, [](const json& format) { return format.is_string(); });
        if (texts) into.ops[*family] = formats.get<std::vector<std::string>>();
        else
            hello.wrong("ops." + name, fmt::format("'{}' is {}; expected a list of number formats, [] for none", name,
                                                   probe_json::shown(formats)));
    }
}

void read_clocks(Keys& hello, WorkerHello& into) {
    if (!hello.has("clocks_mhz")) return;
    const json& object = hello.at("clocks_mhz");
    if (!object.is_object())
        return hello.wrong("clocks_mhz",
                           fmt::format("'clocks_mhz' is {}; expected an object", probe_json::shown(object)));
    Keys keys(object, "clocks_mhz");
    if (keys.has("core")) into.core_mhz = keys.number("core");
    if (keys.has("memory")) into.memory_mhz = keys.number("memory");
    append(hello.problems, std::move(keys.problems));
}

void read_status(Keys& keys, ProbeReply& reply) {
    const std::string name = keys.text("status");
    if (!keys.problems.empty()) return;
    const auto at = std::ranges::find(kStatuses, name, [](ProbeStatus status) { return std::string(name_of(status)); });
    if (at != kStatuses.end()) {
        reply.status = *at;
        return;
    }
    std::vector<std::string> names;
    for (const ProbeStatus status : kStatuses) names.emplace_back(name_of(status));
    keys.wrong("status", fmt::format("'status' is '{}'; expected one of {}", name.substr(0, 60), one_of(names)),
               did_you_mean(name, names));
}

}  // namespace

std::string_view name_of(ProbeStatus status) {
    switch (status) {
        case ProbeStatus::ok: return "ok";
        case ProbeStatus::unsupported: return "unsupported";
        case ProbeStatus::out_of_memory: return "out_of_memory";
        case ProbeStatus::failed: return "failed";
    }
    return "?";
}

bool WorkerHello::supports(const Kernel& kernel) const {
    const auto at = ops.find(family_of(kernel));
    if (at == ops.end()) return false;
    if (const auto* c = std::get_if<CollectiveKernel>(&kernel); c && c->ranks > devices) return false;
    const std::string format = format_of(kernel);
    return format.empty() || std::ranges::find(at->second, format) != at->second.end();
}

std::string write_hello(const WorkerHello& hello) {
    json object;
    object["moeplan_probe"] = hello.version;
    object["device"] = hello.device;
    object["driver"] = hello.driver;
    object["runtime"] = hello.runtime;
    object["memory_bytes"] = hello.memory_bytes;
    if (hello.core_mhz) object["clocks_mhz"]["core"] = *hello.core_mhz;
    if (hello.memory_mhz) object["clocks_mhz"]["memory"] = *hello.memory_mhz;
    object["devices"] = hello.devices;
    object["threads"] = hello.threads;
    json ops = json::object();
    for (const auto& [family, formats] : hello.ops) ops[std::string(name_of(family))] = formats;
    object["ops"] = std::move(ops);
    return probe_json::one_line(object);
}

std::string write_reply(const ProbeReply& reply) {
    json object;
    object["id"] = reply.id;
    object["status"] = name_of(reply.status);
    if (reply.status == ProbeStatus::ok || !reply.samples_us.empty()) object["samples_us"] = reply.samples_us;
    if (!reply.kernel.empty()) object["kernel"] = reply.kernel;
    if (reply.clock_mhz) object["clock_mhz"] = *reply.clock_mhz;
    if (reply.throttled) object["throttled"] = true;
    if (!reply.message.empty()) object["message"] = reply.message;
    return probe_json::one_line(object);
}

Result<WorkerHello> read_hello(std::string_view line) {
    const auto object = probe_json::parse_object(line);
    if (!object) return tl::unexpected(object.error());
    Keys keys(*object, "hello");
    WorkerHello hello;
    if (!keys.has("moeplan_probe")) {
        keys.wrong("moeplan_probe",
                   "'moeplan_probe' is missing; a worker's first line names the protocol's version by it");
        return fail(std::move(keys.problems));
    }
    const std::int64_t version = keys.whole("moeplan_probe");
    if (keys.problems.empty() && version != kProbeProtocolVersion) {
        keys.wrong("moeplan_probe",
                   fmt::format("the worker speaks version {}; expected {}", version, kProbeProtocolVersion));
    }
    if (!keys.problems.empty()) return fail(std::move(keys.problems));
    hello.device = keys.text("device");
    if (keys.has("driver")) hello.driver = keys.text("driver");
    if (keys.has("runtime")) hello.runtime = keys.text("runtime");
    hello.memory_bytes = keys.whole("memory_bytes");
    if (hello.memory_bytes < 0)
        keys.wrong("memory_bytes", fmt::format("'memory_bytes' is {}; expected 0 or more", hello.memory_bytes));
    if (keys.has("devices")) hello.devices = keys.whole("devices");
    if (hello.devices < 1) keys.wrong("devices", fmt::format("'devices' is {}; expected 1 or more", hello.devices));
    if (keys.has("threads")) hello.threads = keys.whole("threads");
    if (hello.threads < 0) keys.wrong("threads", fmt::format("'threads' is {}; expected 0 or more", hello.threads));
    read_clocks(keys, hello);
    read_ops(keys, hello);
    if (!keys.problems.empty()) return fail(std::move(keys.problems));
    return hello;
}

Result<ProbeReply> read_reply(std::string_view line) {
    const auto object = probe_json::parse_object(line);
    if (!object) return tl::unexpected(object.error());
    Keys keys(*object, "reply");
    ProbeReply reply;
    reply.id = keys.whole("id");
    read_status(keys, reply);
    if (reply.status == ProbeStatus::ok || keys.has("samples_us")) {
        reply.samples_us = keys.numbers("samples_us", static_cast<std::size_t>(kMostProbeSamples));
        const auto absurd = std::ranges::find_if(reply.samples_us, [](double us) { return us < kShortestSample_us || us > kLongestSample_us; });
        if (absurd != reply.samples_us.end()) {
            keys.wrong("samples_us", fmt::format("'samples_us' has {:g}; expected microseconds from {:g} to {:g}", *absurd, kShortestSample_us, kLongestSample_us));
        }
    }
    if (keys.has("kernel")) reply.kernel = keys.text("kernel");
    if (keys.has("clock_mhz")) reply.clock_mhz = keys.number("clock_mhz");
    if (keys.has("throttled")) reply.throttled = keys.flag("throttled");
    if (keys.has("message")) reply.message = keys.text("message");
    if (keys.problems.empty() && reply.status == ProbeStatus::ok && reply.samples_us.empty()) {
        keys.wrong("samples_us", "'samples_us' is empty; an ok reply has at least one sample");
    }
    if (!keys.problems.empty()) return fail(std::move(keys.problems));
    return reply;
}

}  // namespace moeplan
