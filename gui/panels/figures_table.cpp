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
constexpr int kLabelLetters = 13;
constexpr int kMostLines = 5;   // of a name
constexpr double kTight = 0.9;   // of its room, where columns are as wide as they need
constexpr double kTightest = 0.75;   // of the usual size of an interval's letters

QFont smaller(QFont font) {
    font.setPointSizeF(font.pointSizeF() * 0.82);
    return font;
}

// A little smaller where that lets a long interval stand whole.
QFont fitting(QFont font, const QString& text, int width) {
    const int wanted = QFontMetrics(font).horizontalAdvance(text);
    if (wanted > width) font.setPointSizeF(font.pointSizeF() * std::max(kTightest, static_cast<double>(width) / wanted));
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
            painter->setFont(fitting(smaller(option.font), interval, box.width()));
            if (!selected) painter->setPen(option.palette.color(QPalette::PlaceholderText));
            painter->drawText(QRect(box.left(), box.top() + line, box.width(), box.height() - line), Qt::AlignRight | Qt::AlignTop,
                              interval);
        }
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QFontMetrics large(option.font), small(smaller(option.font));
        const double interval = kTight * small.horizontalAdvance(index.data(MetricTableModel::kInterval).toString());
        const int value = large.horizontalAdvance(index.data(MetricTableModel::kValue).toString());
        const int width = std::max(value, static_cast<int>(interval) + 1);
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
        else if (wraps(text, font, place.width())) painter->drawText(place, Qt::AlignRight | Qt::AlignVCenter | Qt::TextWordWrap, text);
        else
            painter->drawText(place, Qt::AlignRight | Qt::AlignVCenter,
                              QFontMetrics(font).elidedText(text, Qt::ElideMiddle, place.width()));
        painter->restore();
    }

    // Room for all lines of a name that is wider than its column.
    QSize sectionSizeFromContents(int section) const override {
        QSize size = QHeaderView::sectionSizeFromContents(section);
        if (orientation() == Qt::Vertical) return size;
        QFont bold = font();
        bold.setBold(true);
        const QFontMetrics metrics(bold);
        const QString text = model()->headerData(section, orientation()).toString();
        const int width = sectionSize(section) - 2 * kPadding;
        const int lines = wraps(text, bold, width) ? wrapped(text, bold, width).height() / metrics.lineSpacing() : 1;
        size.setHeight(std::max(1, lines) * metrics.lineSpacing() + 4);
        return size;
    }

private:
    static QSize wrapped(const QString& text, const QFont& font, int width) {
        return QFontMetrics(font).boundingRect(QRect(0, 0, width, 1000), Qt::AlignRight | Qt::TextWordWrap, text).size();
    }
    static bool wraps(const QString& text, const QFont& font, int width) {
        const QSize needed = wrapped(text, font, width);
        return needed.width() <= width && needed.height() <= kMostLines * QFontMetrics(font).lineSpacing() + 2;
    }
};

}  // namespace

FiguresTable::FiguresTable(QWidget* parent) : QTableView(parent), least_column_(kLeastColumn), bare_column_(kLeastColumn) {
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
    setHorizontalScrollMode(ScrollPerItem);
    setWordWrap(true);
    verticalHeader()->setFixedWidth(kLabelWidth);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setMinimumSectionSize(kLeastColumn);
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void FiguresTable::setModel(QAbstractItemModel* model) {
    QTableView::setModel(model);
    connect(model, &QAbstractItemModel::modelReset, this, &FiguresTable::fit_rows);
    connect(model, &QAbstractItemModel::dataChanged, this, &FiguresTable::fit_columns);
    fit_rows();
}

int FiguresTable::label_width() const {
    return std::clamp(fontMetrics().averageCharWidth() * kLabelLetters, kLabelWidth, std::max(kLabelWidth, width() * 2 / 5));
}

void FiguresTable::fit_rows() {
    const QFontMetrics large(font()), small(smaller(font()));
    int height = std::max(large.height() + small.height() + 6, 2 * large.height() + 4);
    const QRect room(0, 0, label_width() - 2 * kPadding, 1000);
    for (int row = 0; model() && row < model()->rowCount(); ++row) {
        const QString name = model()->headerData(row, Qt::Vertical).toString();
        height = std::max(height, large.boundingRect(room, Qt::AlignLeft | Qt::TextWordWrap, name).height() + 4);
    }
    labels_ = label_width();
    verticalHeader()->setDefaultSectionSize(height);
    fit_columns();
    updateGeometries();
    updateGeometry();
}

int FiguresTable::shown_columns() const {
    const int columns = model() ? model()->columnCount() : 0;
    const int room = width() - label_width();
    const int two = std::min(2, room / bare_column_);   // one alone compares nothing
    return std::clamp(std::max(two, room / least_column_), 1, std::max(1, columns));
}

void FiguresTable::fit_columns() {
    const int columns = model() ? model()->columnCount() : 0;
    if (columns == 0) return;
    least_column_ = bare_column_ = kLeastColumn;
    QStyleOptionViewItem option;
    initViewItemOption(&option);
    const QFontMetrics metrics(option.font);
    for (int row = 0; row < model()->rowCount(); ++row) {
        for (int column = 0; column < columns; ++column) {
            const QModelIndex index = model()->index(row, column);
            least_column_ = std::max(least_column_, itemDelegate()->sizeHint(option, index).width());
            const int value = metrics.horizontalAdvance(index.data(MetricTableModel::kValue).toString());
            bare_column_ = std::max(bare_column_, value + 2 * kPadding);
        }
    }
    const int each = std::max(kLeastColumn, (width() - label_width()) / shown_columns());
    if (horizontalHeader()->defaultSectionSize() != each || horizontalHeader()->sectionSize(0) != each) {
        horizontalHeader()->setDefaultSectionSize(each);
        updateGeometries();   // names may need a line more or less
        updateGeometry();
    }
    const int labels = std::max(label_width(), width() - each * shown_columns());
    if (verticalHeader()->width() != labels) verticalHeader()->setFixedWidth(labels);
}

void FiguresTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    if (labels_ == label_width()) fit_columns();
    else fit_rows();   // names have more room, and may need fewer lines
}

QSize FiguresTable::sizeHint() const {
    const int columns = model() ? model()->columnCount() : 0;
    const bool scrolls = columns > shown_columns();
    return {label_width() + columns * least_column_, horizontalHeader()->sizeHint().height() + verticalHeader()->length() +
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
