// Layers include downwards only, libraries are included by their owners only, core and sim stay silent.

#include <map>
#include <set>

#include "tests/arch/source_tree.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

struct Layer {
    std::string folder;
    std::set<std::string> below;   // layers it may include, itself included
};

// The moeplan_layer(name folder LINK ...) lines are the only table of layers there is.
std::map<std::string, Layer> layers() {
    std::map<std::string, Layer> all;
    std::map<std::string, std::set<std::string>> links;
    static const std::regex call(R"(\nmoeplan_layer\(([a-z_]+)\s+([a-z_/]+)([^)]*)\))");
    static const std::regex link("moeplan::([a-z_]+)");
    for (const char* file : {"core/CMakeLists.txt", "sim/CMakeLists.txt", "gpu/CMakeLists.txt"}) {
        const std::string text = "\n" + read_text(source_root() / file);
        for (std::sregex_iterator it(text.begin(), text.end(), call), end; it != end; ++it) {
            const std::string name = (*it)[1];
            all[name] = {(*it)[2], {name}};
            // What is linked privately is not for including headers' users, but the layer itself may include it.
            const std::string arguments = (*it)[3];
            for (std::sregex_iterator l(arguments.begin(), arguments.end(), link); l != end; ++l) links[name].insert((*l)[1]);
        }
    }
    for (std::size_t round = 0; round < all.size(); ++round) {
        for (auto& [name, layer] : all) {
            for (const std::string& direct : links[name]) {
                layer.below.insert(direct);
                if (const auto at = all.find(direct); at != all.end()) layer.below.insert(at->second.below.begin(), at->second.below.end());
            }
        }
    }
    return all;
}

// The layer whose folder holds this path; empty when none does.
std::string layer_of(const std::map<std::string, Layer>& all, const std::string& path) {
    std::string best, best_folder;
    for (const auto& [name, layer] : all) {
        if (path.rfind(layer.folder + "/", 0) == 0 && layer.folder.size() > best_folder.size()) {
            best = name;
            best_folder = layer.folder;
        }
    }
    return best;
}

std::string top_of(const std::string& path) { return path.substr(0, path.find('/')); }

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

struct Ownership {
    std::string library;
    std::regex header;
    std::vector<std::string> folders;
};

std::vector<Ownership> owners() {
    const auto flags = std::regex::ECMAScript;
    return {
        {"yaml-cpp", std::regex("^yaml-cpp/.*", flags), {"core/yaml/"}},
        {"nlohmann-json", std::regex("^nlohmann/.*", flags), {"core/model/", "core/report/", "core/quality/", "core/routing/", "sim/trace/", "sim/sweep/", "gui/plots/", "core/calibrate/", "gpu/"}},
        {"TBB", std::regex("^(tbb|oneapi)/.*", flags), {"core/base/side_by_side.h", "core/analyse/", "core/calibrate/", "sim/serving/", "sim/sweep/", "cli/"}},
        {"Boost.Math", std::regex("^boost/.*", flags), {"core/quality/", "core/routing/", "core/base/estimate_math"}},
        {"CLI11", std::regex("^CLI/.*", flags), {"cli/"}},
        {"QCustomPlot", std::regex("^qcustomplot.*", flags), {"gui/plots/"}},
        {"Qt", std::regex("^(Qt[A-Z][A-Za-z]*/.*|Q[A-Z][A-Za-z0-9]*)$", flags), {"gui/"}},
        {"Eigen", std::regex("^(Eigen|unsupported/Eigen)/.*", flags), {"core/calibrate/", "core/fit/", "gpu/"}},
        {"zlib", std::regex("^z(lib|conf)\\.h$", flags), {"sim/trace/"}},
        {"zstd", std::regex("^zstd.*", flags), {"sim/trace/"}},
        {"NLopt", std::regex("^nlopt.*", flags), {"core/fit/"}},
        {"MPI", std::regex("^mpi\\.h$", flags), {"sim/sweep/mpi/"}},
        {"CUDA", std::regex("^(cuda|cublas|nccl|cub/|thrust/|mma).*", flags), {"gpu/"}},
        {"oneDNN", std::regex("^(oneapi/)?dnnl.*", flags), {"gpu/"}},
        {"what runs on a device", std::regex("^gpu/(cpu|cuda|emulate)/.*", flags), {"gpu/"}},
    };
}

const std::vector<std::string> kAll{"core", "sim", "cli", "gui", "gpu"};

}  // namespace

TEST_CASE("the table of layers is read and has no circle") {
    const auto all = layers();
    REQUIRE(all.size() >= 16);
    for (const char* name : {"base", "model", "ops", "cost", "memory", "analyse", "sim", "trace"}) REQUIRE(all.count(name) == 1);
    REQUIRE(all.at("base").below == std::set<std::string>{"base"});
    REQUIRE(all.at("analyse").below.count("ops") == 1);
    for (const auto& [name, layer] : all) {
        for (const std::string& other : layer.below) {
            CAPTURE(name, other);
            REQUIRE(all.count(other) == 1);
            if (other != name) REQUIRE(all.at(other).below.count(name) == 0);
        }
    }
}

TEST_CASE("layers include themselves and what they link, never upwards") {
    const auto all = layers();
    std::size_t checked = 0;
    std::string wrong;
    for (const SourceFile& file : source_files({"core", "sim"})) {
        const std::string from = layer_of(all, file.path);
        CAPTURE(file.path);
        REQUIRE_FALSE(from.empty());
        for (const std::string& include : includes_of(file)) {
            const std::string top = top_of(include);
            if (top == "cli" || top == "gui" || top == "tests") wrong += file.path + " includes " + include + "\n";
            if (top != "core" && top != "sim") continue;
            const std::string to = layer_of(all, include);
            ++checked;
            if (!all.at(from).below.count(to)) wrong += file.path + " (" + from + ") includes " + include + " (" + to + ")\n";
        }
    }
    CHECK(wrong == "");
    REQUIRE(checked > 300);
}

