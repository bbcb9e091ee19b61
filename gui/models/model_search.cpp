#include "gui/models/model_search.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "gui/models/text.h"

namespace moeplan {
namespace {

// Words of letters and digits, in small: "Mixtral-8x7B" -> "mixtral 8x7b".
std::string plain_of(std::string_view text) {
    std::string plain;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80)
            plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (!plain.empty() && plain.back() != ' ') plain += ' ';
    }
    return plain;
}

std::string squeezed(std::string text) {
    std::erase(text, ' ');
    return text;
}

std::vector<std::string> words_of(std::string_view query) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : plain_of(query) + " ") {
        if (c != ' ') word += c;
        else if (!word.empty()) words.push_back(std::exchange(word, {}));
    }
    return words;
}

constexpr std::size_t kLongestQuery = 200;

// How well a name is what was typed: 0 as a whole, with or without its organisation; 1 as its beginning; 2 otherwise.
int rank_of(const std::string& names, const std::string& typed) {
    int best = 2;
    const auto look_at = [&](std::string_view name) {
        const std::string plain = squeezed(plain_of(name));
        if (plain == typed) best = 0;
        else if (plain.starts_with(typed)) best = std::min(best, 1);
    };
    for (std::size_t at = 0; at < names.size();) {
        const std::size_t end = std::min(names.find(' ', at), names.size());
        const std::string_view name = std::string_view(names).substr(at, end - at);
        look_at(name);
        look_at(name.substr(name.find('/') + 1));
        at = end + 1;
    }
    return best;
}

}  // namespace

std::string size_of(const ModelEntry& entry) {
    const auto& [total, active, source, note] = entry.published;
    if (!total) return {};
    const std::string all = fmt::format("{:.3g} B", *total);
    return active && *active < *total ? fmt::format("{}, {:.3g} B active", all, *active) : all;
}

ModelSearch::ModelSearch(const Catalog& catalog, QObject* parent) : QAbstractListModel(parent), catalog_(catalog) {
    for (const auto& entry : catalog_.models()) {
        std::string names = entry.id;
        for (const auto& alias : entry.aliases) names += " " + alias;
        known_.push_back({entry.id, size_of(entry), names, plain_of(names)});
    }
    search();
}

void ModelSearch::set_study(const Scenario& scenario) {
    const bool same = scenario.models.size() == of_study_ && std::ranges::all_of(scenario.models, [&](const auto& model) {
                          return std::ranges::any_of(known_.begin(), known_.begin() + static_cast<std::ptrdiff_t>(of_study_),
                                                     [&](const Known& k) { return k.id == model.first; });
                      });
    if (same) return;
    known_.erase(known_.begin(), known_.begin() + static_cast<std::ptrdiff_t>(of_study_));
    of_study_ = scenario.models.size();
    std::vector<Known> given;
    for (const auto& [name, spec] : scenario.models) given.push_back({name, "given in the study", name, plain_of(name)});
    known_.insert(known_.begin(), given.begin(), given.end());
    search();
}

void ModelSearch::set_query(std::string_view query) {
    query = query.substr(0, kLongestQuery);
    if (query == query_) return;
    query_ = query;
    search();
}

void ModelSearch::search() {
    beginResetModel();
    found_.clear();
    const auto words = words_of(query_);
    for (std::size_t i = 0; i < known_.size(); ++i) {
        const std::string together = squeezed(known_[i].plain);
        const bool all = std::ranges::all_of(words, [&](const std::string& word) { return together.find(word) != std::string::npos; });
        if (all) found_.push_back(i);
    }
    if (const std::string typed = squeezed(plain_of(query_)); !typed.empty())
        std::ranges::stable_sort(found_, {}, [&](std::size_t i) { return rank_of(known_[i].names, typed); });
    if (found_.empty()) find_nearest();
    endResetModel();
}

void ModelSearch::find_nearest() {
    std::vector<std::string> names;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < known_.size(); ++i) {
        std::string name;
        for (const char c : known_[i].names + " ") {
            if (c == '/') name.clear();   // people leave the organisation out
            else if (c != ' ') name += c;
            else if (!name.empty()) {
                names.push_back(std::exchange(name, {}));
                owners.push_back(i);
            }
        }
    }
    const auto nearest = nearest_name(query_, names);
    if (!nearest) return;
    const auto at = std::ranges::find(names, *nearest);
    found_.push_back(owners[static_cast<std::size_t>(at - names.begin())]);
}

int ModelSearch::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(found_.size()); }

QVariant ModelSearch::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const Known& known = known_[found_[static_cast<std::size_t>(index.row())]];
    if (role == Qt::EditRole) return text_of(known.id);
    if (role == Qt::DisplayRole) return known.size.empty() ? text_of(known.id) : text_of(known.id + "   " + known.size);
    if (role == Qt::ToolTipRole) return text_of(known.names);
    return {};
}

}  // namespace moeplan
