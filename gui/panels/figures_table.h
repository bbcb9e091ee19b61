#pragma once
// Figures of candidates side by side: the value, its interval smaller beneath. As high as its rows are.
// Columns beyond the room are scrolled to one by one.

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
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fit_rows();
    void fit_columns();   // as many as have room, whole: the others are scrolled to
    int shown_columns() const;
    int label_width() const;   // of the figures' names, by the size of letters

    int labels_ = 0;     // label_width() that rows are high enough for
    int least_column_;   // what its widest figure needs
    int bare_column_;    // the same where intervals are written as small as they may
};

}  // namespace moeplan
