#include "gui/panels/study_text_panel.h"

#include <map>

#include <QFileInfo>
#include <QLabel>
#include <QVBoxLayout>

#include "gui/models/text.h"
#include "gui/panels/yaml_editor.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

constexpr int kPauseMs = 400;

QString message_of(const Problem& problem) {
    QString text = text_of(problem.what);
    if (!problem.hint.empty()) text += "; " + text_of(problem.hint);
    return text;
}

}  // namespace

StudyTextPanel::StudyTextPanel(Session& session, QWidget* parent)
    : QWidget(parent), session_(session), editor_(new YamlEditor), message_(new QLabel) {
    setObjectName("study_text");
    editor_->setObjectName("study_text.editor");
    editor_->setAccessibleName(tr("The study as text; Ctrl+Enter applies it"));
    editor_->setPlaceholderText(tr("A study in YAML"));
    message_->setObjectName("study_text.message");
    message_->setWordWrap(true);
    message_->setMargin(4);
    message_->hide();
    setFocusProxy(editor_);
    editor_->installEventFilter(this);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(message_);
    column->addWidget(editor_);
    pause_.setSingleShot(true);
    pause_.setInterval(kPauseMs);
    connect(&pause_, &QTimer::timeout, this, &StudyTextPanel::take_typed);
    connect(editor_, &YamlEditor::apply_wanted, this, &StudyTextPanel::take_typed);
    // Also told when only colours change, with a text that may be older than the study.
    connect(editor_, &QPlainTextEdit::textChanged, this, [this] {
        if (editor_->toPlainText() != known_) pause_.start();
    });
    const auto changed = [this] {
        if (applying_) return;
        stale_ = true;
        if (isVisible()) show_text();
    };
    connect(&session, &Session::scenario_changed, this, changed);
    connect(&session, &Session::problems_changed, this, [this, changed] {
        if (session_.draft() && !session_.draft()->file.isEmpty()) changed();
        if (isVisible()) show_problems();
    });
}

void StudyTextPanel::go_to(int line) {
    show_text();
    editor_->go_to(line);
}

void StudyTextPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    show_text();
    show_problems();
}

// Whoever leaves the text is about to change the study elsewhere: what was typed comes first.
bool StudyTextPanel::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FocusOut && pause_.isActive()) take_typed();
    return QWidget::eventFilter(watched, event);
}

void StudyTextPanel::take_typed() {
    pause_.stop();
    const QString text = editor_->toPlainText();
    if (text == known_ || (!session_.has_study() && text.trimmed().isEmpty())) return;
    known_ = text;
    applying_ = true;
    session_.set_text(text);
    applying_ = false;
    show_problems();
}

void StudyTextPanel::show_text() {
    if (!stale_) return;
    stale_ = false;
    known_ = session_.draft() ? session_.draft()->yaml : session_.has_study() ? session_.text() : QString();
    editor_->replace_text(known_);
    known_ = editor_->toPlainText();   // as the editor gives it back: one kind of line ends
    pause_.stop();   // nobody typed this
    show_problems();
}

void StudyTextPanel::show_problems() {
    std::map<int, QString> wrong;
    QString elsewhere;
    for (const Problem& problem : session_.problems()) {
        const auto line = session_.line_of(problem);
        if (!line) {
            if (elsewhere.isEmpty()) elsewhere = message_of(problem);
            continue;
        }
        QString& message = wrong[*line];
        message += (message.isEmpty() ? "" : "\n") + message_of(problem);
    }
    editor_->set_wrong_lines(wrong);
    QString text;
    if (session_.draft() && !session_.draft()->file.isEmpty())
        text = tr("%1 cannot be read as it is. ").arg(QFileInfo(session_.draft()->file).fileName());
    if (!wrong.empty()) text += tr("Line %1: %2").arg(wrong.begin()->first).arg(wrong.begin()->second.section('\n', 0, 0));
    else text += elsewhere;
    message_->setText(text);
    message_->setVisible(!text.isEmpty());
}

}  // namespace moeplan
