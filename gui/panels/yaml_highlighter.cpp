#include "gui/panels/yaml_highlighter.h"

#include <QPlainTextEdit>
#include <QRegularExpression>

namespace moeplan {

YamlHighlighter::YamlHighlighter(QPlainTextEdit& editor) : QSyntaxHighlighter(editor.document()), editor_(editor) {}

void YamlHighlighter::highlightBlock(const QString& line) {
    static const QRegularExpression key(R"((?<![^\s{,\-\[])([A-Za-z_][\w.\-]*)(?=:(\s|$)))");
    static const QRegularExpression quoted(R"("[^"]*"|'[^']*')");
    static const QRegularExpression comment(R"((^|\s)#.*$)");
    const QPalette& palette = editor_.palette();
    const auto colour = [&](const QRegularExpression& what, const QColor& with) {
        for (auto found = what.globalMatch(line); found.hasNext();) {
            const auto match = found.next();
            setFormat(static_cast<int>(match.capturedStart()), static_cast<int>(match.capturedLength()), with);
        }
    };
    colour(key, palette.color(QPalette::Link));
    colour(quoted, palette.color(QPalette::Text));
    colour(comment, palette.color(QPalette::PlaceholderText));
}

}  // namespace moeplan
