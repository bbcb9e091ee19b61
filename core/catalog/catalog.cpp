#include "core/catalog/catalog.h"

#include <algorithm>

#include "core/catalog/names.h"
#include "core/catalog/state.h"

namespace moeplan {

namespace {

bool listed(const std::vector<std::string>& aliases, std::string_view name) {
    return std::any_of(aliases.begin(), aliases.end(),
                       [&](const std::string& a) { return same_name(a, name); });
}

// Ids go before aliases, so that an alias can never hide an entry.
template <class T>
const T* find_named(const std::vector<T>& entries, std::string_view name) {
    for (const T& e : entries)
        if (same_name(e.id, name)) return &e;
    for (const T& e : entries)
        if (listed(e.aliases, name)) return &e;
    return nullptr;
}

template <class T>
std::vector<std::string> ids_of(const std::vector<T>& entries) {
    std::vector<std::string> ids;
    ids.reserve(entries.size());
    for (const T& e : entries) ids.push_back(e.id);
    return ids;
}

}  // namespace

Catalog::Catalog(CatalogData data)
    : state_(std::make_shared<const State>(State{
          kind_of(std::move(data.models)), kind_of(std::move(data.devices)), kind_of(std::move(data.engines)),
          kind_of(std::move(data.prices)), kind_of(std::move(data.scores)),
          kind_of(std::move(data.tokens_per_answer)), kind_of(std::move(data.storage)),
          kind_of(std::move(data.figures)), kind_of(std::move(data.undisclosed)), {}})) {}

const std::vector<ModelEntry>& Catalog::models() const { return state_->models->get(); }
const std::vector<DeviceSpec>& Catalog::devices() const { return state_->devices->get(); }
const std::vector<EngineSpec>& Catalog::engines() const { return state_->engines->get(); }
const std::vector<RentalPrice>& Catalog::prices() const { return state_->prices->get(); }
const std::vector<Score>& Catalog::scores() const { return state_->scores->get(); }
const std::vector<TokensPerAnswer>& Catalog::tokens_per_answer() const {
    return state_->tokens_per_answer->get();
}
const StorageRates& Catalog::storage() const { return state_->storage->get(); }
const std::vector<Figure>& Catalog::figures() const { return state_->figures->get(); }
const std::vector<UndisclosedModel>& Catalog::undisclosed() const { return state_->undisclosed->get(); }

const DeviceSpec* Catalog::device(std::string_view id_or_alias) const {
    return find_named(devices(), id_or_alias);
}
const EngineSpec* Catalog::engine(std::string_view id) const { return find_named(engines(), id); }
const ModelEntry* Catalog::model(std::string_view id_or_alias) const {
    return find_named(models(), id_or_alias);
}

const RentalPrice* Catalog::price(std::string_view device_id, std::string_view tier) const {
    for (const RentalPrice& p : prices())
        if (same_name(p.gpu, device_id) && p.tier == tier) return &p;
    return nullptr;
}

const Figure* Catalog::figure(std::string_view id) const {
    for (const Figure& f : figures())
        if (same_name(f.id, id)) return &f;
    return nullptr;
}

std::optional<std::string> Catalog::undisclosed_reason(std::string_view name) const {
    const std::size_t slash = name.rfind('/');
    const std::string_view bare = slash == std::string_view::npos ? name : name.substr(slash + 1);
    for (const UndisclosedModel& u : undisclosed())
        if (matches_pattern(u.pattern, bare)) return u.reason;
    return std::nullopt;
}

std::vector<std::string> Catalog::device_ids() const { return ids_of(devices()); }
std::vector<std::string> Catalog::engine_ids() const { return ids_of(engines()); }
std::vector<std::string> Catalog::model_ids() const { return ids_of(models()); }

}  // namespace moeplan
