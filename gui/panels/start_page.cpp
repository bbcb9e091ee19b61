#include "gui/models/data_folder.h"
#include "gui/panels/start_page.h"

#include <utility>

#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "gui/models/examples.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

constexpr int kFile = Qt::UserRole, kLine = Qt::UserRole + 1;

// What an example is called, and beneath it what it asks.
class ExampleDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QString line = index.data(kLine).toString();
        if (line.isEmpty()) return QStyledItemDelegate::paint(painter, option, index);
        QStyleOptionViewItem background = option;
        initStyleOption(&background, index);
        background.text.clear();
        option.widget->style()->drawControl(QStyle::CE_ItemViewItem, &background, painter, option.widget);
        const QRect box = option.rect.adjusted(kAround, kAround, -kAround, -kAround);
        const QFontMetrics metrics(option.font);
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        const auto write = [&](const QString& text, int row, QPalette::ColorRole role) {
            painter->setPen(option.palette.color(selected ? QPalette::HighlightedText : role));
            const QRect place(box.left(), box.top() + row * metrics.height(), box.width(), metrics.height());
            painter->drawText(place, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(text, Qt::ElideRight, box.width()));
        };
        painter->save();
        painter->setFont(option.font);
        write(index.data().toString(), 0, QPalette::Text);
        write(line, 1, QPalette::PlaceholderText);
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const int rows = index.data(kLine).toString().isEmpty() ? 1 : 2;
        return {100, rows * QFontMetrics(option.font).height() + 2 * kAround + (rows == 1 ? kAround : 0)};
    }

private:
    static constexpr int kAround = 3;
};

QPushButton* big_button(const char* name, const QString& text, const QString& meaning) {
    auto* button = new QPushButton(text);
    button->setObjectName(name);
    button->setAccessibleName(QString(text).remove('&'));
    button->setAccessibleDescription(meaning);
    button->setToolTip(meaning);
    button->setMinimumHeight(button->sizeHint().height() + 10);
    return button;
}

QLabel* heading(const QString& text, double larger) {
    auto* label = new QLabel(text);
    QFont font = label->font();
    font.setPointSizeF(font.pointSizeF() * larger);
    font.setBold(true);
    label->setFont(font);
    label->setWordWrap(true);
    return label;
}

}  // namespace

StartPage::StartPage(Session& session, QWidget* parent)
    : QWidget(parent), session_(session), examples_(new QTreeWidget), recent_(new QListWidget) {
    setObjectName("start");
    examples_->setObjectName("start.examples");
    examples_->setAccessibleName(tr("Examples: studies and claims; Enter opens one as a copy"));
    examples_->setHeaderHidden(true);
    examples_->setRootIsDecorated(true);
    examples_->setItemDelegate(new ExampleDelegate(examples_));
    examples_->setColumnCount(1);
    examples_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    recent_->setObjectName("start.recent");
    recent_->setAccessibleName(tr("Studies opened last; Enter opens one"));
    recent_->setTextElideMode(Qt::ElideMiddle);
    setFocusProxy(examples_);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 18, 24, 18);
    column->setSpacing(10);
    column->addWidget(heading(tr("What will it cost to serve?"), 1.6));
    auto* line = new QLabel(
        tr("Put a mixture of experts and a dense model side by side and move what you are not sure of: users, lengths, GPUs, prices."));
    line->setWordWrap(true);
    column->addWidget(line);
    column->addWidget(make_actions());
    column->addWidget(heading(tr("Examples"), 1.1));
    column->addWidget(examples_, 1);
    connect(examples_, &QTreeWidget::itemClicked, this, [this](QTreeWidgetItem* item) { choose(item); });
    connect(examples_, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) { choose(item); });
    const auto open_recent = [this](const QListWidgetItem* item) { emit file_wanted(item->data(kFile).toString()); };
    connect(recent_, &QListWidget::itemClicked, this, open_recent);
    connect(recent_, &QListWidget::itemActivated, this, open_recent);
    connect(&session, &Session::recent_files_changed, this, &StartPage::fill_recent);
    fill_recent();
}

QWidget* StartPage::make_actions() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* buttons = new QVBoxLayout;
    auto* fresh = big_button("start.new", tr("&Compare a mixture with a dense model"),
                             tr("Mixtral 8x7B against Llama 3 70B on two H100, from one user to 128; change anything"));
    auto* open = big_button("start.open", tr("&Open a study…"), tr("A YAML file"));
    fresh->setDefault(true);
    buttons->addWidget(fresh);
    buttons->addWidget(open);
    buttons->addStretch(1);
    auto* last = new QVBoxLayout;
    auto* label = new QLabel(tr("Opened last"));
    label->setBuddy(recent_);
    last->addWidget(label);
    last->addWidget(recent_);
    recent_->setMaximumHeight(110);
    layout->addLayout(buttons);
    layout->addLayout(last, 1);
    connect(fresh, &QPushButton::clicked, this, &StartPage::new_wanted);
    connect(open, &QPushButton::clicked, this, &StartPage::open_wanted);
    return row;
}

void StartPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (!filled_) QTimer::singleShot(0, this, &StartPage::fill_examples);   // the window first
}

void StartPage::fill_examples() {
    if (std::exchange(filled_, true)) return;
    QTreeWidgetItem* group = nullptr;
    for (const Example& example : read_examples(data_folder() + "/scenarios")) {
        if (!group || group->text(0) != example.group) {
            group = new QTreeWidgetItem(examples_, {example.group});
            QFont bold = font();
            bold.setBold(true);
            group->setFont(0, bold);
            group->setExpanded(true);
        }
        auto* item = new QTreeWidgetItem(group, {example.name});
        item->setData(0, kFile, example.file);
        item->setData(0, kLine, example.line);
        item->setData(0, Qt::AccessibleDescriptionRole, example.line);
        item->setToolTip(0, example.line);
    }
    if (examples_->topLevelItemCount() == 0)
        new QTreeWidgetItem(
            examples_,
            {tr("The examples are not there: they are looked for in share/moeplan beside the program, or where MOEPLAN_DATA says.")});
    const QTreeWidgetItem* first = examples_->topLevelItem(0);
    if (first->childCount() > 0) examples_->setCurrentItem(first->child(0), 0, QItemSelectionModel::NoUpdate);
}

void StartPage::fill_recent() {
    recent_->clear();
    for (const QString& file : session_.recent_files()) {
        auto* item = new QListWidgetItem(QFileInfo(file).fileName() + "   " + QFileInfo(file).path(), recent_);
        item->setData(kFile, file);
        item->setToolTip(file);
    }
    if (recent_->count() == 0) {
        auto* none = new QListWidgetItem(tr("Nothing yet"), recent_);
        none->setFlags(Qt::NoItemFlags);
    }
}

void StartPage::choose(const QTreeWidgetItem* item) {
    const QString file = item->data(0, kFile).toString();
    if (!file.isEmpty()) emit example_wanted(file);
}

}  // namespace moeplan
