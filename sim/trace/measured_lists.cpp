// vLLM's and SGLang's results: an object a run, a list a figure.
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/trace/measured_json.h"

namespace moeplan::trace {

void MeasuredCollector::add_lists(const json& object, const std::string& where) {
    MeasuredRun run;
    run.where = where;
    read_head(object, run);
    std::vector<std::pair<Key, const json*>> lists;
    std::vector<std::string> names;
    std::size_t count = 0;
    for (const auto& [name, value] : object.items()) {
        const auto key = measured_key(name);
        if (!key || !value.is_array() || value.empty()) continue;   // an empty list says nothing of anybody
        if (!lists.empty() && value.size() != count) {
            return wrong_here("", fmt::format("'{}' has {} entries where '{}' has {}", name.substr(0, 40), value.size(),
                                              names.front(), count));
        }
        count = value.size();
        lists.emplace_back(*key, &value);
        names.push_back(name.substr(0, 40));
    }
    for (std::size_t i = 0; i < count && !hopeless(); ++i) {
        Pieces pieces;
        std::string what;
        for (std::size_t l = 0; l < lists.size(); ++l) {
            if (!read_value(lists[l].first, (*lists[l].second)[i], source_, pieces))
                what = fmt::format("its entry of '{}' is not a number", names[l]);
        }
        pieces.choose_arrival();
        keep(pieces, std::move(what), run, fmt::format("request {}", i + 1));
    }
    done(std::move(run));
}

}  // namespace moeplan::trace
