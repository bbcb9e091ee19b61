#include <sstream>

#include "sim/trace/trace.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"
#include "tests/trace/packed.h"

using namespace moeplan;

namespace {

std::string csv(int rows, int from = 0, bool header = true) {
    std::string text = header ? "arrival_s,input_tokens,output_tokens\n" : "";
    for (int i = from; i < from + rows; ++i) {
        text += std::to_string(i) + "," + std::to_string(10 + i % 7) + "," + std::to_string(1 + i % 3) + "\n";
    }
    return text;
}

std::vector<TraceRequest> requests_of(const std::string& bytes) {
    std::istringstream stream(bytes);
    std::vector<TraceRequest> requests;
    const auto report = parse_trace(stream, "t", [&](const TraceRequest& r) {
        requests.push_back(r);
        return true;
    });
    if (!report) FAIL(to_text(report.error().front()));
    return requests;
}

std::string refusal_of(const std::string& bytes) {
    std::istringstream stream(bytes);
    const auto report = parse_trace(stream, "t", [](const TraceRequest&) { return true; });
    REQUIRE_FALSE(report);
    REQUIRE(report.error().size() == 1);
    CHECK(report.error()[0].where == "t");
    return report.error()[0].what;
}

}  // namespace

TEST_CASE("a compressed trace is the trace, told by its bytes and not by its name") {
    const std::string text = csv(30'000);   // several blocks, before and after
    const auto plain = requests_of(text);
    REQUIRE(plain.size() == 30'000);
    CHECK(requests_of(gzipped(text)) == plain);
    CHECK(requests_of(zstd_packed(text)) == plain);
    Scratch scratch;
    const auto loaded = load_trace(scratch.file("named_wrongly.csv", gzipped(text)));
    REQUIRE(loaded);
    CHECK(loaded->requests == plain);
}

TEST_CASE("members and frames one after the other are one trace") {
    const auto whole = requests_of(csv(500));
    const std::string first = csv(200), second = csv(300, 200, false);
    CHECK(requests_of(gzipped(first) + gzipped(second)) == whole);
    CHECK(requests_of(zstd_packed(first) + zstd_packed(second)) == whole);
    CHECK(requests_of(gzipped(first) + gzipped("") + gzipped(second) + std::string(1000, '\0')) == whole);
    // A frame to be skipped: its magic, its length, its bytes.
    const std::string skipped = std::string("\x50\x2a\x4d\x18\x03\x00\x00\x00", 8) + "abc";
    CHECK(requests_of(skipped + zstd_packed(first) + skipped + zstd_packed(second)) == whole);
}

TEST_CASE("compressed data that is cut short is refused wherever it is cut") {
    const std::string text = csv(2000);
    for (const bool zstd : {false, true}) {
        const std::string packed = zstd ? zstd_packed(text) : gzipped(text);
        for (std::size_t size :
             {packed.size() - 1, packed.size() - 9, packed.size() / 2, std::size_t{20}, std::size_t{5}}) {
            INFO(zstd << " " << size);
            CHECK_THAT(refusal_of(packed.substr(0, size)),
                       ContainsSubstring(zstd ? "zstd data cut short" : "gzip data cut short"));
        }
        CHECK_THAT(refusal_of(packed + packed.substr(0, packed.size() / 2)), ContainsSubstring("cut short"));
    }
}

TEST_CASE("damaged data is refused, though the text before it was read") {
    const std::string text = csv(30'000);
    std::string gz = gzipped(text);
    gz[gz.size() - 6] = static_cast<char>(gz[gz.size() - 6] ^ 0x55);   // its check sum
    CHECK_THAT(refusal_of(gz), ContainsSubstring("damaged gzip data"));
    std::string zst = zstd_packed(text);
    zst[zst.size() / 2] = static_cast<char>(zst[zst.size() / 2] ^ 0x55);
    zst[4] = static_cast<char>(0xff);   // a header with what is reserved
    CHECK_THAT(refusal_of(zst), ContainsSubstring("damaged zstd data"));
    CHECK_THAT(refusal_of(gzipped(text) + "and more"), ContainsSubstring("not gzip data after"));
    CHECK_THAT(refusal_of(zstd_packed(text) + "and more"), ContainsSubstring("zstd"));
}

TEST_CASE("a text that unpacks to a line without end is bounded like any other line") {
    const std::string text =
        "arrival_s,input_tokens,output_tokens\n" + std::string(64 << 20, '1') + "\n" + csv(200, 0, false);
    std::istringstream stream(gzipped(text));
    const auto report = parse_trace(stream, "t", [](const TraceRequest&) { return true; });
    REQUIRE(report);
    CHECK(report->bad_rows == 1);
    CHECK(report->requests == 200);
    CHECK_THAT(report->first_bad.front().what, ContainsSubstring("longer than 1 MiB"));
    CHECK(report->first_bad.front().where == "t:2");
}

TEST_CASE("a trace comes from a pipe as from a file, packed or not") {
    const std::string text = csv(3000);
    const auto whole = requests_of(text);
    for (const std::string& bytes : {text, gzipped(text), zstd_packed(text)}) {
        Pipe pipe(bytes);
        std::istream stream(&pipe);
        std::vector<TraceRequest> requests;
        REQUIRE(parse_trace(stream, "t", [&](const TraceRequest& r) {
            requests.push_back(r);
            return true;
        }));
        CHECK(requests == whole);
    }
}
