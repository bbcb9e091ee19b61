#include "gui/panels/text_editor.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

#include "gui/models/text.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

constexpr int kMostTyped = 4096;   // a path's

QString filter_of(const std::vector<std::string>& endings) {
    QStringList patterns;
    for (const auto& ending : endings) patterns << "*" + text_of(ending);
    return QObject::tr("Files (%1);;All files (*)").arg(patterns.join(' '));
}

}  // namespace

TextEditor::TextEditor(Session& session, const TextField& field, std::size_t index, bool labelled, QWidget* parent)
    : FieldEditor(session, field.id, index, parent), field_(field), text_(new QLineEdit(this)) {
    QGridLayout* grid = make_layout(labelled ? field.label : std::string(), field.help);
    if (!labelled) this->label()->hide();
    text_->setObjectName(name_of_part("text"));
    text_->setAccessibleName(text_of(field.label));
    text_->setPlaceholderText(text_of(field.example));
    text_->setMaxLength(kMostTyped);
    text_->setAcceptDrops(false);
    text_->installEventFilter(this);
    set_buddy(text_);
    grid->addWidget(text_, 1, 1, 1, field.endings.empty() ? 2 : 1);
    grid->setColumnStretch(1, 1);
    connect(text_, &QLineEdit::editingFinished, this, &TextEditor::take_typed);
    connect(text_, &QLineEdit::textEdited, this, [this] { set_message({}); });
    if (!field.endings.empty()) {
        auto* button = new QToolButton(this);
        button->setText(QStringLiteral("…"));
        button->setObjectName(name_of_part("file"));
        button->setAccessibleName(tr("choose a file for %1").arg(text_of(field.label)));
        button->setToolTip(tr("Choose a file"));
        connect(button, &QToolButton::clicked, this, &TextEditor::choose_file);
        grid->addWidget(button, 1, 2);
    }
    refresh();
}

void TextEditor::take(const QString& text) {
    const std::string value = text.trimmed().toStdString();
    if (value == shown_) return give_back();
    const auto wrong = field_.wrong ? field_.wrong(session_.scenario(), index_, value) : std::nullopt;
    const QString why = wrong ? text_of(*wrong) : check_ ? check_(text.trimmed()) : QString();
    if (!why.isEmpty()) {
        text_->setText(text);
        text_->setModified(true);
        return set_message(why);
    }
    text_->setModified(false);
    set_message({});
    session_.edit(tr("change %1").arg(text_of(field_.label)),
                  [this, &value](Scenario& scenario) { field_.set(scenario, index_, value); });
    refresh();
}

void TextEditor::take_typed() {
    if (text_->isModified()) take(text_->text());
}

void TextEditor::give_back() {
    text_->setModified(false);
    text_->setText(text_of(shown_));
    text_->setCursorPosition(0);   // a long name is known by its beginning
    set_message({});
}

// Its own event loop would keep the rest of the window from being used: it opens beside.
void TextEditor::choose_file() {
    auto* dialog = new QFileDialog(this, tr("Choose a file for %1").arg(text_of(field_.label)), QFileInfo(session_.file()).absolutePath(),
                                   filter_of(field_.endings));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &TextEditor::take);
    dialog->open();
}

bool TextEditor::eventFilter(QObject* watched, QEvent* event) {
    if (leave_undo_to_window(*text_, event)) return true;
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape &&
        (text_->isModified() || !message().isEmpty())) {
        give_back();
        text_->selectAll();
        return true;
    }
    return FieldEditor::eventFilter(watched, event);
}

void TextEditor::refresh() {
    const auto value = field_.get(session_.scenario(), index_);
    set_there(value.has_value());
    if (!value) return;
    const bool typing = text_->isModified() && (text_->hasFocus() || *value == shown_);
    const bool same = *value == shown_ && (typing || text_->text() == text_of(shown_));
    if (same) return;
    shown_ = *value;
    if (!typing) give_back();
}

}  // namespace moeplan
