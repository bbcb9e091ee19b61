#include "core/report/html_figures.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/base/result.h"
#include "core/report/markup.h"
#include "core/report/safe_svg.h"

namespace moeplan {
namespace {

constexpr std::array<std::string_view, 6> kPages{"Compare", "Money", "Simulation", "Memory", "Step", "Experts"};

std::string known_page(const std::string& page) { return std::ranges::find(kPages, page) == kPages.end() ? std::string(kPages.front()) : page; }

}  // namespace

HtmlFigures::HtmlFigures(const std::vector<EmbeddedPicture>& pictures) {
    std::size_t number = 0;
    for (const EmbeddedPicture& p : pictures) {
        const std::string label = p.meaning.empty() ? p.title : fmt::format("{}: {}", p.title, p.meaning);
        // Numbered, for a name in a drawing may be anything and a page has many drawings.
        const auto light = safe_svg(p.svg_light, fmt::format("p{}l-", number), label);
        const auto dark = safe_svg(p.svg_dark, fmt::format("p{}d-", number), label);
        ++number;
        if (!light || !dark) {
            left_out_.push_back(fmt::format("{}: {}", p.title, to_text((light ? dark.error() : light.error()).front())));
            continue;
        }
        figures_.push_back({p.id, known_page(p.page),
                            fmt::format("<figure class=\"picture\">\n<div class=\"look light\">{}</div>\n<div class=\"look dark\">{}</div>\n"
                                        "<figcaption>{}\n<p class=\"soft\">{}</p></figcaption>\n</figure>\n",
                                        *light, *dark, escape_markup(p.title), escape_markup(p.meaning))});
    }
}

std::string HtmlFigures::of(std::string_view page) const {
    std::string out;
    for (const Figure& f : figures_) {
        if (f.page == page) out += f.html;
    }
    return out.empty() ? out : "<div class=\"pictures\">\n" + out + "</div>\n";
}

bool HtmlFigures::has(std::string_view id) const { return std::ranges::find(figures_, id, &Figure::id) != figures_.end(); }

}  // namespace moeplan
