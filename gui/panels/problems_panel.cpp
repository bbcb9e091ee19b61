#include "gui/panels/problems_panel.h"

#include <QLabel>
#include <QListView>
#include <QShortcut>
#include <QVBoxLayout>

#include "gui/models/problem_list_model.h"
#include "gui/session/session.h"

namespace moeplan {

ProblemsPanel::ProblemsPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      model_(new ProblemListModel(this)),
      list_(new QListView),
      none_(new QLabel(tr("Nothing is wrong with this study."))) {
    setObjectName("problems");
    list_->setObjectName("problems.list");
    list_->setAccessibleName(tr("Problems of the study; Enter goes to the place"));
    list_->setModel(model_);
    list_->setWordWrap(true);
    list_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    none_->setObjectName("problems.none");
    none_->setMargin(8);
    setFocusProxy(list_);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(none_);
    column->addWidget(list_);
    connect(list_, &QListView::clicked, this, &ProblemsPanel::choose);
    for (const auto key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto* enter = new QShortcut(QKeySequence(key), list_, nullptr, nullptr, Qt::WidgetShortcut);
        connect(enter, &QShortcut::activated, this, [this] { choose(list_->currentIndex()); });
    }
    connect(&session, &Session::problems_changed, this, &ProblemsPanel::show_problems);
    show_problems();
}

void ProblemsPanel::show_problems() {
    model_->set_problems(session_.problems(), [this](const Problem& p) { return session_.line_of(p); });
    const bool any = model_->rowCount() > 0;
    list_->setVisible(any);
    none_->setVisible(!any);
    if (any) list_->setCurrentIndex(model_->index(0));
}

void ProblemsPanel::choose(const QModelIndex& index) {
    const QVariant line = index.data(ProblemListModel::kLine);
    if (line.isValid()) emit place_chosen(line.toInt());
}

}  // namespace moeplan
