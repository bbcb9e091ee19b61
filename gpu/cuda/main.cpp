// moeplan-probe-cuda: times kernels on an NVIDIA GPU for moeplan calibrate, as docs/probe-protocol.md says.
// Exit codes: 0 fine, 1 the self-test found a difference, 2 wrong arguments, 3 no usable GPU, 4 CUDA failed, 5 the GPU was
// lost to this process.

#include <charconv>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "core/base/nearest.h"
#include "gpu/cuda/matmul.h"
#include "gpu/cuda/nccl_api.h"
#include "gpu/cuda/probes.h"
#include "gpu/cuda/reply_buffer.h"
#include "gpu/cuda/self_test.h"
#include "gpu/cuda/worker.h"

using namespace moeplan;

namespace {

constexpr int kDifferent = 1, kWrongInput = 2, kNoGpu = 3, kFailed = 4, kLost = 5;
constexpr const char* kName = "moeplan-probe-cuda";

constexpr const char* kHelp = R"(moeplan-probe-cuda [--device N] [--self-test [--seed S] [--quick] | --describe]

Times kernels on an NVIDIA GPU. Without a mode it speaks the probe protocol on stdin and stdout:
    moeplan calibrate --worker moeplan-probe-cuda
    moeplan calibrate --worker "ssh gpu01 moeplan-probe-cuda --device 1"

  --device N    the GPU of that number; 0 when not given
  --self-test   compare every kernel and the cuBLAS paths with plain host code; 1 when one differs
  --seed S      other random shapes and numbers for --self-test; 1 when not given
  --quick       small shapes only for --self-test
  --describe    say what this GPU and the libraries found can measure
  --help        this text

cuBLASLt, cuBLAS, NCCL and NVML are looked for when they are needed: in the folder MOEPLAN_CUDA_LIBRARIES names, then
where the system's loader looks. What is missing is left out and named by --describe.
Exit codes: 0 fine, 1 a difference, 2 wrong arguments, 3 no usable GPU, 4 CUDA failed, 5 the GPU was lost.
)";

struct Arguments {
    int device = 0;
    std::uint64_t seed = 1;
    bool help = false, describe = false, self_test = false, quick = false;
    std::string wrong;  // one line; empty when all is right
};

template <class T>
std::optional<T> number(const std::string& text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Arguments parse(const std::vector<std::string>& words) {
    static const std::vector<std::string> known = {"--device",    "--seed",     "--quick",
                                                   "--self-test", "--describe", "--help"};
    Arguments a;
    for (std::size_t i = 0; i < words.size() && a.wrong.empty(); ++i) {
        const std::string& word = words[i];
        const std::string value = i + 1 < words.size() ? words[i + 1] : "";
        if (word == "--help" || word == "-h") a.help = true;
        else if (word == "--describe") a.describe = true;
        else if (word == "--self-test") a.self_test = true;
        else if (word == "--quick") a.quick = true;
        else if (word == "--device" || word == "--seed") {
            const auto given = number<std::uint64_t>(value);
            if (!given || (word == "--device" && *given > 4096))
                a.wrong = word + " needs a whole number from 0, not '" + value + "'";
            else if (word == "--seed") a.seed = *given;
            else a.device = static_cast<int>(*given);
            ++i;
        } else {
            const std::string hint = did_you_mean(word, known);
            a.wrong = "'" + word + "' is not an option" + (hint.empty() ? "; --help names them" : "; " + hint);
        }
    }
    return a;
}

std::string or_reason(const std::string& missing) { return missing.empty() ? "yes" : "no (" + missing + ")"; }

void describe(cuda::Session& session, std::ostream& out) {
    out << write_hello(cuda::greeting(session)) << std::endl;
    const cuda::BlasApi& blas = cuda::blas_api();
    std::cerr << "cuBLASLt: " << or_reason(blas.missing)
              << "\ngrouped GEMM of cuBLAS: " << or_reason(blas.grouped_missing)
              << "\nfp8 in 128-blocks: " << or_reason(cuda::matmul_missing(session, NumberFormat::fp8_block))
              << "\ncollectives: " << or_reason(cuda::collectives_missing(session))
              << "\nclocks (NVML): " << (session.clocks().driver_version().empty() ? "not known" : "yes") << "\n";
}

// `out`: standard output, kept for what is written here.
int run(const Arguments& arguments, std::ostream& out) {
    std::string why;
    const int devices = cuda::count_devices(why);
    if (devices == 0) {
        std::cerr << kName << ": no usable GPU: " << why << "\n";
        return kNoGpu;
    }
    if (arguments.device >= devices) {
        std::cerr << kName << ": --device " << arguments.device << ": this machine has " << devices
                  << ", numbered from 0\n";
        return kWrongInput;
    }
    cuda::Session session(arguments.device);
    if (arguments.describe) {
        describe(session, out);
        return 0;
    }
    if (arguments.self_test) {
        const cuda::CheckSize size = arguments.quick ? cuda::CheckSize::small : cuda::CheckSize::large;
        return cuda::self_test(session, arguments.seed, size, out) ? 0 : kDifferent;
    }
    return cuda::serve(session, std::cin, out) ? 0 : kLost;
}

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    const Arguments arguments = parse({argv + 1, argv + argc});
    if (!arguments.wrong.empty()) {
        std::cerr << kName << ": " << arguments.wrong << "\n";
        return kWrongInput;
    }
    if (arguments.help) {
        std::cout << kHelp;
        return 0;
    }
    try {
        cuda::ReplyBuffer replies;
        std::ostream out(&replies);
        return run(arguments, out);
    } catch (const std::exception& error) {
        std::cerr << kName << ": " << error.what() << "\n";
        return kFailed;
    }
}
