// A user's folder over the built-in catalog: entries with the same id replace or adjust ours, others are
// added.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include <fmt/format.h>

#include "core/base/lower_case.h"
#include "core/base/nearest.h"
#include "core/catalog/names.h"
#include "core/catalog/readers.h"
#include "core/catalog/state.h"

namespace moeplan {

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kFiles = {"models.yaml",  "gpus.yaml",      "engines.yaml",
                                         "prices.yaml",  "scores.yaml",    "tokens_per_answer.yaml",
                                         "storage.yaml", "ownership.yaml", "undisclosed.yaml"};
constexpr std::uintmax_t kMostBytes = 16u << 20;

std::optional<std::string> text_of(const fs::path& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error) || fs::file_size(path, error) > kMostBytes || error)
        return std::nullopt;
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return std::nullopt;
    return text.str();
}

// Replaces entries whose key is equal, appends the rest.
template <class T, class Key>
std::vector<T> merged(std::vector<T> base, std::vector<T> ours, Key key) {
    for (T& entry : ours) {
        const auto same =
            std::find_if(base.begin(), base.end(), [&](const T& b) { return key(b) == key(entry); });
        if (same == base.end()) base.push_back(std::move(entry));
        else *same = std::move(entry);
    }
    return base;
}

// New scores go first: the first of equals is the one a study gets.
template <class T, class Key>
std::vector<T> put_first(std::vector<T> base, std::vector<T> ours, Key key) {
    std::erase_if(base, [&](const T& b) {
        return std::any_of(ours.begin(), ours.end(), [&](const T& o) { return key(o) == key(b); });
    });
    ours.insert(ours.end(), std::make_move_iterator(base.begin()), std::make_move_iterator(base.end()));
    return ours;
}

class FolderReader {
public:
    explicit FolderReader(fs::path folder) : folder_(std::move(folder)), state_(builtin_state()) {}

    Result<Catalog> read() {
        std::error_code error;
        if (!fs::is_directory(folder_, error))
            return fail({folder_.string(),
                         {},
                         "this catalog folder is not there or is not a folder",
                         "give --catalog or MOEPLAN_CATALOG a folder"});
        reject_strays();
        models();
        hardware();
        money();
        quality();
        profiles();
        if (!problems_.empty()) return fail(std::move(problems_));
        return Catalog(std::make_shared<const Catalog::State>(std::move(state_)));
    }

private:
    // A misspelt file name would otherwise be ignored in silence.
    void reject_strays() {
        std::vector<std::string> found;
        for (const auto& item : fs::directory_iterator(folder_))
            found.push_back(item.path().filename().string());
        std::sort(found.begin(), found.end());
        bool any = false;
        for (const std::string& name : found) {
            const bool known = std::find(kFiles.begin(), kFiles.end(), name) != kFiles.end();
            any = any || known;
            const std::string ending = fs::path(name).extension().string();
            if (!known && (ending == ".yaml" || ending == ".yml"))
                problems_.push_back({(folder_ / name).string(),
                                     {},
                                     "this is not the name of a catalog file",
                                     did_you_mean(name, kFiles)});
        }
        std::error_code error;
        if (!any && problems_.empty() && !fs::is_directory(folder_ / "profiles", error))
            problems_.push_back({folder_.string(),
                                 {},
                                 "no catalog file is in this folder",
                                 fmt::format("expected some of {}", one_of(kFiles))});
    }

    // Reads a file if it is there; its problems join ours.
    template <class Read>
    auto file(const char* name, Read reader)
        -> std::optional<decltype(reader(std::declval<const YamlNode&>()))> {
        const fs::path path = folder_ / name;
        std::error_code error;
        if (!fs::exists(path, error)) return std::nullopt;
        auto parsed = YamlFile::load(path.string());
        if (!parsed) {
            append(problems_, std::move(parsed.error()));
            return std::nullopt;
        }
        auto value = reader(parsed->root());
        append(problems_, parsed->problems());
        return value;
    }

    // Ids and aliases of all entries must name one entry only.
    template <class T>
    void check_names(const char* name, const std::vector<T>& entries) {
        std::set<std::string> ids;
        for (const T& e : entries) ids.insert(lower_case(e.id));
        std::map<std::string, std::string> owner;
        for (const T& e : entries)
            for (const std::string& alias : e.aliases) {
                const std::string key = lower_case(alias);
                const auto [at, fresh] = owner.emplace(key, e.id);
                const bool hidden = ids.count(key) > 0 && !same_name(alias, e.id);
                if (hidden || (!fresh && at->second != e.id))
                    problems_.push_back({(folder_ / name).string(),
                                         {},
                                         fmt::format("the alias '{}' of '{}' also names '{}'", alias, e.id,
                                                     hidden ? alias : at->second),
                                         "choose another alias"});
            }
    }

