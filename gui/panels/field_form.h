#pragma once
// Fields one under the other, by their ids, with headings and parts that fold away. Follows the study.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace moeplan {

class FieldEditor;
class Fold;
class Session;

class FieldForm : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it. `index`: of the candidate its fields are about.
    explicit FieldForm(Session& session, std::size_t index = 0, QWidget* parent = nullptr);

    // Requires: ids of gui/models/fields.h.
    void add(const std::vector<std::string>& ids);
    // Their labels beside them, all as wide as the widest and as `too`.
    void add_beside(const std::vector<std::string>& ids, QLabel* too = nullptr);
    void add_widget(QWidget* widget);
    // What is added next folds away under this title; `name` is its button's object name. An empty title ends it.
    void begin_fold(const QString& title, const QString& name, bool open);
    void end_fold();

    FieldEditor* editor(const std::string& id) const;   // null when it is not here
    void reveal(const std::string& id);   // opens the fold it lies in
    void refresh();
    void set_spacing(int between_rows);

protected:
    void changeEvent(QEvent* event) override;

private:
    void align_labels();

    Session& session_;
    const std::size_t index_;
    QVBoxLayout* column_;
    QVBoxLayout* into_;
    std::vector<FieldEditor*> editors_;
    std::vector<QLabel*> beside_;
    struct Folded {
        Fold* fold = nullptr;
        std::vector<FieldEditor*> editors{};
        bool always = false;          // holds more than fields
        std::optional<bool> shown{};
    };
    std::vector<Folded> folds_;
    bool folding_ = false;
};

}  // namespace moeplan
