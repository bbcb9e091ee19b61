#include "gui/panels/field_editor.h"

#include <utility>

#include <QEvent>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>

#include "gui/models/text.h"
#include "gui/panels/message_line.h"

namespace moeplan {
namespace {

// Ignored rather than eaten, so that the scroll area around gets it.
class WheelLeaver : public QObject {
public:
    using QObject::QObject;

protected:
    bool eventFilter(QObject*, QEvent* event) override {
        if (event->type() != QEvent::Wheel) return false;
        event->ignore();
        return true;
    }
};

}  // namespace

QString object_name_of(const std::string& field_id, std::size_t index) {
    constexpr std::string_view kOfCandidates = "candidate.";
    if (!field_id.starts_with(kOfCandidates)) return text_of(field_id);
    return QStringLiteral("candidate[%1].%2").arg(index).arg(text_of(std::string_view(field_id).substr(kOfCandidates.size())));
}

bool leave_undo_to_window(const QLineEdit& line, QEvent* event) {
    if (event->type() != QEvent::ShortcutOverride || line.isModified()) return false;
    const auto* key = static_cast<QKeyEvent*>(event);
    if (!key->matches(QKeySequence::Undo) && !key->matches(QKeySequence::Redo)) return false;
    event->ignore();   // a line takes the key even when it has nothing to take back
    return true;
}

void leave_wheel_to_parent(QWidget* control) {
    control->installEventFilter(new WheelLeaver(control));
    control->setFocusPolicy(Qt::StrongFocus);
}

FieldEditor::FieldEditor(Session& session, std::string id, std::size_t index, QWidget* parent)
    : QWidget(parent), session_(session), id_(std::move(id)), index_(index) {
    setObjectName(object_name_of(id_, index_));
}

QGridLayout* FieldEditor::make_layout(const std::string& label, const std::string& help) {
    auto* grid = grid_ = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(2);
    label_ = new QLabel(text_of(label), this);
    label_->setTextFormat(Qt::PlainText);
    message_ = new MessageLine(MessageLine::Kind::wrong, this);
    message_->setObjectName(name_of_part("message"));
    grid->addWidget(label_, 0, 1, 1, 2);
    grid->addWidget(message_, 2, 1, 1, 2);
    // Rich text wraps; a plain tooltip is one long line.
    setToolTip(QStringLiteral("<qt>%1</qt>").arg(text_of(help).toHtmlEscaped()));
    return grid;
}

void FieldEditor::put_label_beside() {
    grid_->removeWidget(label_);
    grid_->addWidget(label_, 1, 0);
}

void FieldEditor::set_buddy(QWidget* control) { label_->setBuddy(control); }
QString FieldEditor::message() const { return message_->text(); }
void FieldEditor::set_message(const QString& what) { message_->say(what); }

void FieldEditor::set_there(bool there) {
    if (there_ == there) return;
    there_ = there;
    setVisible(there);
}

QString FieldEditor::gesture() const { return QStringLiteral("%1#%2").arg(objectName()).arg(gestures_); }
QString FieldEditor::name_of_part(const char* part) const { return objectName() + QLatin1Char('.') + QLatin1String(part); }

}  // namespace moeplan
