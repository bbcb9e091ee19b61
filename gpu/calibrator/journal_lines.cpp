// The lines of a journal as text. The only file of the calibrator that knows JSON.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/json_text.h"
#include "gpu/calibrator/journal.h"

namespace moeplan {
namespace {

using nlohmann::json;

constexpr int kDeepest = kDeepestProbeLine + 2;   // the protocol's objects lie inside ours

json object_of(const std::string& line) { return json::parse(line); }

std::string text_of(const json& object) { return object.dump(-1, ' ', false, json::error_handler_t::replace); }

// Finds keys of one line, collecting what is wrong with it.
struct Line {
    json object;
    std::string where;
    Problems problems;

    const json* find(const char* key, bool (json::*is)() const noexcept, const char* expected) {
        const auto found = object.find(key);
        if (found != object.end() && ((*found).*is)()) return &*found;
        problems.push_back(
            {where,
             key,
             fmt::format("expected {}, found {}", expected, found == object.end() ? "nothing" : found->type_name()),
             {}});
        return nullptr;
    }
    std::string text(const char* key) {
        const json* found = find(key, &json::is_string, "a text");
        return found ? found->get<std::string>() : std::string();
    }
    // What the protocol makes of an object of its own inside the line.
    template <class Read>
    auto nested(const char* key, Read read) -> typename decltype(read(std::string_view()))::value_type {
        typename decltype(read(std::string_view()))::value_type value{};
        const json* found = find(key, &json::is_object, "an object");
        if (!found) return value;
        auto result = read(text_of(*found));
        if (result) return std::move(*result);
        for (Problem problem : result.error()) {
            problem.where = where;
            problem.path = problem.path.empty() ? key : fmt::format("{}.{}", key, problem.path);
            problems.push_back(std::move(problem));
        }
        return value;
    }
};

Result<Line> line_of(std::string_view text, std::string where) {
    const SafeJson safe = safe_json(text);
    if (text.size() <= kLongestProbeLine && safe.deepest <= kDeepest) {
        json object = json::parse(safe.text, nullptr, false);
        if (object.is_object()) return Line{std::move(object), std::move(where), {}};
    }
    return fail(Problem{std::move(where), {}, "is no line of a calibration journal: not a JSON object", {}});
}

Result<JournalHeader> header_of(std::string_view text, const std::string& where) {
    auto line = line_of(text, where);
    if (!line) return tl::unexpected(line.error());
    const json* version = line->object.contains("moeplan_journal") ? &line->object["moeplan_journal"] : nullptr;
    if (!version)
        return fail(Problem{where, {}, "is no calibration journal: its first line has no \"moeplan_journal\"", {}});
    if (*version != kJournalVersion)
        return fail(Problem{where, "moeplan_journal",
                            fmt::format("expected version {}, found {}", kJournalVersion, text_of(*version)),
                            "it was written by another moeplan; start a new journal"});
    JournalHeader header;
    header.hello = line->nested("hello", read_hello);
    header.worker = line->text("worker");
    header.plan = line->text("plan");
    if (line->object.contains("study")) header.study = line->text("study");
    if (const json* seed = line->find("seed", &json::is_number_unsigned, "a whole number"))
        header.seed = seed->get<std::uint64_t>();
    if (!line->problems.empty()) return fail(std::move(line->problems));
    return header;
}

Result<JournalEntry> entry_of(std::string_view text, const std::string& where) {
    auto line = line_of(text, where);
    if (!line) return tl::unexpected(line.error());
    JournalEntry entry;
    auto request = line->nested("probe", read_request);
    if (request) entry.request = std::move(*request);
    if (line->object.contains("answer")) {
        entry.reply = line->nested("answer", read_reply);
        if (entry.reply.status != ProbeStatus::ok)
            line->problems.push_back({where, "answer.status", "expected \"ok\"", {}});
    } else {
        const std::string name = line->text("failure");
        const auto kind = answer_kind_named(name);
        entry.message = line->text("message");
        if (!kind || *kind == AnswerKind::ok)
            line->problems.push_back({where, "failure", fmt::format("'{}' is no kind of failure", name), {}});
        else entry.kind = *kind;
    }
    const json* seconds = line->find("seconds", &json::is_number, "a number");
    if (seconds) entry.seconds = std::max(0.0, seconds->get<double>());
    if (!request && line->problems.empty()) line->problems.push_back({where, "probe", "holds no probe", {}});
    if (!line->problems.empty()) return fail(std::move(line->problems));
    return entry;
}

// Lines in the middle that are no entries.
struct Damage {
    std::size_t lines = 0;
    std::string first;   // where, and what is wrong there

    void add(const Problem& problem) {
        if (lines++ == 0) first = to_text(problem);
    }
    void tell(std::vector<std::string>& notes) const {
        if (lines > 0)
            notes.push_back(fmt::format("{} and left out, so that {} asked again; {}{}",
                                        lines == 1 ? "a line is damaged" : fmt::format("{} lines are damaged", lines),
                                        lines == 1 ? "its kernel may be" : "their kernels may be", lines == 1 ? "" : "the first: ", first));
    }
};

bool blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

std::string write_journal_header(const JournalHeader& header) {
    nlohmann::ordered_json line{{"moeplan_journal", kJournalVersion},
                                      {"worker", header.worker},
                                      {"plan", header.plan},
                                      {"seed", header.seed},
                                      {"hello", object_of(write_hello(header.hello))}};
    if (!header.study.empty()) line["study"] = header.study;
    return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string write_journal_entry(const JournalEntry& entry) {
    nlohmann::ordered_json line{{"probe", nlohmann::ordered_json::parse(write_request(entry.request))}};
    if (entry.kind == AnswerKind::ok) {
        line["answer"] = nlohmann::ordered_json::parse(write_reply(entry.reply));
    } else {
        line["failure"] = name_of(entry.kind);
        line["message"] = entry.message;
    }
    line["seconds"] = entry.seconds;
    return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<JournalContent> parse_journal(std::string_view text, const std::string& file, std::size_t* kept) {
    JournalContent content;
    Damage damage;
    std::size_t at = 0, number = 0;
    while (at < text.size()) {
        const std::string where = fmt::format("{}:{}", file, ++number);
        const std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos) {  // also if it reads well: its newline would be missing before the next one
            if (number == 1) break;
            content.notes.push_back(fmt::format("{}: the last line was cut short and is left out", where));
            break;
        }
        const std::string_view line = text.substr(at, end - at);
        if (number == 1) {
            auto header = header_of(line, where);
            if (!header) return tl::unexpected(header.error());
            content.header = std::move(*header);
        } else if (!blank(line)) {
            auto entry = entry_of(line, where);
            // A power cut may leave a last line of the right length but not the right content.
            if (!entry && end + 1 == text.size()) {
                content.notes.push_back(fmt::format("{}: the last line is damaged and is left out", where));
                break;
            }
            if (entry) content.entries.push_back(std::move(*entry));
            else damage.add(entry.error().front());
        }
        at = end + 1;
    }
    if (at == 0) return fail(Problem{file, {}, "is no calibration journal: it has no first line", {}});
    damage.tell(content.notes);
    if (kept) *kept = at;
    return content;
}

}  // namespace moeplan
