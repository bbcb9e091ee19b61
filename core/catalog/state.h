#pragma once
// How a Catalog holds its kinds: each made when first asked for, once, whatever thread asks. Internal to
// core/catalog.

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/catalog/borrow.h"
#include "core/catalog/catalog.h"

namespace moeplan {

template <class T>
class Lazy {
public:
    explicit Lazy(std::function<T()> make) : make_(std::move(make)) {}
    const T& get() const {
        std::call_once(once_, [this] { value_ = make_(); });
        return value_;
    }

private:
    std::function<T()> make_;
    mutable std::once_flag once_;
    mutable T value_{};
};

template <class T>
using Kind = std::shared_ptr<const Lazy<T>>;

template <class T>
Kind<T> kind_from(std::function<T()> make) {
    return std::make_shared<const Lazy<T>>(std::move(make));
}
template <class T>
Kind<T> kind_of(T value) {
    return kind_from<T>([v = std::move(value)] { return v; });
}

// A profile file, read when first asked for.
struct ProfileEntry {
    std::string name;   // "h100_sxm-vllm": device id, dash, engine id
    Kind<Result<std::shared_ptr<const Profile>>> read;
};

struct Catalog::State {
    Kind<std::vector<ModelEntry>> models;
    Kind<std::vector<DeviceSpec>> devices;
    Kind<std::vector<EngineSpec>> engines;
    Kind<std::vector<RentalPrice>> prices;
    Kind<std::vector<Score>> scores;
    Kind<std::vector<TokensPerAnswer>> tokens_per_answer;
    Kind<StorageRates> storage;
    Kind<std::vector<Figure>> figures;
    Kind<std::vector<UndisclosedModel>> undisclosed;
    std::vector<ProfileEntry> profiles;
    mutable BorrowedProfiles borrowed = {};
};

// From the file's name and text.
ProfileEntry profile_entry(std::string_view file, std::string text);

// The kinds of builtin_catalog(), to build a merged catalog on.
const Catalog::State& builtin_state();

}  // namespace moeplan
