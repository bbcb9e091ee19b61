#pragma once
// Routing skew with a live picture of the expert loads it means; placement.

#include <QWidget>

class QLabel;

namespace moeplan {

class FieldForm;
class PicturePlot;
class Session;

class RoutingPanel : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit RoutingPanel(Session& session, QWidget* parent = nullptr);

    QSize sizeHint() const override;

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void follow();
    void show_loads();

    Session& session_;
    FieldForm* form_;
    QLabel* own_;     // candidates with a routing of their own
    QLabel* words_;
    PicturePlot* plot_;
    bool stale_ = true;   // answered while nobody looked
};

}  // namespace moeplan
