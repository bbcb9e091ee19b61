#pragma once
// Problems of a study as a list: what is wrong, where, and what to do about it. Links no Widgets.

#include <functional>
#include <optional>
#include <vector>

#include <QAbstractListModel>

#include "core/base/result.h"

namespace moeplan {

class ProblemListModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role { kLine = Qt::UserRole };   // int; invalid when it has no place in the study's text

    using QAbstractListModel::QAbstractListModel;

    // `line_of` finds a problem's line in the text on the screen.
    void set_problems(Problems problems, const std::function<std::optional<int>(const Problem&)>& line_of);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    Problems problems_;
    std::vector<std::optional<int>> lines_;
};

}  // namespace moeplan
