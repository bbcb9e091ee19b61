#pragma once
// Works out answers in a thread of its own, the newest question first. What is asked while another is worked out waits; it is
// answered when that one is done, or has taken longer than a drag should wait for.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/catalog/catalog.h"
#include "core/report/report.h"
#include "core/scenario/scenario.h"

namespace moeplan {

struct Question {
    std::uint64_t number = 0;                        // rises
    std::shared_ptr<const Scenario> scenario;
    std::string comment;                             // before the study's text: problems' lines count it
    std::string file;                                // named in problems, and relative to which the text's paths are
};

struct Answer {
    std::uint64_t number = 0;
    std::shared_ptr<const Scenario> scenario;        // the one asked about
    std::shared_ptr<const Report> report;            // null: problems, or cancelled
    Problems problems;                               // at lines of the study's text
    bool cancelled = false;
    bool partial = false;                            // more will follow
    double milliseconds = 0;
};

class Answerer {
public:
    // Called from the answering thread, one at a time.
    struct Listener {
        std::function<void(Answer)> answered;
        std::function<void(double)> progress;        // at most 20 times a second
    };
    // A newer question ends the one being worked out once it has taken this long: a closed form is let finish, so that a
    // slider being dragged shows something; a simulation is not waited for.
    static constexpr std::chrono::milliseconds kPatienceAnalysing{300}, kPatienceSimulating{40};
    static constexpr std::chrono::milliseconds kBetweenPartial{250}, kBetweenProgress{50};

    Answerer(const Catalog& catalog, Listener listener);
    ~Answerer();   // cancels, and waits until the thread has ended
    Answerer(const Answerer&) = delete;
    Answerer& operator=(const Answerer&) = delete;

    void ask(Question question);   // replaces a question that waits
    void cancel();                 // the one being worked out, and the one that waits

private:
    struct Work;
    std::unique_ptr<Work> work_;
};

}  // namespace moeplan
