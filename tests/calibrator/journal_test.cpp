// What is in a journal is there whatever happened to whoever wrote it, and nothing else is taken for it.

#include <sys/resource.h>

#include <csignal>

#include "gpu/calibrator/journal.h"
#include "tests/calibrator/support.h"

using namespace moeplan;
using namespace moeplan::test;

namespace {

JournalHeader header() {
    WorkerHello hello;
    hello.device = "Fake 1";
    hello.driver = "1.2";
    hello.runtime = "CUDA \"13\"";
    hello.memory_bytes = 123;
    hello.core_mhz = 1980;
    hello.devices = 2;
    hello.ops = {{KernelFamily::gemm, {"bf16", "fp8"}}, {KernelFamily::copy, {}}};
    return {hello, "ssh gpu01 'probe --x'", "0123456789abcdef", 18'446'744'073'709'551'615ULL};
}

JournalEntry answered(std::int64_t id) {
    JournalEntry entry;
    entry.request = {id, ExpertKernel{4, 8, 16, 2, true, NumberFormat::fp8, {4, 4, 0, 0}}, {20, 0.25, 0.02}};
    entry.reply.id = id;
    entry.reply.samples_us = {1.0 / 3, 2.5, 1e-7, 123456.789};
    entry.reply.kernel = "grouped";
    entry.reply.clock_mhz = 1755;
    entry.reply.throttled = true;
    entry.seconds = 0.1 + 0.2;
    return entry;
}

JournalEntry failed(std::int64_t id) {
    JournalEntry entry;
    entry.request = {id, CopyKernel{1000}, {}};
    entry.kind = AnswerKind::hung;
    entry.message = "no answer within 22 s; it last said: \"tab\there\"";
    entry.seconds = 22;
    return entry;
}

std::string whole_journal() {
    return write_journal_header(header()) + "\n" + write_journal_entry(answered(1)) + "\n" +
           write_journal_entry(failed(2)) + "\n";
}

void put(const std::string& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

std::string problem_of(const std::string& text) {
    const auto content = parse_journal(text, "j", nullptr);
    REQUIRE_FALSE(content);
    return text_of(content.error());
}

}  // namespace

TEST_CASE("what is written to a journal is read back the same") {
    const auto content = parse_journal(whole_journal(), "j", nullptr);
    REQUIRE(content);
    CHECK(content->header == header());
    REQUIRE(content->entries.size() == 2);
    CHECK(content->entries[0] == answered(1));
    CHECK(content->entries[1] == failed(2));
    CHECK(content->notes.empty());
}

TEST_CASE("a journal cut off anywhere gives all its whole lines") {
    const std::string text = whole_journal();
    const std::size_t first = text.find('\n') + 1, second = text.find('\n', first) + 1;
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
        CAPTURE(cut);
        std::size_t kept = 0;
        const auto content = parse_journal(text.substr(0, cut), "j", &kept);
        if (cut < first) {
            REQUIRE_FALSE(content);
            continue;
        }
        REQUIRE(content);
        REQUIRE(content->entries.size() == (cut < second ? 0 : 1));
        REQUIRE(kept == (cut < second ? first : second));
        const bool torn = cut != first && cut != second;
        REQUIRE(content->notes.size() == (torn ? 1 : 0));
    }
}

TEST_CASE("a last line of zeros, as after a power cut, is cut off") {
    std::string text = whole_journal();
    const std::size_t whole = text.size();
    text += std::string(100, '\0') + "\n";
    std::size_t kept = 0;
    const auto content = parse_journal(text, "j", &kept);
    REQUIRE(content);
    CHECK(content->entries.size() == 2);
    CHECK(kept == whole);
    CHECK(content->notes.front().find("j:4") == 0);
}

TEST_CASE("a line in the middle that is no entry is left out and told by its number") {
    const std::string good = write_journal_header(header()) + "\n", more = write_journal_entry(answered(1)) + "\n";
    for (const auto& [line, told] : {std::pair("garbage", "j:2: is no line of a calibration journal"),
                                     std::pair(R"({"probe":{"id":1,"op":"gemm"},"seconds":1,"answer":{}})", "j:2: probe.m: "),
                                     std::pair(R"({"probe":{"quit":true},"seconds":1,"failure":"hung","message":""})", "holds no probe"),
                                     std::pair(R"({"probe":{"id":1,"op":"copy","bytes":5},"seconds":1,"failure":"bored","message":""})",
                                               "'bored' is no kind of failure")}) {
        const std::string text = good + line + "\n" + more;
        std::size_t kept = 0;
        const auto content = parse_journal(text, "j", &kept);
        REQUIRE(content);
        CHECK(content->entries == std::vector<JournalEntry>{answered(1)});
        CHECK(kept == text.size());
        REQUIRE(content->notes.size() == 1);
        CHECK_THAT(content->notes[0], ContainsSubstring("a line is damaged and left out, so that its kernel may be asked again") && ContainsSubstring(told));
    }
    const auto many = parse_journal(good + "x\ny\n" + more + "z\n" + more, "j", nullptr);
    REQUIRE(many);
    CHECK(many->entries.size() == 2);
    REQUIRE(many->notes.size() == 1);
    CHECK_THAT(many->notes[0], ContainsSubstring("3 lines are damaged") && ContainsSubstring("the first: j:2"));
}

