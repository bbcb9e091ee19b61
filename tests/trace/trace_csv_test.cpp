#include "sim/trace/trace.h"

#include <sstream>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

struct Reading {
    std::vector<TraceRequest> requests;
    Result<TraceReport> report;
};

Reading read(const std::string& text) {
    std::istringstream stream(text);
    std::vector<TraceRequest> requests;
    auto report = parse_trace(stream, "t", [&](const TraceRequest& r) {
        requests.push_back(r);
        return true;
    });
    return {requests, std::move(report)};
}

TraceRequest request(double arrival, std::int64_t input, std::int64_t output) {
    return {arrival, input, output, {}};
}

std::string rows(int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += std::to_string(i) + ",10,5\n";
    return text;
}

}  // namespace

TEST_CASE("Azure's 2023 form has seven fraction digits, CRLF and no last newline") {
    std::vector<TraceRequest> requests;
    const auto report = read_trace(std::string(MOEPLAN_SOURCE_DIR) + "/tests/data/trace/azure_conv_2023.csv",
                                   [&](const TraceRequest& r) { requests.push_back(r); return true; });
    REQUIRE(report);
    CHECK(report->form == TraceForm::azure);
    CHECK(report->has_arrivals);
    CHECK(report->bad_rows == 0);
    REQUIRE(requests.size() == 12);
    CHECK(requests.front() == request(0, 374, 44));
    CHECK(requests[1].arrival_s == Approx(4.314579).epsilon(1e-12));
    CHECK(requests.back().arrival_s == Approx(9.427468).epsilon(1e-12));
    CHECK(requests.back().output_tokens == 59);
}

TEST_CASE("Azure's 2024 form has a zone and sometimes no fraction") {
    const Reading r = read("TIMESTAMP,ContextTokens,GeneratedTokens\n"
                           "2024-05-10 00:00:00.009930+00:00,2162,5\n"
                           "2024-05-10 00:00:01+00:00,2399,6\n"
                           "2024-05-10 02:00:02+02:00,100,7\n");
    REQUIRE(r.report);
    REQUIRE(r.requests.size() == 3);
    CHECK(r.requests[1].arrival_s == Approx(0.99007).epsilon(1e-12));
    CHECK(r.requests[2].arrival_s == Approx(1.99007).epsilon(1e-12));
}

TEST_CASE("midnight and a leap day are crossed in seconds") {
    const Reading r =
        read("TIMESTAMP,ContextTokens,GeneratedTokens\n2024-02-28 23:59:59,1,1\n2024-03-01 00:00:00,1,1\n");
    REQUIRE(r.requests.size() == 2);
    CHECK(r.requests[1].arrival_s == Approx(86401));
}

TEST_CASE("a day its month does not have is no time") {
    for (const char* day : {"2023-02-29", "2023-02-30", "2024-04-31", "2023-11-00"}) {
        const Reading r = read(std::string("TIMESTAMP,ContextTokens,GeneratedTokens\n2024-02-29 23:59:59,1,1\n") + day + " 00:00:00,1,1\n");
        INFO(day);
        CHECK_FALSE(r.report);
    }
}

TEST_CASE("both versions of BurstGPT are read and failed requests are counted, not replayed") {
    const Reading one = read(
        "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
        "5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,0,1087,Conversation log\n"
        "118,GPT-4,417,276,693,Conversation log\n");
    REQUIRE(one.report);
    CHECK(one.report->form == TraceForm::burstgpt);
    CHECK(one.report->empty == 1);
    CHECK(one.requests == std::vector<TraceRequest>{request(0, 472, 18), request(113, 417, 276)});
    const Reading two = read(
        "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
        "5.0,12,1.5,\"ChatGPT, new\",472,18,490,API log\n7.5,,0.2,GPT-4,30,2,32,API log\n");
    REQUIRE(two.report);
    CHECK(two.requests == std::vector<TraceRequest>{request(0, 472, 18), request(2.5, 30, 2)});
}

TEST_CASE("splitwise and vidur columns are known by their names") {
    const Reading splitwise = read(
        "request_id,request_type,application_id,arrival_timestamp,batch_size,prompt_size,token_size\n"
        "0,2,0,0.5,1,374,44\n1,2,0,1.25,1,396,109\n");
    REQUIRE(splitwise.report);
    CHECK(splitwise.report->form == TraceForm::splitwise);
    CHECK(splitwise.requests == std::vector<TraceRequest>{request(0, 374, 44), request(0.75, 396, 109)});
    const Reading vidur = read("arrived_at,num_prefill_tokens,num_decode_tokens\n0.1,100.0,7\n0.3,5,6\n");
    REQUIRE(vidur.report);
    CHECK(vidur.report->form == TraceForm::vidur);
    CHECK(vidur.requests[1].arrival_s == Approx(0.2));
    CHECK(vidur.requests[0].input_tokens == 100);
    const Reading lengths = read("num_prefill_tokens,num_decode_tokens,pd_ratio\n100,7,14.2\n");
    REQUIRE(lengths.report);
    CHECK_FALSE(lengths.report->has_arrivals);
}

