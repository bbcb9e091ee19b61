// Profiles of a catalog: found by device and engine, read when first asked for.

#include <algorithm>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/catalog/names.h"
#include "core/catalog/state.h"

namespace moeplan {
namespace {

constexpr std::string_view kEnding = ".json";

// Engines that run the kernels the profiles are of. llama.cpp and transformers have others; "ideal" has none.
bool runs_serving_kernels(const EngineSpec& engine) {
    return engine.id == "vllm" || engine.id == "sglang" || engine.id == "tensorrt_llm";
}

}  // namespace

ProfileEntry profile_entry(std::string_view file, std::string text) {
    std::string name(file.substr(file.rfind('/') + 1));
    if (name.ends_with(kEnding)) name.resize(name.size() - kEnding.size());
    using Read = Result<std::shared_ptr<const Profile>>;
    return {name, kind_from<Read>([text = std::move(text), where = std::string(file)]() -> Read {
                auto profile = read_profile(text, where);
                if (!profile) return tl::unexpected(profile.error());
                return std::make_shared<const Profile>(std::move(*profile));
            })};
}

std::vector<std::string> Catalog::profile_names() const {
    std::vector<std::string> names;
    for (const ProfileEntry& p : state_->profiles) names.push_back(p.name);
    return names;
}

Result<std::shared_ptr<const Profile>> Catalog::profile_named(std::string_view name) const {
    for (const ProfileEntry& p : state_->profiles) {
        if (same_name(p.name, name)) return p.read->get();
    }
    const std::string near = did_you_mean(std::string(name), profile_names());
    return fail({{}, {}, fmt::format("'{}' is not a known profile", name), near.empty() ? "known: " + one_of(profile_names()) : near, ProblemKind::wrong_input});
}

Result<std::shared_ptr<const Profile>> Catalog::profile_for(const DeviceSpec& device, const EngineSpec& engine) const {
    if (!runs_serving_kernels(engine)) return std::shared_ptr<const Profile>{};
    for (const std::string& of : {engine.id, std::string("vllm"), std::string("sglang"), std::string("tensorrt_llm")}) {
        const std::string name = device.id + "-" + of;
        const auto at = std::ranges::find(state_->profiles, name, &ProfileEntry::name);
        if (at != state_->profiles.end()) return at->read->get();
    }
    return std::shared_ptr<const Profile>{};
}

}  // namespace moeplan