TEST_CASE("blank lines are passed over") {
    const std::string text = whole_journal();
    const std::size_t first = text.find('\n') + 1;
    const auto content = parse_journal(text.substr(0, first) + "\n  \r\n" + text.substr(first) + "\n", "j", nullptr);
    REQUIRE(content);
    CHECK(content->entries.size() == 2);
    CHECK(content->notes.empty());
}

TEST_CASE("the study a journal was begun for is kept; older journals have none") {
    JournalHeader with = header();
    with.study = "my \"study\".yaml";
    CHECK(parse_journal(write_journal_header(with) + "\n", "j", nullptr)->header == with);
    CHECK(write_journal_header(header()).find("study") == std::string::npos);
}

TEST_CASE("what is no journal is not taken for one") {
    CHECK(problem_of("").find("has no first line") != std::string::npos);
    CHECK(problem_of("name: a study\n").find("is no line of a calibration journal") != std::string::npos);
    CHECK(problem_of("{\"schema\":1}\n").find("has no \"moeplan_journal\"") != std::string::npos);
    CHECK(problem_of("{\"moeplan_journal\":2}\n").find("expected version 1, found 2") != std::string::npos);
    CHECK(problem_of("{\"moeplan_journal\":1}\n").find("hello") != std::string::npos);
    CHECK(problem_of(std::string(100'000, '[') + "\n").find("not a JSON object") != std::string::npos);
}

TEST_CASE("a journal on disk holds every entry as soon as it is appended") {
    Scratch folder;
    const std::string file = folder.path("a.jsonl");
    CHECK_FALSE(Journal::exists(file));
    auto journal = Journal::create(file, header());
    REQUIRE(journal);
    CHECK(Journal::exists(file));
    REQUIRE(journal->append(answered(1)));
    REQUIRE(read_journal(file)->entries.size() == 1);
    REQUIRE(journal->append(failed(2)));
    REQUIRE(read_journal(file)->entries.size() == 2);
    CHECK(text_of(file) == whole_journal());
}

TEST_CASE("an existing journal is never overwritten") {
    Scratch folder;
    const std::string file = folder.path("a.jsonl");
    put(file, whole_journal());
    const auto refused = Journal::create(file, header());
    REQUIRE_FALSE(refused);
    CHECK(text_of(refused.error()).find("is there already and is left alone; --resume goes on with it") !=
          std::string::npos);
    CHECK(text_of(file) == whole_journal());
    put(file, "my notes");
    REQUIRE_FALSE(Journal::create(file, header()));
    CHECK(text_of(file) == "my notes");
}

TEST_CASE("a journal that never got past its first line is begun anew") {
    Scratch folder;
    const std::string file = folder.path("a.jsonl");
    put(file, write_journal_header(header()).substr(0, 40));
    CHECK_FALSE(Journal::exists(file));
    REQUIRE(Journal::create(file, header()));
    CHECK(text_of(file) == write_journal_header(header()) + "\n");
}

TEST_CASE("going on with a torn journal removes the torn line first") {
    Scratch folder;
    const std::string file = folder.path("a.jsonl");
    const std::string text = whole_journal();
    put(file, text.substr(0, text.size() - 10));
    JournalContent content;
    auto journal = Journal::resume(file, content);
    REQUIRE(journal);
    CHECK(content.entries.size() == 1);
    CHECK(content.notes.size() == 1);
    REQUIRE(journal->append(failed(2)));
    CHECK(text_of(file) == text);
}

TEST_CASE("two runs never write one journal") {
    Scratch folder;
    const std::string file = folder.path("a.jsonl");
    JournalContent content;
    {
        const auto first = Journal::create(file, header());
        REQUIRE(first);
        const auto second = Journal::resume(file, content);
        REQUIRE_FALSE(second);
        CHECK(text_of(second.error()).find("another calibration is writing this journal") != std::string::npos);
    }
    CHECK(Journal::resume(file, content));
}

TEST_CASE("a journal that cannot be written says why") {
    Scratch folder;
    CHECK(text_of(Journal::create(folder.path("no/such/folder.jsonl"), header()).error()).find("cannot be written") !=
          std::string::npos);
    CHECK(text_of(read_journal(folder.path("nothing.jsonl")).error()).find("cannot be read") != std::string::npos);
    CHECK_THAT(text_of(read_journal(folder.path("")).error()), ContainsSubstring("is a folder; expected a journal"));
    CHECK_FALSE(Journal::create("/dev/full", header()));
}

TEST_CASE("an entry that does not fit on the disk is an error and leaves whole lines") {
    Scratch folder;
    const std::string file = folder.path("a.jsonl");
    auto journal = Journal::create(file, header());
    REQUIRE(journal);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto size = std::filesystem::file_size(file);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{size + 50, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &tight);
    const auto kept = journal->append(answered(1));
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    REQUIRE_FALSE(kept);
    CHECK(text_of(kept.error()).find("the journal cannot be written") != std::string::npos);
    CHECK(std::filesystem::file_size(file) == size);
    REQUIRE(journal->append(answered(1)));
    CHECK(read_journal(file)->entries.size() == 1);
}
