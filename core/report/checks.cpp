#include "core/report/checks.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/report/json_tree.h"
#include "core/report/markup.h"
#include "core/report/table_sections.h"

namespace moeplan {
namespace {

std::string problems_text(const Problems& problems) {
    std::string text;
    for (const auto& problem : problems) {
        if (!text.empty()) text += '\n';
        text += to_text(problem);
    }
    return text;
}

std::string display_name(const CheckedFile& f) { return f.name.empty() ? f.file : f.name; }

std::string claim_name(const CheckedClaim& claim) {
    return fmt::format("claim {}: {}", claim.number, claim.text);
}

// What was found and the numbers behind it.
std::string claim_detail(const CheckedFile& f) {
    if (!f.problems.empty()) return problems_text(f.problems);
    std::string text = f.claim->found;
    for (const auto& result : f.expectations) {
        if (!text.empty()) text += "; ";
        text += result.detail.empty() ? result.name : result.detail;
    }
    return text;
}

Json check_json(const std::string& file, const std::string& name, Outcome verdict,
                const std::string& detail) {
    Json json;
    json["file"] = file;
    json["name"] = name;
    json["verdict"] = name_of(verdict);
    json["detail"] = detail;
    return json;
}

Json claim_json(const CheckedFile& f) {
    Json json = check_json(f.file, claim_name(*f.claim), outcome_of(f), claim_detail(f));
    json["claim"] = f.claim->number;
    json["source"] = f.claim->source;
    json["expectations"] = Json::array();
    for (const auto& result : f.expectations) {
        Json item;
        item["name"] = result.name;
        item["verdict"] = name_of(result.outcome);
        item["detail"] = result.detail;
        json["expectations"].push_back(std::move(item));
    }
    return json;
}

Ink ink_of(Outcome outcome) {
    return outcome == Outcome::holds ? Ink::good : outcome == Outcome::fails ? Ink::bad : Ink::warn;
}

// Claims first, by number; the rest in the order given.
std::vector<const CheckedFile*> claims_of(const std::vector<CheckedFile>& checked) {
    std::vector<const CheckedFile*> claims;
    for (const auto& f : checked) {
        if (f.claim) claims.push_back(&f);
    }
    std::ranges::stable_sort(claims, {}, [](const CheckedFile* f) { return f->claim->number; });
    return claims;
}

void add_claims_table(std::string& out, const std::vector<const CheckedFile*>& claims, const Pen& pen) {
    const int room = pen.width() - 2 - 3 - 11 - 6;
    const int text = std::max(8, room / 2);
    Grid grid({{3, Align::right}, {text}, {11}, {std::max(8, room - text)}});
    grid.add(
        {{{"#", Ink::dim}}, {{"claim", Ink::dim}}, {{"verdict", Ink::dim}}, {{"what was found", Ink::dim}}});
    for (const CheckedFile* f : claims) {
        const Outcome outcome = outcome_of(*f);
        std::string found = f->claim->found;
        if (!f->problems.empty() || found.empty()) found = claim_detail(*f);
        grid.add({{{std::to_string(f->claim->number)}},
                  {{pen.safe(f->claim->text)}},
                  {{f->problems.empty() ? std::string(name_of(outcome)) : "not run", ink_of(outcome)}},
                  {{pen.safe(found), Ink::dim}}});
    }
    append_lines(out, grid.lines(pen));
}

void add_study_table(std::string& out, const CheckedFile& f, const Pen& pen) {
    add_heading(out, pen.safe(display_name(f)), f.name.empty() ? "" : pen.safe(f.file), pen);
    for (const auto& problem : f.problems)
        add_hanging(out, pen.ink("error", Ink::bad), 5, pen.safe(to_text(problem)), Ink::plain, pen);
    for (const auto& result : f.expectations) {
        const std::string verdict(name_of(result.outcome));
        add_hanging(out, pen.ink(padded(verdict, 11), ink_of(result.outcome)), 11, pen.safe(result.name),
                    Ink::plain, pen);
        if (!result.detail.empty()) add_hanging(out, " ", 11, pen.safe(result.detail), Ink::dim, pen);
    }
    if (f.problems.empty() && f.expectations.empty())
        add_hanging(out, "", 0, "runs; it expects nothing", Ink::dim, pen);
}

struct Tally {
    std::array<int, 3> claims{};
    int studies = 0, failing = 0;
};

Tally tally_of(const std::vector<CheckedFile>& checked) {
    Tally tally;
    for (const auto& f : checked) {
        if (f.claim && f.problems.empty()) ++tally.claims[static_cast<std::size_t>(outcome_of(f))];
        if (!f.claim) ++tally.studies;
        if (is_failure(f)) ++tally.failing;
    }
    return tally;
}

std::string summary_of(const std::vector<CheckedFile>& checked) {
    const Tally t = tally_of(checked);
    std::string text;
    const int claims = t.claims[0] + t.claims[1] + t.claims[2];
    if (claims) {
        text = fmt::format("{} claims: {} hold, {} hold only under conditions, {} do not hold. ", claims, t.claims[0],
                           t.claims[1], t.claims[2]);
    }
    if (t.studies) text += fmt::format("{} {} checked. ", t.studies, t.studies == 1 ? "study" : "studies");
    text += t.failing == 0 ? "No expectation of a study failed." : fmt::format("{} failed.", t.failing);
    return text;
}

}  // namespace

Outcome outcome_of(const CheckedFile& f) {
    if (!f.problems.empty()) return Outcome::fails;
    if (f.verdict) return *f.verdict;
    const auto has = [&](Outcome o) {
        return std::ranges::count(f.expectations, o, &ExpectationResult::outcome) > 0;
    };
    return has(Outcome::fails)         ? Outcome::fails
           : has(Outcome::conditional) ? Outcome::conditional
                                       : Outcome::holds;
}

bool is_failure(const CheckedFile& f) {
    return !f.problems.empty() || (!f.claim && outcome_of(f) == Outcome::fails);
}

std::string write_checks_json(const std::vector<CheckedFile>& checked) {
    Json json;
    json["checks"] = Json::array();
    for (const auto& f : checked) {
        if (f.claim) {
            json["checks"].push_back(claim_json(f));
        } else if (!f.problems.empty()) {
            json["checks"].push_back(
                check_json(f.file, display_name(f), Outcome::fails, problems_text(f.problems)));
        } else {
            for (const auto& r : f.expectations)
                json["checks"].push_back(check_json(f.file, r.name, r.outcome, r.detail));
        }
    }
    return json_text(json);
}

std::string write_checks_table(const std::vector<CheckedFile>& checked, const TableStyle& style) {
    const Pen pen(style);
    std::string out;
    const auto claims = claims_of(checked);
    if (!claims.empty()) add_claims_table(out, claims, pen);
    for (const auto& f : checked) {
        if (!f.claim) add_study_table(out, f, pen);
    }
    if (out.starts_with('\n')) out.erase(0, 1);
    out += '\n';
    for (const auto& line : wrapped(summary_of(checked), pen.width())) out += pen.ink(line, Ink::bold) + '\n';
    return out;
}

std::string write_checks_markdown(const std::vector<CheckedFile>& checked) {
    std::string out;
    const auto claims = claims_of(checked);
    if (!claims.empty()) out += "| # | claim | verdict | what was found |\n|---:|---|---|---|\n";
    for (const CheckedFile* f : claims) {
        const auto found =
            f->claim->found.empty() || !f->problems.empty() ? claim_detail(*f) : f->claim->found;
        out += fmt::format("| {} | {} | {} | {} |\n", f->claim->number, escape_markdown(f->claim->text),
                           f->problems.empty() ? name_of(outcome_of(*f)) : "not run", escape_markdown(found));
    }
    bool headed = false;
    for (const auto& f : checked) {
        if (f.claim) continue;
        if (!headed)
            out += std::string(out.empty() ? "" : "\n") +
                   "| study | expected | verdict | detail |\n|---|---|---|---|\n";
        headed = true;
        const auto row = [&](const std::string& name, std::string_view verdict, const std::string& detail) {
            out += fmt::format("| {} | {} | {} | {} |\n", escape_markdown(display_name(f)),
                               escape_markdown(name), verdict, escape_markdown(detail));
        };
        if (!f.problems.empty()) row("to run", "fails", problems_text(f.problems));
        for (const auto& r : f.expectations) row(r.name, name_of(r.outcome), r.detail);
    }
    return out + "\n" + summary_of(checked) + "\n";
}

std::string write_junit(const std::vector<CheckedFile>& checked) {
    std::size_t tests = 0, failures = 0, errors = 0;
    std::string suites;
    for (const auto& f : checked) {
        std::string cases;
        std::size_t suite_tests = 0, suite_failures = 0;
        const auto add_case = [&](const std::string& name, const std::string& body) {
            cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"0\"",
                                 escape_markup(f.file), escape_markup(name));
            cases += body.empty() ? "/>\n" : ">" + body + "</testcase>\n";
            ++suite_tests;
        };
        if (!f.problems.empty()) {
            add_case("runs", fmt::format("<error message=\"the study could not be run\">{}</error>",
                                         escape_markup(problems_text(f.problems))));
        } else if (f.claim) {
            add_case(claim_name(*f.claim),
                     fmt::format("<system-out>{}: {}</system-out>", name_of(outcome_of(f)),
                                 escape_markup(claim_detail(f))));
        } else {
            for (const auto& r : f.expectations) {
                const bool failed = r.outcome == Outcome::fails;
                suite_failures += failed;
                const auto detail = escape_markup(r.detail);
                add_case(r.name, failed ? fmt::format("<failure message=\"{0}\">{0}</failure>", detail)
                                        : fmt::format("<system-out>{}</system-out>", detail));
            }
            if (f.expectations.empty()) add_case("runs", "");
        }
        const std::size_t suite_errors = f.problems.empty() ? 0 : 1;
        suites += fmt::format(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\">\n{}  </testsuite>\n",
            escape_markup(display_name(f)), suite_tests, suite_failures, suite_errors, f.seconds, cases);
        tests += suite_tests;
        failures += suite_failures;
        errors += suite_errors;
    }
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"moeplan check\" tests=\"{}\" "
        "failures=\"{}\" errors=\"{}\">\n{}</testsuites>\n",
        tests, failures, errors, suites);
}

}  // namespace moeplan
