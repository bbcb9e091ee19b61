#include "core/report/safe_svg.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/report/markup.h"

namespace moeplan {
namespace {

constexpr std::size_t kLargest = std::size_t{16} << 20;

// In a value: what fetches or runs something, and what could hide the spelling of it.
constexpr std::array<std::string_view, 8> kLoading{"javascript:", "expression(", "@import", "image(", "image-set(", "src(", "\\", "/*"};

constexpr std::array<std::string_view, 21> kElements{"svg", "g", "defs", "path", "line", "polyline", "polygon", "rect", "circle", "ellipse", "text", "tspan", "image", "use",
                                                     "linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "symbol"};
// With what is in them.
constexpr std::array<std::string_view, 2> kLeftOut{"title", "desc"};
constexpr std::array<std::string_view, 11> kAttributesLeftOut{"xmlns", "xmlns:xlink", "xml:space", "xml:lang", "version", "baseProfile", "role", "aria-label", "class", "tabindex", "enable-background"};

using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;

struct Tag {
    std::string_view name;
    Attributes attributes;
    bool closes = false;   // </name>
    bool alone = false;    // <name/>
};

bool is_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == ':'; });
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

template <std::size_t N>
bool among(const std::array<std::string_view, N>& all, std::string_view name) { return std::ranges::find(all, name) != all.end(); }

// Lower case and without blanks, so that no way of writing hides a word.
std::string squeezed(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) > ' ') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return out;
}

// Whether an entity in it could stand for a letter: all but the four that escape markup.
bool spells(std::string_view value) {
    for (std::size_t at = value.find('&'); at != std::string_view::npos; at = value.find('&', at + 1)) {
        const std::string_view rest = value.substr(at);
        if (!rest.starts_with("&amp;") && !rest.starts_with("&lt;") && !rest.starts_with("&gt;") && !rest.starts_with("&quot;")) return true;
    }
    return false;
}

class Svg {
public:
    Svg(std::string_view svg, std::string_view prefix, std::string_view label) : left_(svg), prefix_(prefix), label_(label) {}

    Result<std::string> run() {
        while (wrong_.empty() && !left_.empty()) {
            const std::size_t open = left_.find('<');
            text(left_.substr(0, open));
            left_.remove_prefix(std::min(open, left_.size()));
            if (!left_.empty()) markup();
        }
        if (wrong_.empty() && (!open_.empty() || !rooted_)) wrong_ = "it ends before its root does";
        if (!wrong_.empty()) return fail({{}, {}, "not a drawing to show: " + wrong_, {}});
        return std::move(out_);
    }

private:
    void text(std::string_view characters) {
        const bool blank = std::ranges::all_of(characters, is_space);
        if (skipping_ || blank || open_.empty()) {
            if (!blank && open_.empty()) wrong_ = "text outside its root";
            return;
        }
        copy(characters);
    }

    // Entities stay as they are; an ampersand that starts none, and quotes, lose their meaning.
    void copy(std::string_view characters) {
        for (std::size_t i = 0; i < characters.size(); ++i) {
            const char c = characters[i];
            if (c == '&') {
                const std::size_t end = characters.substr(i, 12).find(';');
                const auto name = end == std::string_view::npos ? std::string_view() : characters.substr(i + 1, end - 1);
                const bool entity = !name.empty() && std::ranges::all_of(name, [](unsigned char n) { return std::isalnum(n) || n == '#'; });
                out_ += entity ? "&" : "&amp;";
            } else if (c == '"') {
                out_ += "&quot;";
            } else if (c == '<' || c == '>') {
                out_ += c == '<' ? "&lt;" : "&gt;";
            } else if (static_cast<unsigned char>(c) >= 0x20 || is_space(c)) {
                out_ += c;
            }
        }
    }

    void markup() {
        if (drop("<?", "?>") || drop("<!--", "-->")) return;
        if (left_.starts_with("<!DOCTYPE")) {
            if (left_.substr(0, left_.find('>')).find('[') == std::string_view::npos && drop("<!DOCTYPE", ">")) return;
        }
        if (left_.starts_with("<!")) wrong_ = "a declaration in it";
        const auto tag = wrong_.empty() ? read_tag() : std::nullopt;
        if (!tag) {
            if (wrong_.empty()) wrong_ = "a tag that is not whole";
            return;
        }
        tag->closes ? close(*tag) : open(*tag);
    }

    bool drop(std::string_view from, std::string_view to) {
        if (!left_.starts_with(from)) return false;
        const std::size_t end = left_.find(to, from.size());
        if (end == std::string_view::npos) return false;
        left_.remove_prefix(end + to.size());
        return true;
    }

    std::string_view word() {
        std::size_t n = 0;
        while (n < left_.size() && !is_space(left_[n]) && left_[n] != '=' && left_[n] != '>' && left_[n] != '/') ++n;
        const auto name = left_.substr(0, n);
        left_.remove_prefix(n);
        return name;
    }

    void blanks() {
        while (!left_.empty() && is_space(left_.front())) left_.remove_prefix(1);
    }

    bool take(char c) {
        if (left_.empty() || left_.front() != c) return false;
        left_.remove_prefix(1);
        return true;
    }

