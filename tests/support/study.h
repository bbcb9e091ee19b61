#pragma once
// Studies made by hand: a catalog of the support devices and engines, candidates of support models.

#include <string>
#include <utility>
#include <vector>

#include "core/analyse/evaluate.h"
#include "tests/support/hardware.h"
#include "tests/support/models.h"

namespace moeplan {

inline Catalog hand_made_catalog(std::vector<DeviceSpec> devices) {
    CatalogData data;
    data.devices = std::move(devices);
    data.engines = {hardware::usual_engine(), hardware::ideal_engine()};
    data.storage.disk = {3e9};
    data.storage.network = {1e9};
    data.storage.page_cache = {20e9};
    return Catalog(std::move(data));
}

inline Candidate candidate_of(std::string name, std::string model, std::string gpu, std::int64_t count = 1) {
    Candidate c;
    c.name = std::move(name);
    c.model = std::move(model);
    c.gpu = std::move(gpu);
    c.count = count;
    c.engine = "usual";
    c.spot.file = "study.yaml";
    c.spot.line = 9;
    c.spot.path = "candidates[0]";
    return c;
}

// 2 USD a GPU-hour, 1024 in and 256 out, all support models known by id.
inline Scenario study_of(std::vector<Candidate> candidates, Load load = ClosedLoop{8}) {
    Scenario s;
    s.name = "made by hand";
    s.file = "study.yaml";
    s.workload.load = load;
    s.money.price = GivenPrice{2};
    for (ModelSpec& m : models::all()) s.models[m.id] = std::move(m);
    s.candidates = std::move(candidates);
    return s;
}

// The problems of a result as one text.
template <class T>
std::string problems_of(const Result<T>& result) {
    std::string text;
    if (!result) {
        for (const Problem& p : result.error()) text += to_text(p) + "\n";
    }
    return text;
}

}  // namespace moeplan
