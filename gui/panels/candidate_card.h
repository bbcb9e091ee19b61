#pragma once
// One candidate: its colour in the pictures, name, model, hardware, format, engine; rare terms fold away.

#include <cstddef>

#include <QWidget>

class QToolButton;

namespace moeplan {

class FieldForm;
class Fold;
class ModelPicker;
class Session;
class TextEditor;

class CandidateCard : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it; the study has a candidate `index`.
    CandidateCard(Session& session, std::size_t index, QWidget* parent = nullptr);

    // Follows the study: also how many candidates there are.
    void refresh();
    bool is_open() const;
    void set_open(bool open);
    void focus_name();
    // A model's file, dropped or chosen.
    bool take_model(const QString& file);

signals:
    void duplicate_wanted(std::size_t index);
    void move_wanted(std::size_t index, int by);
    void remove_wanted(std::size_t index);

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* make_heading();
    void give_names(QToolButton& button, const QString& what, const char* name);
    void make_actions();
    void make_fields();

    Session& session_;
    const std::size_t index_;
    TextEditor* name_ = nullptr;
    QToolButton* fold_ = nullptr;
    QToolButton *up_ = nullptr, *down_ = nullptr, *remove_ = nullptr;
    QWidget* inside_ = nullptr;
    ModelPicker* model_ = nullptr;
    FieldForm* form_ = nullptr;
    bool dragged_over_ = false;
};

}  // namespace moeplan
