#pragma once
// Users of a closed loop whose requests are all equally long: whose prompts shared a step finish together, come back together and
// share a step again, for ever. Followed step by step, from all coming at once until the pattern repeats: a few operations for each
// prompt, none for steps without. docs/method.md, "Users in step".

#include <vector>

namespace moeplan {

// A step that carries so much of prompts.
struct PromptStep {
    double amount = 0;   // tokens, or what `prompt` and `budget` are counted in
    double time_s = 0;
};

struct UsersInStep {
    double users = 1;         // of one attention-dp rank; all ranks do the same
    double prompt = 1;        // tokens of one to compute
    double budget = 1;        // tokens a step takes
    double decode = 1;        // what of it who decodes takes
    bool whole_prompts = false;   // what fits the budget is not cut
    double decodes = 1;       // steps an answer takes after its first token
    double back_s = 0;        // from an answer's end until its user's next request is there
    bool async_scheduling = false;   // who comes during a step joins the one after the next
    double decode_s = 0;      // a step without prompts
    std::vector<PromptStep> with_prompts;   // by growing amounts; straight between them
};

// Means over users.
struct PacedTimes {
    double ttft_s = 0;        // from the request's being there
    double step_s = 0;        // of the steps an answer is decoded in; one without prompts where there are none
};

PacedTimes pace(const UsersInStep& users);

}  // namespace moeplan