TEST_CASE("programs include the layers and themselves, never each other") {
    const std::map<std::string, std::set<std::string>> allowed{{"cli", {"cli", "core", "sim", "gpu"}}, {"gui", {"gui", "core", "sim", "gpu"}}, {"gpu", {"gpu", "core"}}};
    std::size_t checked = 0;
    std::string wrong;
    for (const SourceFile& file : source_files({"cli", "gui", "gpu"})) {
        for (const std::string& include : includes_of(file)) {
            const std::string top = top_of(include);
            if (top != "core" && top != "sim" && top != "cli" && top != "gui" && top != "gpu" && top != "tests") continue;
            ++checked;
            if (!allowed.at(top_of(file.path)).count(top)) wrong += file.path + " includes " + include + "\n";
        }
    }
    CHECK(wrong == "");
    REQUIRE(checked > 10);
}

TEST_CASE("each library is included by its owners only") {
    const auto table = owners();
    std::size_t files = 0, third_party = 0;
    std::string wrong;
    for (const SourceFile& file : source_files(kAll)) {
        ++files;
        for (const std::string& include : includes_of(file)) {
            for (const Ownership& owner : table) {
                if (!std::regex_match(include, owner.header)) continue;
                ++third_party;
                bool mine = false;
                for (const std::string& folder : owner.folders) mine = mine || starts(file.path, folder);
                if (!mine) wrong += file.path + " includes " + include + " of " + owner.library + "\n";
            }
        }
    }
    CHECK(wrong == "");
    REQUIRE(files > 150);
    REQUIRE(third_party > 10);
}

TEST_CASE("the desktop program shows and does not compute") {
    // What it may ask; formulas (core/ops, core/cost, core/analyse, core/fit, the simulator) are behind sim/planner.h.
    const std::set<std::string> shown{"core/base", "core/catalog", "core/parallel", "core/report", "core/scenario", "gpu/calibrator", "gpu/protocol"};
    const std::map<std::string, std::string> only_from{{"sim/planner.h", "gui/session/"}, {"sim/study_ops.h", "gui/calibration/"}, {"sim/trace/trace.h", "gui/panels/"}};
    const std::regex widgets(R"(^(Q[A-Za-z]*Widget|QApplication|QDialog|QLabel|QMainWindow|QPushButton|QtWidgets(/.*)?)$)");
    std::size_t checked = 0;
    std::string wrong;
    for (const SourceFile& file : source_files({"gui"})) {
        const bool windowless = starts(file.path, "gui/models/") || starts(file.path, "gui/session/");
        for (const std::string& include : includes_of(file)) {
            ++checked;
            if (windowless && (std::regex_match(include, widgets) || starts(include, "gui/panels/") || starts(include, "gui/plots/"))) {
                wrong += file.path + " includes " + include + " of a window\n";
            }
            const std::string top = top_of(include);
            if (top != "core" && top != "sim" && top != "gpu") continue;
            if (const auto only = only_from.find(include); only != only_from.end()) {
                if (!starts(file.path, only->second)) wrong += file.path + " includes " + include + "\n";
            } else if (!shown.count(include.substr(0, include.rfind('/')))) {
                wrong += file.path + " includes " + include + "\n";
            }
        }
    }
    CHECK(wrong == "");
    REQUIRE(checked > 300);
}

TEST_CASE("every header is guarded by pragma once") {
    std::size_t headers = 0;
    std::string wrong;
    for (const SourceFile& file : source_files({"core", "sim", "cli", "gui", "gpu", "tests"})) {
        if (!file.path.ends_with(".h") && !file.path.ends_with(".cuh")) continue;
        ++headers;
        if (!starts(file.text, "#pragma once\n")) wrong += file.path + "\n";
    }
    CHECK(wrong == "");
    REQUIRE(headers > 80);
}

TEST_CASE("core and sim neither print nor exit") {
    const std::regex forbidden(R"(\b(_exit|exit|quick_exit|abort|terminate|printf|fprintf|vprintf|puts|fputs|putchar|perror)\s*\(|\bstd::(cout|cerr|clog)\b|\bfmt::print\b)");
    std::size_t files = 0;
    std::string wrong;
    for (const SourceFile& file : source_files({"core", "sim"})) {
        ++files;
        const std::string code = code_only(file.text);
        for (std::sregex_iterator it(code.begin(), code.end(), forbidden), end; it != end; ++it) {
            wrong += file.path + ":" + std::to_string(1 + std::count(code.begin(), code.begin() + it->position(), '\n')) + " " + it->str() + "\n";
        }
    }
    CHECK(wrong == "");
    REQUIRE(files > 120);
    // The search finds what it looks for, and not what is only written about.
    REQUIRE(std::regex_search(code_only("int f() { std::exit(1); }"), forbidden));
    REQUIRE_FALSE(std::regex_search(code_only("// exit(1)\nauto s = \"abort()\"; snprintf(b, 2, s);"), forbidden));
}

TEST_CASE("no file of core or sim needs a machine's own paths") {
    std::string wrong;
    std::size_t files = 0;
    for (const SourceFile& file : source_files(kAll)) {
        ++files;
        for (const char* path : {"\"/work", "\"/home/", "\"/root/"}) {
            if (file.text.find(path) != std::string::npos) wrong += file.path + " names " + path + "\n";
        }
    }
    CHECK(wrong == "");
    REQUIRE(files > 150);
}
