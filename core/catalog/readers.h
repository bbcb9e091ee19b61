#pragma once
// YAML -> catalog entries, one reader per kind. Problems stay in the node's file; what could be read is
// returned. Entries of `known` with the same id are the ground an entry may override key by key. Internal to
// core/catalog.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog/catalog.h"
#include "core/yaml/reader.h"

namespace moeplan {

std::vector<DeviceSpec> read_devices(const YamlNode& root, const std::vector<DeviceSpec>& known);
std::vector<EngineSpec> read_engines(const YamlNode& root, const std::vector<EngineSpec>& known);
std::vector<RentalPrice> read_prices(const YamlNode& root);
std::vector<Score> read_scores(const YamlNode& root);
// A text of cells between bars: a head "model | published | variant | gsm8k | …", then a line per model with
// scores in percent and "-" where there is none. Thousands of scores read in a fraction of the time of YAML
// maps. `same` holds what all of them share.
void read_score_table(const YamlNode& text, const Score& same, std::vector<Score>& out);
StorageRates read_storage(const YamlNode& root, const StorageRates& known);
std::vector<Figure> read_figures(const YamlNode& root);
std::vector<UndisclosedModel> read_undisclosed(const YamlNode& root);

// One file holds both: a measured answer has a length and was right or wrong.
struct Answers {
    std::vector<TokensPerAnswer> tokens;
    std::vector<Score> scores;
};
Answers read_answers(const YamlNode& root);

// Text of a file beside the index ("models/x.json"), or nothing when there is none.
using ReadText = std::function<std::optional<std::string>(const std::string& name)>;
std::vector<ModelEntry> read_models(const YamlNode& root, const ReadText& read_text);

// ---- what the readers share ----------------------------------------------------------------------------

// Text that must be there; records a problem otherwise.
std::string required_text(const YamlNode& map, std::string_view key);
// A list of names; a single one may stand alone. Numbers count as names ("3090").
std::vector<std::string> names_of(const YamlNode& node);
// "3 us" or {value: 3 us, low: 2 us, high: 6 us}.
std::optional<Estimate> seconds_estimate(const YamlNode& node);
// The `sources` of an entry, each {of: [fields], source, note}. Every field of `given` must be covered by
// one, or by one of its group ("peak" covers "peak.bf16"); a source of a field that is not there is a problem
// too.
std::vector<Datum> read_sources(const YamlNode& entry, const std::vector<std::string>& given);

}  // namespace moeplan
