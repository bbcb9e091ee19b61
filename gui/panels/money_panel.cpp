#include "gui/panels/money_panel.h"

#include <QLabel>
#include <QVBoxLayout>

#include "gui/models/text.h"
#include "gui/panels/field_form.h"
#include "gui/panels/scroll_column.h"
#include "gui/session/session.h"

namespace moeplan {

MoneyPanel::MoneyPanel(Session& session, QWidget* parent) : QWidget(parent), session_(session), own_(new QLabel(this)) {
    setObjectName("money");
    QVBoxLayout* column = make_scroll_column(this);
    own_->setObjectName("money.own");
    own_->setWordWrap(true);
    own_->setTextFormat(Qt::PlainText);
    column->addWidget(own_);
    auto* form = new FieldForm(session, 0, this);
    form->add({"money.price", "money.gpu_hour", "money.capital", "money.years", "money.residual", "money.interest", "money.power",
               "money.electricity", "money.owned_pue", "money.space", "money.utilisation"});
    form->begin_fold(tr("Energy"), "money.energy_fold", true);
    form->add({"money.power_fraction", "money.pue", "money.co2"});
    form->end_fold();
    column->addWidget(form);
    column->addStretch(1);
    connect(&session, &Session::scenario_changed, this, &MoneyPanel::follow);
    follow();
}

QSize MoneyPanel::sizeHint() const { return {330, 420}; }

void MoneyPanel::follow() {
    QStringList names;
    for (const auto& candidate : session_.scenario().candidates) {
        if (candidate.money && *candidate.money != session_.scenario().money) names << text_of(candidate.name);
    }
    own_->setText(
        names.isEmpty()
            ? QString()
            : tr("Of their own in part, as the study's text says: %1. What is not follows the fields here.").arg(names.join(", ")));
    own_->setVisible(!names.isEmpty());
}

}  // namespace moeplan
