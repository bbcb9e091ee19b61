#pragma once
// Candidates as cards: add, duplicate, reorder, remove; the model by searching the catalog or dropping a file.

#include <cstddef>
#include <vector>

#include <QWidget>

class QVBoxLayout;

namespace moeplan {

class CandidateCard;
class FieldForm;
class MessageLine;
class ModelPicker;
class Session;

class CandidatesPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit CandidatesPanel(Session& session, QWidget* parent = nullptr);

    QSize sizeHint() const override;
    // Another candidate of this model: a name, a file or a folder. False, with what is wrong in place, when it is none.
    bool take_model(const QString& model);

public slots:
    void add_candidate();   // starts the search for its model
    // Of the card that has the focus, else of the last one.
    void duplicate_current();
    void remove_current();
    void move_current(int by);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void follow();
    void make_cards(std::size_t count);
    void add_model(const QString& model);
    void duplicate(std::size_t index);
    void move(std::size_t index, int by);
    void remove(std::size_t index);
    std::size_t current() const;
    void focus_card(std::size_t index);

    Session& session_;
    QVBoxLayout* column_;
    MessageLine* note_;
    std::vector<CandidateCard*> cards_;
    ModelPicker* adder_;
};

}  // namespace moeplan