    void models() {
        const ReadText beside = [this](const std::string& name) { return text_of(folder_ / name); };
        auto ours = file("models.yaml", [&](const YamlNode& root) { return read_models(root, beside); });
        if (!ours) return;
        auto all = merged(state_.models->get(), std::move(*ours),
                          [](const ModelEntry& m) { return lower_case(m.id); });
        check_names("models.yaml", all);
        state_.models = kind_of(std::move(all));
    }

    void hardware() {
        const auto id = [](const auto& e) { return lower_case(e.id); };
        if (auto ours = file("gpus.yaml", [&](const YamlNode& root) {
                return read_devices(root, state_.devices->get());
            })) {
            auto all = merged(state_.devices->get(), std::move(*ours), id);
            check_names("gpus.yaml", all);
            state_.devices = kind_of(std::move(all));
        }
        if (auto ours = file("engines.yaml", [&](const YamlNode& root) {
                return read_engines(root, state_.engines->get());
            })) {
            auto all = merged(state_.engines->get(), std::move(*ours), id);
            check_names("engines.yaml", all);
            state_.engines = kind_of(std::move(all));
        }
        if (auto ours = file("storage.yaml",
                             [&](const YamlNode& root) { return read_storage(root, state_.storage->get()); }))
            state_.storage = kind_of(std::move(*ours));
    }

    void money() {
        // A price may name a GPU by its alias; kept under the id, so that lookups agree.
        const Catalog devices(std::make_shared<const Catalog::State>(state_));
        auto ours = file("prices.yaml", [&](const YamlNode& root) {
            auto prices = read_prices(root);
            for (std::size_t i = 0; i < prices.size(); ++i) {
                if (prices[i].gpu.empty()) continue;
                if (const DeviceSpec* device = devices.device(prices[i].gpu)) prices[i].gpu = device->id;
                else
                    root.at(i)["gpu"].problem(
                        fmt::format("'{}' is not in the catalog of GPUs", prices[i].gpu),
                        did_you_mean(prices[i].gpu, devices.device_ids()));
            }
            return prices;
        });
        if (ours)
            state_.prices = kind_of(merged(state_.prices->get(), std::move(*ours),
                                           [](const RentalPrice& p) { return std::tuple(p.gpu, p.tier); }));
        if (auto figures = file("ownership.yaml", read_figures))
            state_.figures = kind_of(
                merged(state_.figures->get(), std::move(*figures), [](const Figure& f) { return f.id; }));
        if (auto closed = file("undisclosed.yaml", read_undisclosed))
            state_.undisclosed = kind_of(merged(state_.undisclosed->get(), std::move(*closed),
                                                [](const UndisclosedModel& u) { return u.pattern; }));
    }

    void quality() {
        const auto score_key = [](const Score& s) {
            return std::tuple(s.model, s.benchmark, s.evaluator, s.as_published, s.variant);
        };
        const auto answer_key = [](const TokensPerAnswer& t) {
            return std::tuple(t.model, t.benchmark, t.as_published, t.variant);
        };
        std::vector<Score> scores;
        if (auto ours = file("scores.yaml", read_scores)) scores = std::move(*ours);
        if (auto answers = file("tokens_per_answer.yaml", read_answers)) {
            scores.insert(scores.end(), answers->scores.begin(), answers->scores.end());
            state_.tokens_per_answer =
                kind_of(put_first(state_.tokens_per_answer->get(), std::move(answers->tokens), answer_key));
        }
        if (!scores.empty())
            state_.scores = kind_of(put_first(state_.scores->get(), std::move(scores), score_key));
    }

    // profiles/DEVICE-ENGINE.json: replace ours of the same name. Read at once, so that a broken one is told now.
    void profiles() {
        std::error_code error;
        if (!fs::is_directory(folder_ / "profiles", error)) return;
        std::vector<fs::path> files;
        for (const auto& item : fs::directory_iterator(folder_ / "profiles")) {
            if (item.path().extension() == ".json") files.push_back(item.path());
        }
        std::sort(files.begin(), files.end());
        for (const fs::path& path : files) {
            const auto text = text_of(path);
            if (!text) {
                problems_.push_back({path.string(), {}, "the file cannot be read, or is larger than a profile", {}});
                continue;
            }
            ProfileEntry entry = profile_entry(path.filename().string(), *text);
            if (const auto& read = entry.read->get(); !read) {
                for (Problem problem : read.error()) {
                    problem.where = path.string();
                    problems_.push_back(std::move(problem));
                }
                continue;
            }
            std::erase_if(state_.profiles, [&entry](const ProfileEntry& p) { return p.name == entry.name; });
            state_.profiles.push_back(std::move(entry));
        }
    }

    fs::path folder_;
    Catalog::State state_;
    Problems problems_;
};

}  // namespace

Result<Catalog> catalog_with(const std::string& folder) {
    try {
        return FolderReader(folder).read();
    } catch (const fs::filesystem_error& error) {
        return fail(
            {folder, {}, fmt::format("this catalog folder cannot be read: {}", error.code().message()), {}});
    }
}

}  // namespace moeplan
