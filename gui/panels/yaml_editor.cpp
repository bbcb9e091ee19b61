#include "gui/panels/yaml_editor.h"

#include <algorithm>

#include <QFontDatabase>
#include <QHelpEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>
#include <QToolTip>

#include "gui/panels/yaml_highlighter.h"
#include "gui/plots/theme.h"

namespace moeplan {
namespace {

constexpr int kVermillion = 3;   // of Okabe and Ito's colours

class Margin : public QWidget {
public:
    explicit Margin(YamlEditor* editor) : QWidget(editor), editor_(editor) {}
    QSize sizeHint() const override { return {editor_->margin_width(), 0}; }

protected:
    void paintEvent(QPaintEvent* event) override { editor_->paint_margin(event); }

private:
    YamlEditor* editor_;
};

QColor alarm(const QWidget& widget) { return colour_of(kVermillion, theme_of(widget.palette(), widget.font())); }

}  // namespace

YamlEditor::YamlEditor(QWidget* parent) : QPlainTextEdit(parent), margin_(new Margin(this)) {
    QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    fixed.setPointSize(font().pointSize());
    setFont(fixed);
    setLineWrapMode(NoWrap);
    setTabChangesFocus(true);
    margin_->setObjectName("study_text.margin");
    highlighter_ = new YamlHighlighter(*this);
    connect(this, &QPlainTextEdit::blockCountChanged, this, &YamlEditor::place_margin);
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect& area, int dy) {
        if (dy != 0) margin_->scroll(0, dy);
        else margin_->update(0, area.y(), margin_->width(), area.height());
    });
    place_margin();
}

int YamlEditor::margin_width() const {
    const auto digits = static_cast<int>(QString::number(std::max(99, blockCount())).size());
    return 12 + fontMetrics().horizontalAdvance('9') * (digits + 1);
}

void YamlEditor::place_margin() {
    setViewportMargins(margin_width(), 0, 0, 0);
    const QRect inside = contentsRect();
    margin_->setGeometry(inside.left(), inside.top(), margin_width(), inside.height());
}

void YamlEditor::resizeEvent(QResizeEvent* event) {
    QPlainTextEdit::resizeEvent(event);
    place_margin();
}

void YamlEditor::changeEvent(QEvent* event) {
    QPlainTextEdit::changeEvent(event);
    if (event->type() != QEvent::PaletteChange || !highlighter_) return;
    highlighter_->rehighlight();   // colours are the palette's
    mark_lines();
}

void YamlEditor::paint_margin(QPaintEvent* event) {
    QPainter painter(margin_);
    painter.fillRect(event->rect(), palette().color(QPalette::AlternateBase));
    painter.setFont(font());
    const QColor wrong = alarm(*this);
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const QRectF box = blockBoundingGeometry(block).translated(contentOffset());
        if (box.top() > event->rect().bottom()) break;
        const int line = block.blockNumber() + 1;
        const bool is_wrong = wrong_.contains(line);
        painter.setPen(is_wrong ? wrong : palette().color(QPalette::PlaceholderText));
        const QRectF place(0, box.top(), margin_->width() - 6, fontMetrics().height());
        painter.drawText(place, Qt::AlignRight, QString::number(line));
        if (is_wrong) painter.drawText(place.adjusted(4, 0, 0, 0), Qt::AlignLeft, QStringLiteral("!"));
    }
}

void YamlEditor::set_wrong_lines(const std::map<int, QString>& wrong) {
    wrong_ = wrong;
    mark_lines();
    margin_->update();
}

void YamlEditor::mark_lines() {
    QList<QTextEdit::ExtraSelection> marks;
    for (const auto& [line, message] : wrong_) {
        const QTextBlock block = document()->findBlockByNumber(line - 1);
        if (!block.isValid()) continue;
        QTextEdit::ExtraSelection mark;
        mark.cursor = QTextCursor(block);
        mark.cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
        mark.format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        mark.format.setUnderlineColor(alarm(*this));
        marks << mark;
    }
    setExtraSelections(marks);
}

void YamlEditor::go_to(int line) {
    const QTextBlock block = document()->findBlockByNumber(line - 1);
    if (!block.isValid()) return;
    QTextCursor cursor(block);
    setTextCursor(cursor);
    centerCursor();
    setFocus();
}

void YamlEditor::replace_text(const QString& text) {
    if (text == toPlainText()) return;
    const int line = textCursor().blockNumber(), column = textCursor().positionInBlock();
    const QPoint view(horizontalScrollBar()->value(), verticalScrollBar()->value());
    QTextCursor cursor(document());
    cursor.beginEditBlock();
    cursor.select(QTextCursor::Document);
    cursor.insertText(text);
    cursor.endEditBlock();
    const QTextBlock block = document()->findBlockByNumber(std::min(line, blockCount() - 1));
    cursor.setPosition(block.position() + std::min(column, std::max(0, block.length() - 1)));
    setTextCursor(cursor);
    horizontalScrollBar()->setValue(view.x());
    verticalScrollBar()->setValue(view.y());
}

void YamlEditor::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && event->modifiers().testFlag(Qt::ControlModifier)) {
        emit apply_wanted();
        return;
    }
    QPlainTextEdit::keyPressEvent(event);
}

int YamlEditor::line_at(const QPoint& position) const {
    return cursorForPosition(viewport()->mapFromGlobal(mapToGlobal(position))).blockNumber() + 1;
}

bool YamlEditor::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto found = wrong_.find(line_at(help->pos()));
        if (found != wrong_.end()) QToolTip::showText(help->globalPos(), found->second, this);
        else QToolTip::hideText();
        return true;
    }
    return QPlainTextEdit::event(event);
}

}  // namespace moeplan
