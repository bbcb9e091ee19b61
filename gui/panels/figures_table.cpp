#include "gui/panels/figures_table.h"

#include <algorithm>

#include <QAbstractButton>
#include <QEvent>
#include <QHeaderView>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>

#include "gui/models/metric_table_model.h"

namespace moeplan {
namespace {

constexpr int kLabelWidth = 106, kLeastColumn = 84, kPadding = 4;

QFont smaller(QFont font) {
    font.setPointSizeF(font.pointSizeF() * 0.82);
    return font;
}

class FigureDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyleOptionViewItem background = option;
        initStyleOption(&background, index);
        background.text.clear();
        option.widget->style()->drawControl(QStyle::CE_ItemViewItem, &background, painter, option.widget);
        const QString value = index.data(MetricTableModel::kValue).toString(),
                      interval = index.data(MetricTableModel::kInterval).toString();
        const QRect box = option.rect.adjusted(kPadding, 2, -kPadding, -2);
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        painter->save();
        painter->setFont(option.font);
        painter->setPen(option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text));
        const int line = QFontMetrics(option.font).height();
        const QRect upper = interval.isEmpty() ? box : QRect(box.left(), box.top(), box.width(), line);
        painter->drawText(upper, Qt::AlignRight | Qt::AlignVCenter, value.isEmpty() ? QStringLiteral("–") : value);
        if (!interval.isEmpty()) {
            painter->setFont(smaller(option.font));
            if (!selected) painter->setPen(option.palette.color(QPalette::PlaceholderText));
            painter->drawText(QRect(box.left(), box.top() + line, box.width(), box.height() - line), Qt::AlignRight | Qt::AlignTop,
                              interval);
        }
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QFontMetrics large(option.font), small(smaller(option.font));
        const int width = std::max(large.horizontalAdvance(index.data(MetricTableModel::kValue).toString()),
                                   small.horizontalAdvance(index.data(MetricTableModel::kInterval).toString()));
        return {width + 2 * kPadding, large.height() + small.height() + 6};
    }
};

// Labels, not buttons: nothing is sorted by them.
class FlatHeader : public QHeaderView {
public:
    using QHeaderView::QHeaderView;

protected:
    void paintSection(QPainter* painter, const QRect& box, int section) const override {
        const bool rows = orientation() == Qt::Vertical;
        painter->save();
        painter->fillRect(box, palette().color(rows && section % 2 == 1 ? QPalette::AlternateBase : QPalette::Base));
        QFont font = this->font();
        font.setBold(!rows);
        painter->setFont(font);
        painter->setPen(palette().color(QPalette::Text));
        const QString text = model()->headerData(section, orientation()).toString();
        const QRect place = box.adjusted(kPadding, 0, -kPadding, 0);
        if (rows) painter->drawText(place, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, text);
        else
            painter->drawText(place, Qt::AlignRight | Qt::AlignVCenter,
                              QFontMetrics(font).elidedText(text, Qt::ElideMiddle, place.width()));
        painter->restore();
    }
};

}  // namespace

FiguresTable::FiguresTable(QWidget* parent) : QTableView(parent) {
    setHorizontalHeader(new FlatHeader(Qt::Horizontal, this));
    setVerticalHeader(new FlatHeader(Qt::Vertical, this));
    setCornerButtonEnabled(false);
    if (auto* corner = findChild<QAbstractButton*>()) corner->installEventFilter(this);
    setItemDelegate(new FigureDelegate(this));
    setShowGrid(false);
    setAlternatingRowColors(true);
    setFrameShape(QFrame::NoFrame);
    setSelectionMode(SingleSelection);
    setTabKeyNavigation(false);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollMode(ScrollPerPixel);
    setWordWrap(true);
    verticalHeader()->setFixedWidth(kLabelWidth);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setMinimumSectionSize(kLeastColumn);
    horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void FiguresTable::setModel(QAbstractItemModel* model) {
    QTableView::setModel(model);
    connect(model, &QAbstractItemModel::modelReset, this, &FiguresTable::fit_rows);
    fit_rows();
}

void FiguresTable::fit_rows() {
    const QFontMetrics large(font()), small(smaller(font()));
    verticalHeader()->setDefaultSectionSize(std::max(large.height() + small.height() + 6, 2 * large.height() + 4));
    updateGeometry();
}

QSize FiguresTable::sizeHint() const {
    const int columns = model() ? model()->columnCount() : 0;
    const bool scrolls = kLabelWidth + columns * kLeastColumn > width();
    return {kLabelWidth + columns * kLeastColumn, horizontalHeader()->sizeHint().height() + verticalHeader()->length() +
                                                      (scrolls ? horizontalScrollBar()->sizeHint().height() : 0) + 2};
}

QSize FiguresTable::minimumSizeHint() const { return {kLabelWidth + kLeastColumn, sizeHint().height()}; }

// The corner is a button that nobody needs; it is painted as what is beside it.
bool FiguresTable::eventFilter(QObject* watched, QEvent* event) {
    auto* corner = qobject_cast<QAbstractButton*>(watched);
    if (!corner || event->type() != QEvent::Paint) return QTableView::eventFilter(watched, event);
    QPainter(corner).fillRect(corner->rect(), palette().color(QPalette::Base));
    return true;
}

void FiguresTable::changeEvent(QEvent* event) {
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange) fit_rows();
}

}  // namespace moeplan
