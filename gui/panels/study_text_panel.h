#pragma once
// The study as YAML, to be read and typed. What is typed is applied after a pause, or at once by Ctrl+Enter; what cannot be
// read is marked where it stands, and the study stays.

#include <QTimer>
#include <QWidget>

class QLabel;

namespace moeplan {

class Session;
class YamlEditor;

class StudyTextPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit StudyTextPanel(Session& session, QWidget* parent = nullptr);

    void go_to(int line);   // from 1
    void take_typed();       // without waiting for the pause

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void show_text();        // of the session, unless it is what was typed
    void show_problems();

    Session& session_;
    YamlEditor* editor_;
    QLabel* message_;
    QTimer pause_;
    QString known_;          // the text as it was last shown or applied: what differs from it was typed
    bool applying_ = false;
    bool stale_ = true;      // the study has changed since the text was shown
};

}  // namespace moeplan
