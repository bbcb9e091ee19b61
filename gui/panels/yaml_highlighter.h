#pragma once

#include <QSyntaxHighlighter>

class QPlainTextEdit;

namespace moeplan {

// Keys, comments and quoted text of YAML, in colours of the editor's palette.
class YamlHighlighter : public QSyntaxHighlighter {
public:
    // Belongs to the editor's document.
    explicit YamlHighlighter(QPlainTextEdit& editor);

protected:
    void highlightBlock(const QString& line) override;

private:
    QPlainTextEdit& editor_;
};

}  // namespace moeplan
