#pragma once
// Every kernel against a plain host reference on random shapes. The same comparisons run on a GPU
// (moeplan-probe-cuda --self-test) and on emulated threads (tests/gpu_kernels).

#include <functional>
#include <random>
#include <string>
#include <vector>

namespace moeplan::cuda {

struct Comparison {
    std::string shape;                  // "tokens 33 experts 64 top_k 8"
    double worst = 0, allowed = 0;      // largest absolute difference of what is compared as numbers
    std::string wrong;                  // what must be equal and is not; empty when all is
    bool ok() const { return wrong.empty() && worst <= allowed; }
};

// Sizes a host thread gets through in a fraction of a second, or ones that fill a GPU.
enum class CheckSize { small, large };

using CheckRandom = std::mt19937_64;

struct KernelCheck {
    std::string kernel;
    std::function<Comparison(CheckRandom&, CheckSize)> run;   // another shape every time
};

const std::vector<KernelCheck>& kernel_checks();

}  // namespace moeplan::cuda
