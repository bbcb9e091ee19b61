// The worked example of docs/method.md, recomputed row by row from its own table.

#include <cmath>
#include <fstream>
#include <sstream>

#include "core/cost/cost_source.h"
#include "tests/support/catch.h"
#include "tests/support/hardware.h"
#include "tests/support/lowering.h"

using namespace moeplan;

namespace {

struct Row {
    std::string op;
    double repeat = 0, mflop = 0, mbyte = 0, us = 0;
};

std::string trimmed(std::string text) {
    text.erase(0, text.find_first_not_of(' '));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream in(line.substr(1));
    for (std::string cell; std::getline(in, cell, '|');) cells.push_back(trimmed(cell));
    return cells;
}

// Rows between the two markers, the two of the header left out.
std::vector<Row> published_rows() {
    std::ifstream in(std::string(MOEPLAN_SOURCE_DIR) + "/docs/method.md");
    std::vector<Row> rows;
    bool inside = false;
    int header = 2;
    for (std::string line; std::getline(in, line);) {
        if (line == "<!-- worked example -->") inside = true;
        if (line == "<!-- end of worked example -->") inside = false;
        if (!inside || line.empty() || line[0] != '|') continue;
        if (header-- > 0) continue;
        const auto c = cells_of(line);
        rows.push_back({c.at(0), std::stod(c.at(1)), std::stod(c.at(2)), std::stod(c.at(3)), std::stod(c.at(4))});
    }
    return rows;
}

}  // namespace

TEST_CASE("the worked example of docs/method.md is what the code computes") {
    const ModelSpec mixtral = models::mixtral_8x7b();
    const DeviceSpec device = hardware::h100();
    const EngineSpec engine = hardware::usual_engine();
    const auto source = make_roofline();
    const auto ops = Lowered(mixtral, Layout{2, 1, 1, 1, 2}).ops(decode_step(32, 1024));
    const auto rows = published_rows();
    REQUIRE(rows.size() == ops.size() + 1);   // the last row is the total
    Row total;
    for (std::size_t i = 0; i < ops.size(); ++i) {
        const Cost cost = source->price(ops[i], {&device, &engine, device.network}).value();
        const Work work = work_of(ops[i].kind);
        CAPTURE(i, rows[i].op, name_of(ops[i].part), work.flops.value / 1e6, work.bytes.value / 1e6, cost.time.value * 1e6);
        CHECK(ops[i].repeat == rows[i].repeat);
        CHECK(work.flops.value / 1e6 == Approx(rows[i].mflop).epsilon(1e-4).margin(1e-3));
        CHECK(work.bytes.value / 1e6 == Approx(rows[i].mbyte).epsilon(1e-4).margin(1e-3));
        CHECK(cost.time.value * 1e6 == Approx(rows[i].us).epsilon(1e-3).margin(5e-3));
        total.mflop += ops[i].repeat * work.flops.value / 1e6;
        total.mbyte += ops[i].repeat * work.bytes.value / 1e6;
        total.us += ops[i].repeat * cost.time.value * 1e6;
    }
    CHECK(total.mflop == Approx(rows.back().mflop).epsilon(1e-4));
    CHECK(total.mbyte == Approx(rows.back().mbyte).epsilon(1e-4));
    CHECK(total.us == Approx(rows.back().us).epsilon(1e-3));
}
