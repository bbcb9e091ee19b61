#pragma once
// Pictures drawn elsewhere, as figures of the page. Internal to core/report.

#include <string>
#include <string_view>
#include <vector>

#include "core/report/html_page.h"

namespace moeplan {

// Pictures made fit for the page, by the part of the page they belong to.
class HtmlFigures {
public:
    explicit HtmlFigures(const std::vector<EmbeddedPicture>& pictures);

    bool any() const { return !figures_.empty(); }
    // Those of one page ("Compare"), without a heading; empty when there are none.
    std::string of(std::string_view page) const;
    bool has(std::string_view id) const;
    // One line for each drawing that was left out.
    const std::vector<std::string>& left_out() const { return left_out_; }

private:
    struct Figure {
        std::string id, page, html;
    };
    std::vector<Figure> figures_;
    std::vector<std::string> left_out_;
};

}  // namespace moeplan
