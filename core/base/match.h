#pragma once
// match(variant, [](const A&) {...}, [](const B&) {...}): leaving an alternative out does not compile.

#include <utility>
#include <variant>

namespace moeplan {

template <class... F>
struct Overload : F... {
    using F::operator()...;
};

template <class Variant, class... F>
decltype(auto) match(Variant&& variant, F&&... cases) {
    return std::visit(Overload<std::decay_t<F>...>{std::forward<F>(cases)...}, std::forward<Variant>(variant));
}

}  // namespace moeplan
