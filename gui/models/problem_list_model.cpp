#include "gui/models/problem_list_model.h"

#include <utility>

#include "gui/models/text.h"

namespace moeplan {
namespace {

QString sentence(const Problem& problem, const std::optional<int>& line) {
    QString text;
    if (line) text = ProblemListModel::tr("line %1  ").arg(*line);
    else if (!problem.where.empty()) text = text_of(problem.where) + "  ";
    if (!problem.path.empty()) text += text_of(problem.path) + ": ";
    text += text_of(problem.what);
    if (!problem.hint.empty()) text += "; " + text_of(problem.hint);
    return text;
}

}  // namespace

void ProblemListModel::set_problems(Problems problems, const std::function<std::optional<int>(const Problem&)>& line_of) {
    beginResetModel();
    problems_ = std::move(problems);
    lines_.clear();
    for (const Problem& problem : problems_) lines_.push_back(line_of(problem));
    endResetModel();
}

int ProblemListModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(problems_.size()); }

QVariant ProblemListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const auto at = static_cast<std::size_t>(index.row());
    if (role == kLine) return lines_[at] ? QVariant(*lines_[at]) : QVariant();
    if (role == Qt::DisplayRole || role == Qt::ToolTipRole || role == Qt::AccessibleTextRole) return sentence(problems_[at], lines_[at]);
    return {};
}

}  // namespace moeplan
