#pragma once
// Everything known by name: models, devices, engines, prices, scores. Compiled in from scenarios/catalog/*.yaml;
// a user folder (--catalog DIR, MOEPLAN_CATALOG) adds and overrides by id.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/hardware/device_spec.h"
#include "core/hardware/engine_spec.h"
#include "core/model/model_spec.h"
#include "core/money/price.h"
#include "core/quality/score.h"

namespace moeplan {

// A published figure to hold our counts against.
struct PublishedCount {
    std::optional<double> total_b, active_b;   // billions
    std::string source;
    std::string note;      // "rounded name: 1T" where the published figure is known to be rounded
};

struct ModelEntry {
    std::string id;                     // "mistralai/Mixtral-8x7B-v0.1"
    std::vector<std::string> aliases;   // "mixtral-8x7b"
    std::string config_json;            // the Hugging Face config as text, or empty when `shape` is used
    std::string shape_yaml;             // short form for models without a public config
    std::string source;
    PublishedCount published;
};

// Storage and start-up figures for cold starts.
struct StorageRates {
    BytesPerSecond disk, network, page_cache;
    Seconds engine_start;
    std::vector<Datum> sources;
};

struct Catalog {
    std::vector<ModelEntry> models;
    std::vector<DeviceSpec> devices;
    std::vector<EngineSpec> engines;
    std::vector<RentalPrice> prices;
    std::vector<Score> scores;
    std::vector<TokensPerAnswer> tokens_per_answer;
    StorageRates storage;
    // Closed models people ask for: name -> why there is no answer ("sizes are not public").
    std::map<std::string, std::string> undisclosed;

    const DeviceSpec* device(std::string_view id_or_alias) const;     // null when unknown
    const EngineSpec* engine(std::string_view id) const;
    const ModelEntry* model(std::string_view id_or_alias) const;
    std::vector<std::string> device_ids() const;
    std::vector<std::string> engine_ids() const;
    std::vector<std::string> model_ids() const;
};

// The built-in catalog, parsed on first use (milliseconds matter: parsing is lazy per kind where it can be).
const Catalog& builtin_catalog();

// Built-in plus the folder's files (models/*.json|yaml, gpus.yaml, engines.yaml, prices.yaml, scores.yaml …).
Result<Catalog> catalog_with(const std::string& folder);

// A MODEL argument: catalog id or alias, path to a config.json, its folder, or a .gguf.
// Errors: unknown name (nearest), closed model (says so), import problems.
Result<ModelSpec> find_model(const Catalog& catalog, const std::string& name_or_path, const std::string& relative_to = {});

}  // namespace moeplan
