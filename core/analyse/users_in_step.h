#pragma once
// Users of a closed loop whose requests are all equally long: whose prompts shared a step finish together, come back together and
// share a step again, for ever. Followed step by step, from all coming at once until the pattern repeats: a few operations for each
// prompt, none for steps without. docs/method.md, "Users in step".

#include <vector>

namespace moeplan {

// A step that carries so much of prompts on all ranks together.
struct PromptStep {
    double amount = 0;   // tokens, or what `prompt` and `budget` are counted in
    double time_s = 0;   // where a rank carries as much of a prompt as it can, and the others wait for it
    double even_s = 0;   // where all ranks carry the same
};

struct UsersInStep {
    double users = 1;         // between whole numbers of them, a straight line
    double prompt = 1;        // tokens of one to compute
    double budget = 1;        // tokens a step takes on each attention-dp rank, where a prompt lies on one of them
    double ranks = 1;
    double decode = 1;        // what of it who decodes takes
    bool whole_prompts = false;   // what fits a rank's budget is not cut
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
