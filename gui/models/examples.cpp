#include "gui/models/examples.h"

#include <algorithm>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

namespace moeplan {
namespace {

constexpr qint64 kHeadBytes = 4096;

struct Reader { const char* prefix; const char* heading; };
// In the order of the page; a file belongs to the first whose prefix it has.
constexpr Reader kReaders[] = {
    {"mixtral", "For an application team"},      {"application", "For an application team"}, {"consumer", "For one card at home"},
    {"finance", "For finance and procurement"},  {"platform", "For a platform engineer"},    {"serving", "For a serving engineer"},
    {"simulate", "Simulated request by request"}, {"ci", "For a product's continuous integration"}, {"", "Others"},
};

std::size_t reader_of(const QString& file_name) {
    const auto found = std::ranges::find_if(kReaders, [&](const Reader& r) { return file_name.startsWith(QLatin1String(r.prefix)); });
    return static_cast<std::size_t>(found - std::begin(kReaders));
}

// Of "key: value" or "key: "value"" at this indentation.
QString value_of(const QString& text, const char* key) {
    const QRegularExpression line(QString("^%1:[ \\t]*(.*)$").arg(key), QRegularExpression::MultilineOption);
    QString value = line.match(text).captured(1).trimmed();
    if (value.size() > 1 && value.startsWith('"') && value.endsWith('"')) value = value.mid(1, value.size() - 2);
    return value;
}

// What the first paragraph of the leading comment says after the one it is for.
QString question_of(const QString& text) {
    QString paragraph;
    for (const QString& line : text.split('\n')) {
        const QString words = line.mid(1).trimmed();
        if (!line.startsWith('#') || words.isEmpty()) break;
        paragraph += (paragraph.isEmpty() ? "" : " ") + words;
    }
    const qsizetype colon = paragraph.indexOf(": ");
    if (colon > 0 && paragraph.startsWith("For ")) paragraph = paragraph.mid(colon + 2);
    const auto end = QRegularExpression(R"([.?](\s|$))").match(paragraph);
    if (end.hasMatch()) paragraph.truncate(end.capturedStart() + 1);
    paragraph.remove('`');
    if (QRegularExpression("^[a-z]+(\\s|$)").match(paragraph).hasMatch()) paragraph[0] = paragraph[0].toUpper();   // names stay as they are
    return paragraph;
}

QString head_of(const QString& file) {
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? QString::fromUtf8(in.read(kHeadBytes)) : QString();
}

}  // namespace

std::vector<Example> read_examples(const QString& folder) {
    std::vector<std::pair<std::size_t, Example>> studies;
    for (const QFileInfo& file : QDir(folder + "/studies").entryInfoList({"*.yaml"}, QDir::Files, QDir::Name)) {
        const QString head = head_of(file.filePath()), name = value_of(head, "name");
        if (name.isEmpty()) continue;
        const std::size_t reader = reader_of(file.fileName());
        studies.push_back({reader, {file.filePath(), QString::fromUtf8(kReaders[reader].heading), name, question_of(head), 0}});
    }
    std::ranges::stable_sort(studies, {}, [](const auto& s) { return s.first; });
    std::vector<Example> examples, claims;
    for (auto& [reader, example] : studies) examples.push_back(std::move(example));
    for (const QFileInfo& file : QDir(folder + "/claims").entryInfoList({"*.yaml"}, QDir::Files, QDir::Name)) {
        const QString head = head_of(file.filePath());
        const int number = value_of(head, "  number").toInt();
        if (number <= 0) continue;
        claims.push_back({file.filePath(), QString::fromUtf8("Claims, checked"), QString::number(number) + "  " + value_of(head, "  text"),
                          value_of(head, "  found"), number});
    }
    std::ranges::sort(claims, {}, &Example::claim);
    examples.insert(examples.end(), claims.begin(), claims.end());
    return examples;
}

}  // namespace moeplan
