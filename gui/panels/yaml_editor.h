#pragma once
// A text field for YAML: line numbers, light colouring, lines that are marked as wrong with what is wrong about them.

#include <map>

#include <QPlainTextEdit>

class QSyntaxHighlighter;

namespace moeplan {

class YamlEditor : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit YamlEditor(QWidget* parent = nullptr);

    // By line, from 1; shown under the text and as tooltips.
    void set_wrong_lines(const std::map<int, QString>& wrong);
    void go_to(int line);
    // Another text with the caret and the view where they were; the editor's own undo brings back what was there.
    void replace_text(const QString& text);

    int margin_width() const;
    void paint_margin(QPaintEvent* event);

signals:
    void apply_wanted();   // Ctrl+Enter

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    void place_margin();
    void mark_lines();
    int line_at(const QPoint& position) const;

    QWidget* margin_;
    QSyntaxHighlighter* highlighter_ = nullptr;
    std::map<int, QString> wrong_;
};

}  // namespace moeplan
