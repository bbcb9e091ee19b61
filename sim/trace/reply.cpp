#include "sim/trace/reply.h"

#include <algorithm>
#include <string_view>

namespace moeplan::trace {

using nlohmann::json;

namespace {

bool has_text(const json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_string() && !at->get_ref<const std::string&>().empty();
}

bool has_text(const json& choice) {
    if (!choice.is_object()) return false;
    if (has_text(choice, "text")) return true;
    for (const char* inside : {"delta", "message"}) {
        const auto at = choice.find(inside);
        if (at == choice.end() || !at->is_object()) continue;
        for (const char* text : {"content", "reasoning_content", "reasoning"}) {
            if (has_text(*at, text)) return true;
        }
    }
    return false;
}

void digest_event(std::string_view text, json& digest) {
    const json event = json::parse(text.begin(), text.end(), nullptr, false);
    if (!event.is_object()) return;
    bool content = has_text(event, "text_output");
    if (const auto choices = event.find("choices"); choices != event.end() && choices->is_array()) {
        for (const json& choice : *choices) content = content || has_text(choice);
    }
    if (content) digest["content"] = digest["content"].get<int>() + 1;
    if (const auto error = event.find("error"); error != event.end() && !error->is_null()) digest["error"] = true;
    const auto usage = event.find("usage");
    if (usage == event.end() || !usage->is_object()) return;
    for (const char* count : {"prompt_tokens", "completion_tokens"}) {
        const auto at = usage->find(count);
        if (at != usage->end() && at->is_number()) digest[count] = *at;
    }
}

}  // namespace

json digest_reply(const std::string& reply) {
    json digest{{"content", 0}};
    if (!reply.empty() && reply.front() == '{') {
        digest_event(reply, digest);
        return digest;
    }
    for (std::size_t from = 0; from < reply.size();) {
        const std::size_t end = std::min(reply.find('\n', from), reply.size());
        std::string_view line = std::string_view(reply).substr(from, end - from);
        if (line.substr(0, 5) == "data:") digest_event(line.substr(5), digest);
        from = end + 1;
    }
    return digest;
}

}  // namespace moeplan::trace
