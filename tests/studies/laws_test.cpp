// What must be true of every study whatever its numbers are.
#include <functional>
#include <map>

#include "core/report/report_writer.h"
#include "tests/studies/studies.h"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::testing;

namespace {

// Runs `check` on the answer of every study and claim, each in a section of its own.
void for_every_study(const std::function<void(const Scenario&, const Report&)>& check) {
    auto files = studies();
    for (const auto& claim : claims()) files.push_back(claim);
    for (const auto& file : files) {
        DYNAMIC_SECTION(file.filename().string()) {
            const auto& answer = answer_of(file);
            REQUIRE(answer);
            check(answer->scenario, answer->report);
        }
    }
}

std::optional<double> mean_output(const Scenario& s, const std::string& candidate) {
    for (const auto& c : s.candidates) {
        if (c.name == candidate && c.lengths) return c.lengths->output;
    }
    if (const auto* fixed = std::get_if<FixedLengths>(&s.workload.lengths)) return fixed->output;
    // A simulation's requests differ: the mean of their products is not the product of their means.
    const auto* spread = std::get_if<LogNormalLengths>(&s.workload.lengths);
    if (spread && s.method == Method::analyse) return spread->output_mean;
    return std::nullopt;
}

bool is_price(const std::string& id) { return id.rfind("usd_per_", 0) == 0 || id == "idle_usd_per_hour"; }

void set_price(Scenario& s, double usd_per_hour) {
    s.money.price = GivenPrice{usd_per_hour};
    for (auto& c : s.candidates) {
        if (c.money) c.money->price = GivenPrice{usd_per_hour};
    }
}

void scale_utilisation(Scenario& s, double by) {
    s.money.utilisation *= by;
    for (auto& c : s.candidates) {
        if (c.money) c.money->utilisation *= by;
    }
}

Report must_answer(Scenario s) {
    s.expect.clear();  // expectations name values that hold at the study's own price
    s.sweep.clear();
    auto report = answered(s);
    REQUIRE(report);
    return *report;
}

}  // namespace

TEST_CASE("the last token comes after the first and all others") {
    for_every_study([](const Scenario& s, const Report& r) {
        for (const auto& c : r.candidates) {
            const auto* ttft = c.find("ttft_ms");
            const auto* tpot = c.find("tpot_ms");
            const auto* e2e = c.find("e2e_ms");
            const auto output = mean_output(s, c.name);
            if (!ttft || !tpot || !e2e || !output) continue;
            INFO(c.name);
            CHECK(e2e->value.value == Approx(ttft->value.value + (*output - 1) * tpot->value.value).epsilon(1e-6));
        }
    });
}

TEST_CASE("intervals hold their value") {
    for_every_study([](const Scenario&, const Report& r) {
        for (const auto& c : r.candidates) {
            for (const auto& m : c.metrics) {
                INFO(c.name << " " << m.id);
                CHECK(m.value.low <= m.value.value);
                CHECK(m.value.value <= m.value.high);
            }
            for (const auto& series : c.series) {
                for (const auto& p : series.points) CHECK((p.y.low <= p.y.value && p.y.value <= p.y.high));
            }
        }
    });
}

TEST_CASE("memory adds up to what an engine may use") {
    for_every_study([](const Scenario&, const Report& r) {
        for (const auto& c : r.candidates) {
            if (!c.fits) continue;
            double sum = 0;
            for (const auto& row : c.memory) {
                INFO(c.name << " " << row.label);
                CHECK(row.gb >= 0);
                sum += row.gb;
            }
            INFO(c.name);
            CHECK(sum == Approx(c.memory_limit_gb).epsilon(1e-6));
        }
    });
}

TEST_CASE("the parts of a step are the whole step") {
    for_every_study([](const Scenario&, const Report& r) {
        for (const auto& c : r.candidates) {
            std::map<std::string, double> shares;
            for (const auto& row : c.breakdown) shares[row.phase] += row.share;
            for (const auto& [phase, share] : shares) {
                INFO(c.name << " " << phase);
                CHECK(share == Approx(1).epsilon(1e-6));
            }
        }
    });
}

TEST_CASE("twice the price of a GPU-hour is twice every price") {
    for_every_study([](const Scenario& s, const Report&) {
        if (s.candidates.empty()) return;
        Scenario one = s, two = s;
        set_price(one, 2);
        set_price(two, 4);
        const Report a = must_answer(one), b = must_answer(two);
        for (std::size_t i = 0; i < a.candidates.size(); ++i) {
            for (const auto& m : a.candidates[i].metrics) {
                if (!is_price(m.id)) continue;
                INFO(a.candidates[i].name << " " << m.id);
                CHECK(b.candidates[i].find(m.id)->value.value == Approx(2 * m.value.value).epsilon(1e-9));
            }
        }
    });
}

TEST_CASE("half the utilisation is twice the price of a token") {
    for_every_study([](const Scenario& s, const Report&) {
        if (s.candidates.empty()) return;
        Scenario half = s;
        scale_utilisation(half, 0.5);
        const Report a = must_answer(s), b = must_answer(half);
        for (std::size_t i = 0; i < a.candidates.size(); ++i) {
            for (const char* id :
                 {"usd_per_mtok_input", "usd_per_mtok_output", "usd_per_mtok_total", "usd_per_request"}) {
                const auto* m = a.candidates[i].find(id);
                if (!m) continue;
                INFO(a.candidates[i].name << " " << id);
                CHECK(b.candidates[i].find(id)->value.value == Approx(2 * m->value.value).epsilon(1e-9));
            }
        }
    });
}

TEST_CASE("the same study gives the same bytes") {
    for_every_study([](const Scenario& s, const Report& first) {
        const auto again = answered(s);
        REQUIRE(again);
        const auto writer = make_writer("json");
        REQUIRE(writer);
        CHECK(((*writer)->write(first) == (*writer)->write(*again)));
    });
}
