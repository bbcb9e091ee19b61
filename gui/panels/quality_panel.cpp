#include "gui/panels/quality_panel.h"

#include <QLabel>
#include <QVBoxLayout>

#include "gui/models/text.h"
#include "gui/panels/field_form.h"
#include "gui/panels/scroll_column.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

std::vector<std::string> fields_of(const std::string& section, const std::string& kind) {
    std::vector<std::string> ids{section + kind};
    for (const char* field : {"benchmark", "evaluator", "accuracy", "questions", "results", "task", "metric", "tokens_per_answer"})
        ids.push_back(section + field);
    return ids;
}

}  // namespace

QualityPanel::QualityPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session), column_(make_scroll_column(this)) {
    setObjectName("quality");
    auto* form = new FieldForm(session, 0, this);
    form->add(fields_of("quality.", "source"));
    column_->addWidget(form);
    column_->addStretch(1);
    connect(&session, &Session::scenario_changed, this, &QualityPanel::follow);
    follow();
}

QSize QualityPanel::sizeHint() const { return {330, 420}; }

void QualityPanel::add_candidate(std::size_t index) {
    auto* all = new QWidget(this);
    auto* rows = new QVBoxLayout(all);
    rows->setContentsMargins(0, 8, 0, 0);
    rows->setSpacing(6);
    auto* name = new QLabel(all);
    name->setTextFormat(Qt::PlainText);
    QFont bold = name->font();
    bold.setBold(true);
    name->setFont(bold);
    auto* form = new FieldForm(session_, index, all);
    form->add(fields_of("candidate.", "quality"));
    rows->addWidget(name);
    rows->addWidget(form);
    column_->insertWidget(1 + static_cast<int>(index), all);
    all->show();
    candidates_.push_back({all, name});
}

void QualityPanel::follow() {
    const auto& all = session_.scenario().candidates;
    while (candidates_.size() > all.size()) {
        candidates_.back().all->hide();
        candidates_.back().all->deleteLater();
        candidates_.pop_back();
    }
    while (candidates_.size() < all.size()) add_candidate(candidates_.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const QString name = text_of(all[i].name);
        if (candidates_[i].name->text() != name) candidates_[i].name->setText(name);
    }
}

}  // namespace moeplan
