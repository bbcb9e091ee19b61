#pragma once
// Steps into which prompts come at random: how many share a step, how long steps are, when tokens come.
//
// A step that carries prompts lasts longer, so more prompts come while it runs and the next one carries some again, while plain
// decode steps are short and follow each other. Steps with prompts therefore bunch: fewer carry any than if each step had its
// share. And a request meets such a bunch right after its first token, for its own prompt was part of one. What is in prefill
// when a step begins is a Markov chain, for prompts come at random and join at the next step: a queue served in bulk
// whose time of service depends on the bulk. Derivation: docs/method.md, "Prompts at random".
// Source: embedded chains at the ends of services: Kendall, Annals of Mathematical Statistics 24(3), 1953; first tokens by
// Little's law.

#include <functional>
#include <vector>

namespace moeplan {

struct PromptLoad {
    double rate = 0;               // prompts a second, memoryless
    double chunks = 1;             // steps a prompt takes part in; whole
    double most = 1;               // chunks that fit a step, at least 1
    bool in_turn = true;           // chunks of the first prompts go first; else each prompt has one in every step, as on ranks of its own
    bool nothing_decodes = false;  // without prompts there is no step: the next one starts when a prompt comes
    bool decodes_beside = true;    // false: a step carries prompts or decodes
    double decode_steps = 1;       // of a request after its first token
};

// Seconds of a step with so many chunks in it, 0 <= chunks <= most; not asked for 0 where nothing decodes.
using StepSeconds = std::function<double(double chunks)>;

struct PromptSteps {
    // Steps that begin with so much in prefill, as a share of all steps; sums to 1.
    struct Begin {
        double prompts = 0, chunks = 0;   // in prefill; carried by the step
        double share = 0;
        double met = 0;                   // such steps between a request's first token and its last, for each of its decode steps
    };
    std::vector<Begin> begin;
    double come_per_step = 0;         // prompts that come while a step runs, on average
    double share = 0;                 // of steps that carry prompts
    double chunks = 0;                // in a step that carries any, on average
};

// Whether steps as full as they get take prompts faster than they come, by 3 % at least: nearer, hundreds of prompts wait.
bool keeps_up(const PromptLoad& load, const StepSeconds& seconds);

// A load that steps do not keep up with fills the chain to its end (some dozen prompts, or hundreds where they are short).
PromptSteps prompt_steps(const PromptLoad& load, const StepSeconds& seconds);

struct PromptTimes {
    double decode_step_s = 0;   // of a request's decode steps, with what it waits between them, on average
    double first_token_s = 0;   // from a prompt's arrival to the end of the step that completes it, on average
};

// Means over these steps. `seconds` may be an edge of an interval: prompts a step stay, the rate that brings them follows.
PromptTimes prompt_times(const PromptSteps& steps, const PromptLoad& load, const StepSeconds& seconds);

}  // namespace moeplan
