#pragma once
// Everything known by name: models, devices, engines, prices, scores. Compiled in from
// scenarios/catalog/*.yaml; a user folder (--catalog DIR, MOEPLAN_CATALOG) adds and overrides by id.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/calibrate/profile.h"
#include "core/hardware/device_spec.h"
#include "core/hardware/engine_spec.h"
#include "core/model/model_spec.h"
#include "core/money/price.h"
#include "core/quality/score.h"

namespace moeplan {

// What a candidate's `profile` may say beside a name: another device's, as for a GPU without a profile of its own.
constexpr std::string_view kBorrowedProfile = "borrowed";

// A published figure to hold our counts against.
struct PublishedCount {
    std::optional<double> total_b, active_b;  // billions
    std::string source;
    std::string note;  // "rounded name: 1T" where the published figure is known to be rounded
};

struct ModelEntry {
    std::string id;                    // "mistralai/Mixtral-8x7B-v0.1"
    std::vector<std::string> aliases;  // "mixtral-8x7b"
    std::string config_json;           // the Hugging Face config as text
    std::string source;
    PublishedCount published;
};

// Storage and start-up figures for cold starts.
struct StorageRates {
    BytesPerSecond disk, network, page_cache;
    Seconds engine_start;
    std::vector<Datum> sources;
};

// A named figure for owning GPUs: electricity, PUE, power and cost per GPU. Defaults a study may quote.
struct Figure {
    std::string id;  // "pue.industry_2025", "usd_per_kwh.ohio_industrial", "kw_per_gpu.h100_sxm"
    double value = 0;
    std::string unit;  // "", "USD/kWh", "kW", "USD/h"
    std::string date;
    std::string source;
};

// Closed models people ask for: a pattern ("gpt-4*", case-insensitive) and why there is no answer.
struct UndisclosedModel {
    std::string pattern;
    std::string reason;  // "sizes are not public"
};

// Everything as plain values, for merging and for catalogs made by hand.
struct CatalogData {
    std::vector<ModelEntry> models;
    std::vector<DeviceSpec> devices;
    std::vector<EngineSpec> engines;
    std::vector<RentalPrice> prices;
    std::vector<Score> scores;  // the first of equal (model, benchmark, evaluator) is the one to prefer
    std::vector<TokensPerAnswer> tokens_per_answer;
    StorageRates storage;
    std::vector<Figure> figures;
    std::vector<UndisclosedModel> undisclosed;
};

// A value, cheap to copy. Each kind is parsed when first asked for; safe from several threads.
class Catalog {
public:
    explicit Catalog(CatalogData data);

    const std::vector<ModelEntry>& models() const;
    const std::vector<DeviceSpec>& devices() const;
    const std::vector<EngineSpec>& engines() const;
    const std::vector<RentalPrice>& prices() const;
    const std::vector<Score>& scores() const;
    const std::vector<TokensPerAnswer>& tokens_per_answer() const;
    const StorageRates& storage() const;
    const std::vector<Figure>& figures() const;
    const std::vector<UndisclosedModel>& undisclosed() const;

    // By id or alias, case-insensitive; null when unknown.
    const DeviceSpec* device(std::string_view id_or_alias) const;
    const EngineSpec* engine(std::string_view id) const;
    const ModelEntry* model(std::string_view id_or_alias) const;
    const RentalPrice* price(std::string_view device_id, std::string_view tier) const;
    const Figure* figure(std::string_view id) const;
    // What is measured of a device: by its name ("h100_sxm-vllm", a file profiles/NAME.json of the catalog).
    std::vector<std::string> profile_names() const;
    // Errors: no such profile (nearest); what is wrong with the file.
    Result<std::shared_ptr<const Profile>> profile_named(std::string_view name) const;
    // The profile for kernels of an engine on a device: its own, otherwise another engine's on the same device (vLLM's
    // first), otherwise one carried over from the nearest measured devices; null when nothing carries over, and for engines
    // whose kernels are none of these.
    Result<std::shared_ptr<const Profile>> profile_for(const DeviceSpec& device, const EngineSpec& engine) const;
    // The one carried over, also for a device with profiles of its own: as if it had none.
    Result<std::shared_ptr<const Profile>> borrowed_profile_for(const DeviceSpec& device, const EngineSpec& engine) const;
    // Why a closed model has no answer, or nothing when it is not a known closed model.
    std::optional<std::string> undisclosed_reason(std::string_view name) const;
    std::vector<std::string> device_ids() const;
    std::vector<std::string> engine_ids() const;
    std::vector<std::string> model_ids() const;

    struct State;  // the kinds, parsed or not yet; defined in state.h
    explicit Catalog(std::shared_ptr<const State> state) : state_(std::move(state)) {}

private:
    std::shared_ptr<const State> state_;
};

// The built-in catalog, parsed on first use (milliseconds matter: parsing is lazy per kind where it can be).
const Catalog& builtin_catalog();

// Built-in plus the folder's files (models.yaml with its configs, gpus.yaml, engines.yaml, prices.yaml …).
Result<Catalog> catalog_with(const std::string& folder);

// A MODEL argument: catalog id or alias, path to a config.json, its folder, or a .gguf.
// Errors: unknown name (nearest), closed model (says so), import problems.
Result<ModelSpec> find_model(const Catalog& catalog, const std::string& name_or_path,
                             const std::string& relative_to = {});

}  // namespace moeplan
