#pragma once
// Figures of candidates side by side: the value, its interval smaller beneath. As high as its rows are.

#include <QTableView>

namespace moeplan {

class FiguresTable : public QTableView {
    Q_OBJECT

public:
    explicit FiguresTable(QWidget* parent = nullptr);

    void setModel(QAbstractItemModel* model) override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fit_rows();
};

}  // namespace moeplan