TEST_CASE("a plain CSV needs telling names, and milliseconds are told by theirs") {
    CHECK(read("arrival_s,input_tokens,output_tokens\n1,2,3\n2,3,4\n").requests[1] == request(1, 3, 4));
    CHECK(read("arrival_ms,ISL,OSL\n1000,2,3\n2500,3,4\n").requests[1] == request(1.5, 3, 4));
    CHECK(read("\xEF\xBB\xBFtime, prompt_tokens ,completion tokens\n 1, 2 ,3\n").requests[0] ==
          request(0, 2, 3));
}

TEST_CASE("a header that does not tell is refused with what is missing") {
    const auto none = read("a,b,c\n1,2,3\n");
    REQUIRE_FALSE(none.report);
    CHECK_THAT(none.report.error()[0].what,
               ContainsSubstring("input and output tokens") && ContainsSubstring("a, b, c"));
    CHECK_THAT(none.report.error()[0].hint, ContainsSubstring("Azure") && ContainsSubstring("arrival_s"));
    const auto half = read("time,isl\n1,2\n");
    CHECK_THAT(half.report.error()[0].what, ContainsSubstring("no column for the output tokens"));
    const auto twice = read("time,isl,prompt_tokens,osl\n1,2,2,3\n");
    CHECK_THAT(twice.report.error()[0].what, ContainsSubstring("both 'isl' and 'prompt_tokens'"));
    const auto table = read("model,prompt_size,batch_size,token_size,prompt_time\nx,512,1,128,196\n");
    CHECK_THAT(table.report.error()[0].what, ContainsSubstring("not a request trace"));
}

TEST_CASE("ServeGen's windows are named for what they are") {
    const auto r = read("0,0.105,0.92,Gamma,1.16,8.05\n600,0,0,,0,0\n");
    REQUIRE_FALSE(r.report);
    CHECK_THAT(r.report.error()[0].what, ContainsSubstring("ServeGen") && ContainsSubstring("rates"));
}

TEST_CASE("bad rows are skipped with their line numbers while they are few") {
    const Reading r =
        read("arrival_s,input_tokens,output_tokens\n" + rows(300) + "x,10,5\n300,ten,5\n301,10\n" + rows(3));
    REQUIRE(r.report);
    CHECK(r.report->bad_rows == 3);
    CHECK(r.report->requests == 303);
    REQUIRE(r.report->first_bad.size() == 3);
    CHECK(r.report->first_bad[0].where == "t:302");
    CHECK_THAT(r.report->first_bad[0].what, ContainsSubstring("arrival 'x'"));
    CHECK_THAT(r.report->first_bad[1].what, ContainsSubstring("input tokens 'ten'"));
    CHECK_THAT(r.report->first_bad[2].what, ContainsSubstring("2 cells; at least 3"));
    CHECK(r.report->out_of_order == 1);
}

TEST_CASE("more than one bad row in a hundred refuses the file with the first twenty") {
    std::string bad;
    for (int i = 0; i < 50; ++i) bad += "1,-5,5\n";
    const Reading r = read("arrival_s,input_tokens,output_tokens\n" + rows(100) + bad);
    REQUIRE_FALSE(r.report);
    CHECK(r.report.error().size() == 21);
    CHECK_THAT(r.report.error().back().what,
               ContainsSubstring("50 of 150 rows") && ContainsSubstring("plain CSV"));
}

TEST_CASE("a hopeless file is given up long before its end") {
    std::string text = "arrival_s,input_tokens,output_tokens\n";
    for (int i = 0; i < 50000; ++i) text += "nonsense\n";
    const Reading r = read(text);
    REQUIRE_FALSE(r.report);
    CHECK_THAT(r.report.error().back().what, ContainsSubstring("1001 of 1001 rows read so far"));
}

TEST_CASE("numbers that are not token counts are bad") {
    for (const char* cell : {"1.5", "nan", "inf", "1e10", "-1", "", "0x10", "1 2"}) {
        INFO(cell);
        const Reading r = read("arrival_s,input_tokens,output_tokens\n1,5," + std::string(cell) + "\n");
        CHECK_FALSE(r.report);
    }
}

TEST_CASE("files without requests are refused") {
    CHECK_THAT(read("").report.error()[0].what, ContainsSubstring("empty"));
    CHECK_THAT(read("\n\n").report.error()[0].what, ContainsSubstring("empty"));
    CHECK_THAT(read("time,isl,osl\n").report.error()[0].what, ContainsSubstring("no rows after the header"));
    CHECK_THAT(read("time,isl,osl\n1,5,0\n").report.error()[0].what,
               ContainsSubstring("both input and output"));
    CHECK_THAT(read_trace("no/such.csv", [](const TraceRequest&) { return true; }).error()[0].what,
               ContainsSubstring("cannot be opened"));
    CHECK_THAT(read_trace(MOEPLAN_SOURCE_DIR, [](const TraceRequest&) { return true; }).error()[0].what,
               ContainsSubstring("folder"));
}

TEST_CASE("the sink can stop the reading") {
    std::istringstream stream("time,isl,osl\n" + rows(100));
    int n = 0;
    const auto report = parse_trace(stream, "t", [&](const TraceRequest&) { return ++n < 10; });
    REQUIRE(report);
    CHECK(report->stopped);
    CHECK(n == 10);
}
