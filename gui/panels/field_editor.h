#pragma once
// What editors of fields share: where they belong, a label, a line for what is wrong, and drags as one undo step.

#include <cstddef>
#include <optional>
#include <string>

#include <QWidget>

class QGridLayout;
class QLabel;
class QLineEdit;

namespace moeplan {

class MessageLine;
class Session;

// "candidate.count" of candidate 0 -> "candidate[0].count"; others as they are.
QString object_name_of(const std::string& field_id, std::size_t index);

class FieldEditor : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it. `index`: of the candidate; 0 for the study's fields.
    FieldEditor(Session& session, std::string id, std::size_t index, QWidget* parent);

    const std::string& id() const { return id_; }
    // Shows what the study says now; hides itself where the field does not apply. Text being typed stays.
    virtual void refresh() = 0;
    // Applies what is typed and not yet taken, as Enter would: somebody is about to save or leave.
    virtual void take_typed() = 0;
    // The study as it is has a place for it.
    bool is_there() const { return there_.value_or(false); }
    // What is wrong with what was typed last; empty when nothing is.
    QString message() const;
    // The label to the left of the control(s), in a column of its own: a row less.
    void put_label_beside();
    QLabel* label() const { return label_; }

protected:
    Session& session_;
    const std::string id_;
    const std::size_t index_;

    // The label above the control(s), which fill columns 1, 2 … of the row beneath it; `help` is everybody's tooltip.
    QGridLayout* make_layout(const std::string& label, const std::string& help);
    void set_buddy(QWidget* control);
    void set_message(const QString& what);
    void set_there(bool there);   // hides what is not
    // Edits within one gesture (a drag, a key held down) are one undo step.
    QString gesture() const;
    void end_gesture() { ++gestures_; }
    QString name_of_part(const char* part) const;

private:
    QGridLayout* grid_ = nullptr;
    QLabel* label_ = nullptr;
    MessageLine* message_ = nullptr;
    int gestures_ = 0;
    std::optional<bool> there_;   // not known before the first refresh
};

// Once a line is taken, Ctrl+Z in it is the study's: called from an event filter, true when the event is dealt with.
bool leave_undo_to_window(const QLineEdit& line, QEvent* event);

// The wheel scrolls the panel: values do not change under a passing pointer.
void leave_wheel_to_parent(QWidget* control);

}  // namespace moeplan