    std::optional<Tag> read_tag() {
        Tag tag;
        take('<');
        tag.closes = take('/');
        tag.name = word();
        if (!is_name(tag.name)) return std::nullopt;
        while (true) {
            blanks();
            if (take('>')) return tag;
            if (take('/')) {
                tag.alone = true;
                return take('>') && !tag.closes ? std::optional(tag) : std::nullopt;
            }
            const auto name = word();
            if (!is_name(name)) return std::nullopt;
            blanks();
            if (!take('=')) return std::nullopt;
            blanks();
            const char quote = left_.empty() ? '\0' : left_.front();
            if ((quote != '"' && quote != '\'') || !take(quote)) return std::nullopt;
            const std::size_t end = left_.find(quote);
            if (end == std::string_view::npos) return std::nullopt;
            tag.attributes.emplace_back(name, left_.substr(0, end));
            left_.remove_prefix(end + 1);
        }
    }

    void open(const Tag& tag) {
        if (open_.empty() && (rooted_ || tag.name != "svg")) {
            wrong_ = "its root is not one <svg>";
            return;
        }
        const bool left_out = among(kLeftOut, tag.name);
        if (!skipping_ && !left_out && !among(kElements, tag.name)) {
            wrong_ = fmt::format("<{}> in it", tag.name);
            return;
        }
        if (left_out && !tag.alone) ++skipping_;
        if (!tag.alone) open_.push_back(tag.name);
        if (skipping_ || left_out) return;
        out_ += fmt::format("<{}", tag.name);
        rooted_ ? attributes(tag) : root(tag);
        out_ += tag.alone ? "/>" : ">";
    }

    void close(const Tag& tag) {
        if (open_.empty() || open_.back() != tag.name || !tag.attributes.empty()) {
            wrong_ = "its tags do not nest";
            return;
        }
        open_.pop_back();
        const bool left_out = among(kLeftOut, tag.name);
        if (!skipping_) out_ += fmt::format("</{}>", tag.name);
        if (left_out) --skipping_;
    }

    void root(const Tag& tag) {
        rooted_ = true;
        const auto box = std::ranges::find(tag.attributes, "viewBox", &std::pair<std::string_view, std::string_view>::first);
        const bool numbers = box != tag.attributes.end() && std::ranges::all_of(box->second, [](unsigned char c) { return std::isdigit(c) || c == ' ' || c == '.' || c == '-' || c == ','; });
        if (!numbers || tag.alone) {
            wrong_ = "no view box";
            return;
        }
        out_ += fmt::format(" viewBox=\"{}\" class=\"drawing\" role=\"img\" aria-label=\"{}\"", box->second, escape_markup(label_));
    }

    void attributes(const Tag& tag) {
        for (const auto& [name, value] : tag.attributes) {
            if (among(kAttributesLeftOut, name) || name.starts_with("data-")) continue;
            if (name.starts_with("xmlns")) continue;
            const std::string plain = squeezed(value);
            const bool link = name == "href" || name == "xlink:href", is_id = name == "id" || name == "xml:id";
            if (squeezed(name).starts_with("on") || (name.find(':') != std::string_view::npos && !link && !is_id)) {
                wrong_ = fmt::format("an attribute '{}' in it", name);
                return;
            }
            // An entity could spell what is refused.
            if (spells(value)) {
                wrong_ = fmt::format("an entity in '{}'", name);
                return;
            }
            if (link && !local(plain, tag.name)) {
                wrong_ = "an address in it";
                return;
            }
            out_ += fmt::format(" {}=\"", name);
            if (is_id) copy(fmt::format("{}{}", prefix_, value));
            else if (link && plain.starts_with('#')) copy(fmt::format("#{}{}", prefix_, value.substr(value.find('#') + 1)));
            else pointed(value);
            out_ += '"';
        }
    }

    static bool local(const std::string& address, std::string_view element) {
        if (address.starts_with('#')) return true;
        return element == "image" && (address.starts_with("data:image/png;base64,") || address.starts_with("data:image/jpeg;base64,"));
    }

    // Values with url(#name) point to the renamed place; any other url, and escapes that could spell one, are refused.
    void pointed(std::string_view value) {
        const std::string plain = squeezed(value);
        if (std::ranges::any_of(kLoading, [&](std::string_view word) { return plain.find(word) != std::string::npos; })) {
            wrong_ = "a style that loads";
            return;
        }
        constexpr std::string_view kLocal = "url(#";
        std::size_t urls = 0, found = 0;
        for (std::size_t at = plain.find("url("); at != std::string::npos; at = plain.find("url(", at + 1)) ++urls;
        std::string renamed;
        for (std::size_t at = 0; at < value.size();) {
            if (value.substr(at).starts_with(kLocal)) {
                ++found;
                renamed += fmt::format("{}{}", kLocal, prefix_);
                at += kLocal.size();
            } else {
                renamed += value[at++];
            }
        }
        if (urls != found) wrong_ = "an address in it";
        else copy(renamed);
    }

    std::string_view left_, prefix_, label_;
    std::vector<std::string_view> open_;
    int skipping_ = 0;   // depth of what is left out
    bool rooted_ = false;
    std::string out_, wrong_;
};

}  // namespace

Result<std::string> safe_svg(std::string_view svg, std::string_view prefix, std::string_view label) {
    if (svg.size() > kLargest) return fail({{}, {}, "not a drawing to show: more than 16 MiB", {}});
    return Svg(svg, prefix, label).run();
}

}  // namespace moeplan
