// Pages with pictures drawn elsewhere: what may stand in them, and where.
#include "core/report/html_page.h"

#include <vector>

#include "core/report/report_writer.h"
#include "core/report/safe_svg.h"
#include "tests/support/catch.h"
#include "tests/support/detailed_report.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

// As Qt writes them.
std::string svg(const std::string& inside, const std::string& box = "0 0 800 480") {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<svg width=\"800\" height=\"480\" viewBox=\"" + box +
           "\"\n xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.2\" baseProfile=\"tiny\">\n"
           "<title>A & B</title>\n<desc>Generated <b>with</b> Qt</desc>\n<!-- made by hand -->\n" +
           inside + "\n</svg>\n";
}

const std::string kDrawn =
    "<defs><linearGradient id=\"g0\" x1=\"0\"><stop offset=\"0\" stop-color=\"#fff\"/></linearGradient></defs>\n"
    "<g fill=\"none\" stroke='black' font-family=\"DejaVu Sans, Verdana\"><path vector-effect=\"none\" fill=\"url(#g0)\" d=\"M0,0 L5,5\"/>\n"
    "<use xlink:href=\"#g0\"/><text x=\"1\" y=\"2\" xml:space=\"preserve\">$/Mtok &lt; 1 &amp; \"more\"</text>"
    "<image width=\"2\" height=\"2\" xlink:href=\"data:image/png;base64,iVBORw0KGgo=\"/></g>";

std::string refused(const std::string& text) {
    const auto drawing = safe_svg(text, "p-", "label");
    INFO(text << "\n" << (drawing ? *drawing : ""));
    REQUIRE_FALSE(drawing);
    return to_text(drawing.error()[0]);
}

std::vector<EmbeddedPicture> pictures() {
    return {{"cost_against_batch", "Cost against batch", "Where lines cross the <cheaper> one changes.", "Compare", svg(kDrawn), svg(kDrawn)},
            {"roofline", "Roofline", "", "Step", svg(kDrawn), svg(kDrawn)},
            {"expert_load", "Expert load", "1 is fair", "Experts", svg(kDrawn), svg(kDrawn)}};
}

std::size_t times(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

}  // namespace

TEST_CASE("a drawing keeps what it draws and loses what a page does not need") {
    const auto drawing = safe_svg(svg(kDrawn), "p0l-", "Cost & \"batch\"");
    INFO((drawing ? "" : to_text(drawing.error()[0])));
    REQUIRE(drawing);
    CHECK(drawing->starts_with("<svg viewBox=\"0 0 800 480\" class=\"drawing\" role=\"img\" aria-label=\"Cost &amp; &quot;batch&quot;\">"));
    CHECK_THAT(*drawing, ContainsSubstring("id=\"p0l-g0\"") && ContainsSubstring("fill=\"url(#p0l-g0)\"") && ContainsSubstring("xlink:href=\"#p0l-g0\""));
    CHECK_THAT(*drawing, ContainsSubstring("d=\"M0,0 L5,5\"") && ContainsSubstring("data:image/png;base64,iVBORw0KGgo="));
    CHECK_THAT(*drawing, ContainsSubstring("$/Mtok &lt; 1 &amp; &quot;more&quot;</text>"));
    CHECK(drawing->ends_with("</svg>"));
    for (const char* gone : {"http", "<?xml", "<title", "Generated", "<!--", "xmlns"}) CHECK(drawing->find(gone) == std::string::npos);
}

TEST_CASE("a drawing as Qt writes it is taken, and taken again") {
    const auto drawing = safe_svg(text_of(MOEPLAN_SOURCE_DIR "/tests/fuzz/corpus/svg/qt.svg"), "a-", "Roofline");
    INFO((drawing ? "" : to_text(drawing.error()[0])));
    REQUIRE(drawing);
    CHECK_THAT(*drawing, ContainsSubstring("id=\"a-gradient1\"") && ContainsSubstring("fill=\"url(#a-gradient1)\"") && ContainsSubstring("clip-path=\"url(#a-clip1)\""));
    CHECK_THAT(*drawing, ContainsSubstring("style=\"fill:url(#a-gradient1)\"") && ContainsSubstring("xlink:href=\"#a-clip1\""));
    CHECK(safe_svg(*drawing, "b-", "Roofline"));
}

