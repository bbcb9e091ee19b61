#pragma once
// JSON text as Python writes it, made safe to hand to a parser. Needs no JSON library.

#include <string>
#include <string_view>

namespace moeplan {

struct SafeJson {
    std::string text;  // bare NaN, Infinity and -Infinity (which JSON does not have) replaced by null
    int deepest = 0;   // how many brackets are open at most: compare before parsing
};

SafeJson safe_json(std::string_view text);

}  // namespace moeplan
