#pragma once
// A library that is looked for when the program runs, so that it starts, and says what is missing, without it.
// Looked for in the folder named by MOEPLAN_CUDA_LIBRARIES, then where the system's loader looks (LD_LIBRARY_PATH, the
// CUDA toolkit of the build, ld.so.conf). Stays loaded until the program ends.

#include <string>
#include <vector>

namespace moeplan::cuda {

class SharedLibrary {
public:
    // The first of `names` that loads.
    explicit SharedLibrary(const std::vector<std::string>& names);
    bool loaded() const { return handle_ != nullptr; }
    // Why it, or a function of it, is not there; empty when all is.
    const std::string& missing() const { return missing_; }

    // Null, and missing() says so, when the library has no such function.
    template <class Function>
    Function find(const char* name) {
        return reinterpret_cast<Function>(find_any(name));
    }

private:
    void* find_any(const char* name);

    void* handle_ = nullptr;
    std::string name_, missing_;
};

}  // namespace moeplan::cuda