TEST_CASE("a drawing that could do more than draw is refused") {
    CHECK_THAT(refused(svg("<script>alert(1)</script>")), ContainsSubstring("<script>"));
    CHECK_THAT(refused(svg("<SCRIPT/>")), ContainsSubstring("<SCRIPT>"));
    CHECK_THAT(refused(svg("<svg:script/>")), ContainsSubstring("script"));
    for (const char* element : {"foreignObject", "iframe", "a", "style", "animate", "set", "handler", "link", "object", "feImage", "filter"}) {
        refused(svg(std::string("<") + element + "/>"));
    }
    CHECK_THAT(refused(svg("<rect onload=\"x()\"/>")), ContainsSubstring("onload"));
    refused(svg("<rect oNClick='x()'/>"));
    refused(svg("<rect ev:event=\"click\"/>"));
    CHECK_THAT(refused(svg("<use xlink:href=\"http://example.com/x.svg#a\"/>")), ContainsSubstring("an address"));
    refused(svg("<use href=\"//example.com\"/>"));
    refused(svg("<use href=\"&#104;ttp://example.com\"/>"));
    refused(svg("<image xlink:href=\"data:image/svg+xml;base64,AAAA\"/>"));
    refused(svg("<use href=\"data:image/png;base64,AAAA\"/>"));
    refused(svg("<image href=\" java\tscript:x()\"/>"));
    refused(svg("<path fill=\"url(http://example.com)\"/>"));
    refused(svg("<path fill=\"url( #a)\"/>"));
    refused(svg("<path fill=\"url&#40;http://example.com)\"/>"));
    refused(svg("<path fill=\"url&lpar;http://example.com)\"/>"));
    refused(svg("<path fill=\"url(&quot;http://example.com&quot;)\"/>"));
    refused(svg("<path style=\"fill:u&#114;l(http://x)\"/>"));
    refused(svg("<path style=\"fill:u\\72l(http://x)\"/>"));
    for (const char* style : {"behavior:expression(x)", "fill:javascript:x()", "@import 'x'", "fill:image('x')", "fill:image-set('x' 1x)", "fill:src('x')", "fi\\6cl:red",
                              "fill:u/**/rl(x)"}) {
        refused(svg(std::string("<path style=\"") + style + "\"/>"));
    }
}

TEST_CASE("a drawing that could break the page is refused") {
    CHECK_THAT(refused(""), ContainsSubstring("ends before"));
    CHECK_THAT(refused("hello"), ContainsSubstring("outside its root"));
    refused("<html></html>");
    CHECK_THAT(refused(svg("<g>")), ContainsSubstring("do not nest"));
    refused(svg("</g>"));
    refused(svg("") + svg(""));
    refused(svg("") + "tail");
    refused(svg("<![CDATA[ </svg><script> ]]>"));
    refused(svg("<!ENTITY x \"y\">"));
    refused("<!DOCTYPE svg [<!ENTITY x \"y\">]>" + svg(""));
    refused(svg("<g a/>"));
    refused(svg("<g a=1/>"));
    refused(svg("<g a=\"1/>"));
    CHECK_THAT(refused(svg("", "0 0 x\" onload=\"y")), ContainsSubstring("view box"));
    CHECK_THAT(refused("<svg width=\"8\"></svg>"), ContainsSubstring("no view box"));
    CHECK_THAT(refused(std::string((16 << 20) + 1, ' ')), ContainsSubstring("16 MiB"));
    const std::string whole = svg(kDrawn);
    for (std::size_t i = 0; i < whole.size() - 7; ++i) CHECK_FALSE(safe_svg(std::string_view(whole).substr(0, i), "p-", ""));
}

