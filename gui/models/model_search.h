#pragma once
// Models of the catalog and of the study, found by any words of their names. Links no Widgets.

#include <string>
#include <string_view>
#include <vector>

#include <QAbstractListModel>

#include "core/catalog/catalog.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// "46.7 B, 12.9 B active" as published; empty when it is not.
std::string size_of(const ModelEntry& entry);

class ModelSearch : public QAbstractListModel {
    Q_OBJECT

public:
    // `catalog` outlives it.
    explicit ModelSearch(const Catalog& catalog, QObject* parent = nullptr);

    // Models the study gives by numbers come first.
    void set_study(const Scenario& scenario);
    // Every word must occur in the id or one alias, whatever the case and punctuation; where none does, the nearest names.
    // An empty query finds all. A name typed whole comes first, then those that begin so.
    void set_query(std::string_view query);

    // DisplayRole: name and size. EditRole: the id a study writes.
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    struct Known { std::string id, size, names, plain; };   // `plain`: letters and digits of all names, in small

    void search();
    void find_nearest();

    const Catalog& catalog_;
    std::vector<Known> known_;
    std::size_t of_study_ = 0;
    std::vector<std::size_t> found_;
    std::string query_;
};

}  // namespace moeplan
