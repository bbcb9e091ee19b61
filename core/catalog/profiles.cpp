// Profiles of a catalog: found by device and engine, read when first asked for.

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/calibrate/carry_over.h"
#include "core/catalog/names.h"
#include "core/catalog/state.h"

namespace moeplan {
namespace {

constexpr std::string_view kEnding = ".json";

// Engines that run the kernels the profiles are of. llama.cpp and transformers have others; "ideal" has none.
bool runs_serving_kernels(const EngineSpec& engine) {
    return engine.id == "vllm" || engine.id == "sglang" || engine.id == "tensorrt_llm";
}

std::string engine_of(const ProfileEntry& entry) { return entry.name.substr(entry.name.find('-') + 1); }

// The engine itself where anything is measured of it, then the others.
std::vector<std::string> preferred(const std::string& engine, const std::vector<ProfileEntry>& profiles) {
    std::vector<std::string> order{engine, "vllm", "sglang", "tensorrt_llm"};
    const auto measured = [&](const std::string& of) { return std::ranges::find(profiles, of, engine_of) != profiles.end(); };
    std::erase_if(order, [&](const std::string& of) { return !measured(of); });
    if (const auto again = std::ranges::find(order.begin() + !order.empty(), order.end(), engine); again != order.end()) order.erase(again);
    return order;
}

// A profile of another device something carries over from.
struct Candidate {
    const ProfileEntry* entry = nullptr;
    const DeviceSpec* device = nullptr;
    Kinship how{};
    std::size_t engine = 0;   // place in the order of preference
    double distance = 0;
};

// Nearest first. A sibling's profile of the same engine goes before all.
std::vector<Candidate> candidates(const Catalog& catalog, const std::vector<ProfileEntry>& profiles, const DeviceSpec& device,
                                  const std::vector<std::string>& engines) {
    std::vector<Candidate> found;
    for (const ProfileEntry& entry : profiles) {
        const DeviceSpec* of = catalog.device(entry.name.substr(0, entry.name.find('-')));
        if (!of || of->id == device.id) continue;
        const auto how = kinship(*of, device);
        const auto engine = std::ranges::find(engines, engine_of(entry));
        if (!how || engine == engines.end()) continue;
        found.push_back({&entry, of, *how, static_cast<std::size_t>(engine - engines.begin()), *distance(*of, device)});
    }
    const auto place = [](const Candidate& c) {
        return std::tuple(c.how != Kinship::sibling || c.engine > 0, c.distance, c.engine, c.entry->name);
    };
    std::ranges::sort(found, {}, place);
    return found;
}

Result<std::vector<Donor>> read_all(const std::vector<Candidate>& found, const std::string& engine) {
    std::vector<Donor> donors;
    for (const Candidate& c : found) {
        const auto& profile = c.entry->read->get();
        if (!profile) return tl::unexpected(profile.error());
        donors.push_back({*profile, c.device, engine_of(*c.entry) == engine});
    }
    return donors;
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
    const std::vector<std::string> engines = preferred(engine.id, state_->profiles);
    for (const std::string& of : engines) {
        const std::string name = device.id + "-" + of;
        const auto at = std::ranges::find(state_->profiles, name, &ProfileEntry::name);
        if (at != state_->profiles.end()) return at->read->get();
        // Kernels differ more between engines than between siblings (docs/validation.md, "Devices left out").
        const auto near = candidates(*this, state_->profiles, device, {of});
        if (of == engine.id && !near.empty() && near.front().how == Kinship::sibling) break;
    }
    return borrowed_profile_for(device, engine);
}

Result<std::shared_ptr<const Profile>> Catalog::borrowed_profile_for(const DeviceSpec& device, const EngineSpec& engine) const {
    if (!runs_serving_kernels(engine)) return std::shared_ptr<const Profile>{};
    const auto found = candidates(*this, state_->profiles, device, preferred(engine.id, state_->profiles));
    const auto donors = read_all(found, engine.id);
    if (!donors) return tl::unexpected(donors.error());
    return state_->borrowed.get(device.id + "-" + engine.id, [&] { return borrowed_profile(*donors, device); });
}

}  // namespace moeplan