TEST_CASE("pictures stand in the page in both looks, named for those who do not see them") {
    const std::string html = write_html(detailed_report(), pictures());
    CHECK(times(html, "<figure class=\"picture\">") == 3);
    CHECK(times(html, "class=\"look light\"") == 3);
    CHECK(times(html, "class=\"look dark\"") == 3);
    CHECK(times(html, "role=\"img\" aria-label=\"Cost against batch: Where lines cross the &lt;cheaper&gt; one changes.\"") == 2);
    CHECK_THAT(html, ContainsSubstring("<figcaption>Cost against batch\n<p class=\"soft\">Where lines cross the &lt;cheaper&gt; one changes.</p></figcaption>"));
    // Every id is there once.
    for (const char* id : {"p0l-g0", "p0d-g0", "p1l-g0", "p2d-g0"}) CHECK(times(html, std::string("id=\"") + id + "\"") == 1);
    CHECK_THAT(html, ContainsSubstring("At a glance") && ContainsSubstring("Load of the experts and their ranks"));
    // What the pictures show already is folded away, and still there.
    CHECK_THAT(html, ContainsSubstring("<summary>Every figure against batch</summary>") && ContainsSubstring("<summary>In numbers</summary>"));
    for (const char* forbidden : {"<script", "http://", "https://", "@import", " src="}) CHECK(html.find(forbidden) == std::string::npos);
    CHECK(html == write_html(detailed_report(), pictures()));
}

TEST_CASE("a drawing that is not fit is left out, and the page says so") {
    auto some = pictures();
    some[1].svg_dark = svg("<script/>");
    some[1].title = "<i>Roofline</i>";
    const std::string html = write_html(detailed_report(), some);
    CHECK(times(html, "<figure class=\"picture\">") == 2);
    CHECK(html.find("<script") == std::string::npos);
    CHECK_THAT(html, ContainsSubstring("A picture was left out: &lt;i&gt;Roofline&lt;/i&gt;: not a drawing to show: &lt;script&gt; in it"));
}

TEST_CASE("without pictures the page is the writer's, and one line says why") {
    const Report report = detailed_report();
    const std::string plain = make_writer("html").value()->write(report);
    CHECK(write_html(report, {}) == plain);
    const std::string told = write_html(report, {}, "moeplan-plot is <not> there");
    CHECK_THAT(told, ContainsSubstring("<p class=\"soft\">Plain charts: moeplan-plot is &lt;not&gt; there.</p>"));
    CHECK(told.size() == plain.size() + std::string("<p class=\"soft\">Plain charts: moeplan-plot is &lt;not&gt; there.</p>\n").size());
}

TEST_CASE("the folder of a picture program is read, and what has nothing to draw is passed over") {
    const Scratch scratch;
    scratch.file("a-light.svg", "LIGHT");
    scratch.file("a-dark.svg", "DARK");
    scratch.file("pictures.json", R"([{"id":"a","title":"A","meaning":"m","page":"Step","files":{"light":"a-light.svg","dark":"a-dark.svg"}},
                                      {"id":"b","title":"B","meaning":"","page":"Money","nothing":"no price"}])");
    const auto read = read_picture_folder(scratch.path().string());
    INFO((read ? "" : to_text(read.error()[0])));
    REQUIRE(read);
    REQUIRE(read->size() == 1);
    CHECK(read->front().page == "Step");
    CHECK(read->front().svg_light == "LIGHT");
    CHECK(read->front().svg_dark == "DARK");
}

TEST_CASE("what is wrong in a folder of pictures is said") {
    const Scratch scratch;
    const auto problem = [&](const std::string& text) {
        scratch.file("pictures.json", text);
        const auto read = read_picture_folder(scratch.path().string());
        REQUIRE_FALSE(read);
        return to_text(read.error()[0]);
    };
    CHECK_FALSE(read_picture_folder(scratch.path("nowhere")));
    CHECK_THAT(problem("{"), ContainsSubstring("not valid JSON"));
    CHECK_THAT(problem("{}"), ContainsSubstring("expected a list"));
    CHECK_THAT(problem(R"([{"id":"a","title":"A","meaning":"m","page":"Step"}])"), ContainsSubstring("[0]") && ContainsSubstring("'files' is missing"));
    const auto file = [](const std::string& name) { return R"([{"id":"a","title":"A","meaning":"m","page":"Step","files":{"light":")" + name + R"(","dark":"d"}}])"; };
    CHECK_THAT(problem(file("../secret")), ContainsSubstring("same folder"));
    CHECK_THAT(problem(file("/etc/hostname")), ContainsSubstring("same folder"));
    CHECK_THAT(problem(file("gone.svg")), ContainsSubstring("gone.svg") && ContainsSubstring("cannot be read"));
    CHECK_THAT(problem(std::string(1000, '[')), ContainsSubstring("nested"));
}
