#pragma once
// Candidates as cards: add, duplicate, reorder, remove; the model by searching the catalog or dropping a file.

#include <QWidget>

namespace moeplan {

class Session;

class CandidatesPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit CandidatesPanel(Session& session, QWidget* parent = nullptr);

private:
    Session& session_;
};

}  // namespace moeplan
