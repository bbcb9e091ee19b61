#include <algorithm>

#include <fmt/format.h>

#include "core/base/require.h"
#include "core/catalog/embedded.h"
#include "core/catalog/readers.h"
#include "core/catalog/state.h"

namespace moeplan {

const EmbeddedFile* embedded_file(std::string_view name) {
    for (const EmbeddedFile& file : embedded_files())
        if (file.name == name) return &file;
    return nullptr;
}

namespace {

// A built-in file with a problem is our mistake, not the user's: tests read every one of them.
template <class Read>
auto read_embedded(std::string_view name, Read read) {
    const EmbeddedFile* text = embedded_file(name);
    require(text != nullptr, "a built-in catalog file is missing");
    auto file = YamlFile::parse(text->text, std::string(name));
    require(file.has_value(), "a built-in catalog file is not YAML");
    auto out = read(file->root());
    require(file->problems().empty(), "a built-in catalog file has problems");
    return out;
}

std::optional<std::string> embedded_text(const std::string& name) {
    const EmbeddedFile* file = embedded_file(name);
    return file ? std::optional<std::string>(file->text) : std::nullopt;
}

Catalog::State make_state() {
    const auto answers =
        kind_from<Answers>([] { return read_embedded("tokens_per_answer.yaml", read_answers); });
    Catalog::State state;
    state.models = kind_from<std::vector<ModelEntry>>([] {
        return read_embedded("models.yaml",
                             [](const YamlNode& root) { return read_models(root, embedded_text); });
    });
    state.devices = kind_from<std::vector<DeviceSpec>>([] {
        return read_embedded("gpus.yaml", [](const YamlNode& root) { return read_devices(root, {}); });
    });
    state.engines = kind_from<std::vector<EngineSpec>>([] {
        return read_embedded("engines.yaml", [](const YamlNode& root) { return read_engines(root, {}); });
    });
    state.prices =
        kind_from<std::vector<RentalPrice>>([] { return read_embedded("prices.yaml", read_prices); });
    state.scores = kind_from<std::vector<Score>>([answers] {
        auto scores = read_embedded("scores.yaml", read_scores);
        const auto& measured = answers->get().scores;
        scores.insert(scores.end(), measured.begin(), measured.end());
        return scores;
    });
    state.tokens_per_answer =
        kind_from<std::vector<TokensPerAnswer>>([answers] { return answers->get().tokens; });
    state.storage = kind_from<StorageRates>([] {
        return read_embedded("storage.yaml", [](const YamlNode& root) { return read_storage(root, {}); });
    });
    state.figures =
        kind_from<std::vector<Figure>>([] { return read_embedded("ownership.yaml", read_figures); });
    state.undisclosed = kind_from<std::vector<UndisclosedModel>>(
        [] { return read_embedded("undisclosed.yaml", read_undisclosed); });
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.name.starts_with("profiles/")) state.profiles.push_back(profile_entry(file.name, std::string(file.text)));
    }
    return state;
}

const std::shared_ptr<const Catalog::State>& shared_state() {
    static const auto state = std::make_shared<const Catalog::State>(make_state());
    return state;
}

}  // namespace

const Catalog::State& builtin_state() { return *shared_state(); }

const Catalog& builtin_catalog() {
    static const Catalog catalog(shared_state());
    return catalog;
}

}  // namespace moeplan
