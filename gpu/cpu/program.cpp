#include "gpu/cpu/program.h"

#include <algorithm>
#include <charconv>
#include <iostream>

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/nearest.h"
#include "core/base/result.h"
#include "gpu/cpu/machine.h"
#include "gpu/cpu/measure_step.h"
#include "gpu/cpu/parallel.h"
#include "gpu/cpu/probe.h"
#include "gpu/cpu/transformer_step.h"
#include "gpu/protocol/serve.h"

namespace moeplan::cpu {
namespace {

constexpr int kMostThreads = 4096;

constexpr const char* kHelp = R"(moeplan-probe measures the kernels of language models on this processor.

It is the worker of `moeplan calibrate --worker moeplan-probe`: it writes what it is as one
line of JSON, then reads requests from its input, a line each, and answers every one with a
line of times (docs/probe-protocol.md). {"quit":true} or the end of the input ends it.

  --threads N     use N threads (default: OMP_NUM_THREADS, or all cores)
  --describe      say what this processor and this program offer, and end
  --step SIZES    time one decode step of a small mixture-of-experts transformer, and end;
                  SIZES is a list such as layers=4,hidden=2048,experts=16,top_k=2,width=1024,
                  heads=16,kv_heads=4,head_dim=128,sequences=16,context=1024,vocabulary=16384,
                  alpha=0,exchange=0,format=bf16 (these are the defaults; '' keeps them all)
  --sum           with --step: also time each of its kernels alone and compare the sum
  --seconds S     with --step: at most S seconds for the step (default 10)
  --help          this text
)";

struct Options {
    bool help = false, describe = false, sum = false, step = false;
    std::string sizes;
    int threads = 0;
    double seconds = 10;
};

Problem wrong(const std::string& option, std::string what, std::string hint = {}) {
    return {option, "", std::move(what), std::move(hint), ProblemKind::wrong_input};
}

template <class T>
bool whole_text(const std::string& text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

void take_value(const std::string& option, const std::string& value, Options& options, Problems& problems) {
    if (option == "--step") {
        options.step = true;
        options.sizes = value;
    } else if (option == "--threads") {
        if (!whole_text(value, options.threads) || options.threads < 1 || options.threads > kMostThreads) {
            problems.push_back(
                wrong(option, fmt::format("'{}' is no number of threads; expected 1 to {}", value, kMostThreads)));
        }
    } else if (!whole_text(value, options.seconds) || !(options.seconds > 0 && options.seconds <= kMostProbeSeconds)) {
        problems.push_back(wrong(
            option, fmt::format("'{}' is no time; expected seconds above 0, at most {}", value, kMostProbeSeconds)));
    }
}

Options read_options(const std::vector<std::string>& arguments, Problems& problems) {
    Options options;
    const std::vector<std::string> with_value{"--threads", "--step", "--seconds"};
    const std::vector<std::string> all{"--threads", "--step", "--seconds", "--describe", "--sum", "--help"};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::size_t equals = arguments[i].find('=');
        const bool joined = arguments[i].rfind("--", 0) == 0 && equals != std::string::npos;
        const std::string option = joined ? arguments[i].substr(0, equals) : arguments[i];
        const bool takes = std::find(with_value.begin(), with_value.end(), option) != with_value.end();
        if (takes && joined) take_value(option, arguments[i].substr(equals + 1), options, problems);
        else if (takes && i + 1 < arguments.size()) take_value(option, arguments[++i], options, problems);
        else if (takes) problems.push_back(wrong(option, "needs a value"));
        else if (option == "--describe") options.describe = true;
        else if (option == "--sum") options.sum = true;
        else if (option == "--help" || option == "-h") options.help = true;
        else
            problems.push_back(
                wrong(option, "is no option of moeplan-probe; --help lists them", did_you_mean(option, all)));
    }
    return options;
}

void describe(std::ostream& out) {
    const WorkerHello hello = describe_worker();
    out << fmt::format(
        "{}\n  {} threads, {:.1f} GiB memory ({:.1f} GiB free), {:.0f} MiB last-level cache\n  {}, {}\n\nkernels\n",
        hello.device, hello.threads, static_cast<double>(hello.memory_bytes) / kGiB,
        static_cast<double>(available_bytes()) / kGiB, static_cast<double>(last_level_cache()) / kMiB, hello.runtime,
        hello.driver);
    for (const auto& [family, formats] : hello.ops) {
        out << fmt::format("  {:<18}{}", name_of(family), formats.empty() ? "yes" : one_of(formats)) << '\n';
    }
}

int step(const Options& options, std::ostream& out, std::ostream& err) {
    const auto shape = parse_step(options.sizes);
    if (!shape) {
        for (const Problem& problem : shape.error()) err << "moeplan-probe: " << to_text(problem) << '\n';
        return 2;
    }
    const auto measured = measure_step(*shape, options.seconds, options.sum);
    if (!measured) {
        bool memory = false;
        for (const Problem& problem : measured.error()) {
            err << "moeplan-probe: " << to_text(problem) << '\n';
            memory = memory || problem.kind == ProblemKind::infeasible;
        }
        return memory ? 3 : 4;
    }
    out << write_step(*measured) << '\n' << std::flush;
    if (streamed_bytes(*shape).value < 2.0 * static_cast<double>(last_level_cache())) {
        err << fmt::format(
            "moeplan-probe: this step reads {:.0f} MiB, so its weights stay in the cache; those of a probed kernel do "
            "not\n",
            streamed_bytes(*shape).value / kMiB);
    }
    if (const auto sum = sum_alone_us(*measured); sum && measured->quiet_us) {
        err << fmt::format(
            "step {:.1f} us, undisturbed {:.1f} us, its kernels alone {:.1f} us: {:.3f} of undisturbed\n",
            measured->median_us, *measured->quiet_us, *sum, *sum / *measured->quiet_us);
    }
    return 0;
}

}  // namespace

int run_program(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out, std::ostream& err) {
    Problems problems;
    const Options options = read_options(arguments, problems);
    if (!problems.empty()) {
        for (const Problem& problem : problems) err << "moeplan-probe: " << to_text(problem) << '\n';
        return 2;
    }
    if (options.help) {
        out << kHelp;
        return 0;
    }
    if (options.threads > 0) set_threads(options.threads);
    if (options.describe) {
        describe(out);
        return 0;
    }
    if (options.step) return step(options, out, err);
    if (&in == &std::cin && isatty(STDIN_FILENO) != 0) {
        err << "moeplan-probe is the worker of `moeplan calibrate`: it reads requests, a line of JSON each (--help).\n"
               "End it with {\"quit\":true} or Ctrl-D.\n";
    }
    serve(in, out, describe_worker(), answer);
    return 0;
}

}  // namespace moeplan::cpu
