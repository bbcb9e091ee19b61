// A probe worker that measures nothing: it answers by formula, and misbehaves as told. Speaks the real protocol.
//
//   --deterministic          (always so unless --noise) the same probe gets the same samples
//   --noise SHARE            samples spread by this share, differently each time
//   --slow MS                wait before each answer
//   --crash-at N, --hang-at N, --garbage-at N, --half-line-at N, --endless-at N, --wrong-id-at N, --fail-at N
//                            at the Nth request of this process (1 = the first)
//   --crash-on TEXT, --fail-on TEXT, --hang-on TEXT     at every probe whose text contains it
//   --oom-above BYTES        out of memory for kernels that need more
//   --only FAMILY            offer that family alone (may be given several times)
//   --extra-op NAME          offer an op that nobody knows, too
//   --device NAME, --memory BYTES, --threads N, --devices N
//   --die WORDS              say WORDS on stderr and end with code 3 before greeting
//   --mute                   never greet;  --babble: greet with garbage;  --chatter: fill stderr before every answer
//   --stubborn               ignore SIGTERM
//   --pid-file FILE          write the process id there

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <thread>

#include "gpu/protocol/protocol.h"

using namespace moeplan;

namespace {

struct Options {
    std::multimap<std::string, std::string> given;
    bool has(const std::string& name) const { return given.count(name) > 0; }
    std::string text(const std::string& name, const std::string& otherwise = "") const {
        const auto found = given.find(name);
        return found == given.end() ? otherwise : found->second;
    }
    double number(const std::string& name, double otherwise) const {
        return has(name) ? std::atof(text(name).c_str()) : otherwise;
    }
    bool now(const std::string& name, int request) const {
        return has(name) && std::atoi(text(name).c_str()) == request;
    }
    bool on(const std::string& name, const std::string& probe) const {
        return has(name) && probe.find(text(name)) != std::string::npos;
    }
};

Options read_options(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        const bool flag = name == "--deterministic" || name == "--mute" || name == "--babble" || name == "--chatter" ||
                          name == "--stubborn";
        options.given.emplace(name, flag || i + 1 == argc ? "" : argv[++i]);
    }
    return options;
}

WorkerHello hello_of(const Options& options) {
    WorkerHello hello;
    hello.device = options.text("--device", "Fake 1");
    hello.driver = "none";
    hello.runtime = "fake";
    hello.memory_bytes = static_cast<std::int64_t>(options.number("--memory", 8e10));
    hello.threads = static_cast<std::int64_t>(options.number("--threads", 0));
    hello.devices = static_cast<std::int64_t>(options.number("--devices", 1));
    for (const KernelFamily family : all_kernel_families()) {
        bool offered = !options.has("--only");
        const auto [from, to] = options.given.equal_range("--only");
        for (auto it = from; it != to; ++it) offered = offered || it->second == name_of(family);
        if (!offered) continue;
        const bool formats = family == KernelFamily::gemm || family == KernelFamily::moe_ffn ||
                             family == KernelFamily::attention_prefill || family == KernelFamily::attention_decode;
        hello.ops[family] = formats ? std::vector<std::string>{"bf16"} : std::vector<std::string>{};
    }
    return hello;
}

// Microseconds: a launch, and the slower of arithmetic and memory with a bend that no roofline has.
double time_of(const Kernel& kernel) {
    const Work work = work_of(op_of(kernel));
    const double roofline = std::max(work.flops.value / 4e14, work.bytes.value / 2e12) * 1e6;
    return 3 + roofline * (1.2 + 0.2 * std::sin(std::log(1 + work.bytes.value)));
}

[[noreturn]] void sleep_for_ever() {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

void misbehave(const Options& options, int request, const std::string& probe) {
    if (options.now("--crash-at", request) || options.on("--crash-on", probe)) {
        std::cerr << "about to crash" << std::endl;
        std::signal(SIGSEGV, SIG_DFL);   // sanitizers would make a report of it
        std::raise(SIGSEGV);
    }
    if (options.now("--hang-at", request) || options.on("--hang-on", probe)) sleep_for_ever();
    if (options.now("--garbage-at", request)) std::cout << "Segmentation fault (not really)" << std::endl;
    if (options.now("--half-line-at", request)) {
        std::cout << R"({"id":1,"status":"o)" << std::flush;
        std::_Exit(4);
    }
    if (options.now("--endless-at", request)) {
        const std::string piece(65536, 'x');
        while (std::cout << piece) {}
    }
}

ProbeReply reply_to(const Options& options, const ProbeRequest& request, int number) {
    static std::mt19937_64 random(std::random_device{}());
    ProbeReply reply;
    reply.id = request.id + (options.now("--wrong-id-at", number) ? 1000 : 0);
    if (options.has("--oom-above") && memory_of(request.kernel).value > options.number("--oom-above", 0)) {
        reply.status = ProbeStatus::out_of_memory;
        reply.message = "no room";
        return reply;
    }
    if (options.now("--fail-at", number) || options.on("--fail-on", to_text(request.kernel))) {
        reply.status = ProbeStatus::failed;
        reply.message = "an illegal memory access was encountered";
        return reply;
    }
    const double us = time_of(request.kernel);
    const double noise = options.number("--noise", 0);
    std::normal_distribution<double> spread;
    for (int i = 0; i < 9; ++i)
        reply.samples_us.push_back(us * (noise > 0 ? std::exp(noise * spread(random)) : 1 + 0.0001 * (i % 3)));
    reply.kernel = "fake";
    return reply;
}

void serve(const Options& options) {
    std::string line;
    for (int number = 1; std::getline(std::cin, line); ++number) {
        const auto request = read_request(line);
        if (!request) {
            std::cerr << to_text(request.error().front()) << std::endl;
            std::_Exit(5);
        }
        if (!*request) return;
        if (options.has("--chatter")) std::cerr << std::string(200'000, '.') << "\nready" << std::endl;
        std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(options.number("--slow", 0)));
        misbehave(options, number, to_text((*request)->kernel));
        std::cout << write_reply(reply_to(options, **request, number)) << std::endl;
    }
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = read_options(argc, argv);
    if (options.has("--pid-file")) std::ofstream(options.text("--pid-file")) << getpid() << std::endl;
    if (options.has("--stubborn")) std::signal(SIGTERM, SIG_IGN);
    if (options.has("--die")) {
        std::cerr << options.text("--die") << std::endl;
        return 3;
    }
    if (options.has("--mute")) sleep_for_ever();
    if (options.has("--babble")) std::cout << "Welcome to gpu01!" << std::endl;
    std::string hello = write_hello(hello_of(options));
    if (options.has("--extra-op")) hello.replace(hello.find("\"ops\":{"), 7, "\"ops\":{\"" + options.text("--extra-op") + "\":[],");
    std::cout << hello << std::endl;
    serve(options);
    return 0;
}
