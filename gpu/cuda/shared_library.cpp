#include "gpu/cuda/shared_library.h"

#include <dlfcn.h>

#include <cstdlib>

namespace moeplan::cuda {

namespace {

std::string last_error() {
    const char* const text = dlerror();
    return text ? text : "unknown error of the loader";
}

}  // namespace

SharedLibrary::SharedLibrary(const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    if (const char* const folder = std::getenv("MOEPLAN_CUDA_LIBRARIES")) {
        for (const std::string& name : names) paths.push_back(std::string(folder) + "/" + name);
    }
    paths.insert(paths.end(), names.begin(), names.end());
    for (const std::string& path : paths) {
        handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        name_ = path;
        if (handle_) {
            missing_.clear();
            return;
        }
        missing_ = last_error();
    }
}

void* SharedLibrary::find_any(const char* name) {
    if (!handle_) return nullptr;
    void* const function = dlsym(handle_, name);
    if (!function && missing_.empty()) missing_ = name_ + " has no function " + name;
    return function;
}

}  // namespace moeplan::cuda
