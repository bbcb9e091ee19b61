#include "gui/panels/fold.h"

#include <QToolButton>
#include <QVBoxLayout>

namespace moeplan {

Fold::Fold(const QString& title, const QString& name, bool open, QWidget* parent)
    : QWidget(parent), heading_(new QToolButton(this)), inside_(new QWidget(this)), body_(new QVBoxLayout(inside_)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    heading_->setText(title);
    heading_->setObjectName(name);
    heading_->setAccessibleName(title);
    heading_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    heading_->setAutoRaise(true);
    heading_->setFocusPolicy(Qt::StrongFocus);
    QFont bold = heading_->font();
    bold.setBold(true);
    heading_->setFont(bold);
    body_->setContentsMargins(0, 0, 0, 4);
    body_->setSpacing(8);
    column->addWidget(heading_, 0, Qt::AlignLeft);
    column->addWidget(inside_);
    connect(heading_, &QToolButton::clicked, this, [this] { set_open(!is_open()); });
    set_open(open);
}

bool Fold::is_open() const { return heading_->arrowType() == Qt::DownArrow; }

// Not a checked button: those look pressed in.
void Fold::set_open(bool open) {
    heading_->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
    heading_->setAccessibleDescription(open ? tr("open") : tr("folded away"));
    inside_->setVisible(open);
    emit toggled(open);
}

}  // namespace moeplan
