#pragma once
// How right the answers are: of all candidates, and of each where it is not as the study says.

#include <cstddef>
#include <vector>

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace moeplan {

class FieldForm;
class Session;

class QualityPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit QualityPanel(Session& session, QWidget* parent = nullptr);

    QSize sizeHint() const override;

private:
    void follow();
    void add_candidate(std::size_t index);

    struct OfCandidate {
        QWidget* all;
        QLabel* name;
    };

    Session& session_;
    QVBoxLayout* column_;
    std::vector<OfCandidate> candidates_;
};

}  // namespace moeplan
