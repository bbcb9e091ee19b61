#pragma once
// What a server sent, reduced to what a reader of measured requests needs. Private to sim/trace.

#include <string>

#include <nlohmann/json.hpp>

namespace moeplan::trace {

// {"content": how many of its events carry text, "error": where one does, "prompt_tokens", "completion_tokens": of its usage,
// where told}. `reply` is a JSON
// object of OpenAI's or Triton's, or server-sent events of such; anything else carries none.
nlohmann::json digest_reply(const std::string& reply);

}  // namespace moeplan::trace
