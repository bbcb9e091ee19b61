#pragma once
// Lengths, load or trace, objectives, how it is answered.

#include <QWidget>

namespace moeplan {

class FieldForm;
class Session;
class TextEditor;

class WorkloadPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit WorkloadPanel(Session& session, QWidget* parent = nullptr);

    QSize sizeHint() const override;

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    FieldForm* form_;
    TextEditor* trace_;
};

}  // namespace moeplan
