#include "gui/plots/picture_plot.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <QActionGroup>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMenu>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "core/base/write_file.h"
#include "gui/models/text.h"
#include "gui/plots/drawing.h"
#include "gui/plots/hover_label.h"
#include "gui/plots/nearest.h"
#include "gui/plots/picture_file.h"

namespace moeplan {
namespace {

constexpr double kPanShare = 0.1, kZoomFactor = 0.8;
constexpr int kLeastPlot = 165, kCategory = 17;   // without title and legend

void set_text(QLabel& label, const QString& text) {
    if (label.text() != text) label.setText(text);
}

void move_axis(QCPAxis& axis, double share) {
    const QCPRange range = axis.range();
    if (axis.scaleType() == QCPAxis::stLogarithmic) axis.setRange(range.lower * std::pow(range.upper / range.lower, share), range.upper * std::pow(range.upper / range.lower, share));
    else axis.moveRange(range.size() * share);
}

}  // namespace

struct PicturePlot::Parts {
    QLabel* title = nullptr;
    QLabel* meaning = nullptr;
    bool meaning_allowed = true;
    QLabel* nothing = nullptr;
    QCustomPlot* plot = nullptr;
    PictureDrawing* drawing = nullptr;
    HoverLabel* read_out = nullptr;
    HoverRing* ring = nullptr;
    bool pressed_legend = false;
    bool fresh = false;   // painted anew, but not on the screen yet
};

PicturePlot::PicturePlot(QWidget* parent) : QWidget(parent), parts_(new Parts) {
    Parts& p = *parts_;
    p.title = new QLabel(this);
    p.meaning = new QLabel(this);
    p.meaning->setObjectName("meaning");
    p.nothing = new QLabel(this);
    p.plot = new QCustomPlot(this);
    p.drawing = new PictureDrawing(*p.plot);
    p.read_out = new HoverLabel(p.plot);
    p.ring = new HoverRing(p.plot);
    QFont bold = p.title->font();
    bold.setBold(true);
    p.title->setFont(bold);
    p.title->installEventFilter(this);
    for (QLabel* label : {p.title, p.meaning, p.nothing}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setMinimumWidth(60);
    }
    for (QLabel* label : {p.title, p.meaning}) {
        QSizePolicy flat = label->sizePolicy();   // room goes to what is drawn, or to why nothing is
        flat.setVerticalPolicy(QSizePolicy::Maximum);
        label->setSizePolicy(flat);
    }
    p.meaning->setForegroundRole(QPalette::PlaceholderText);
    p.nothing->setForegroundRole(QPalette::PlaceholderText);
    p.nothing->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    p.plot->setFocusPolicy(Qt::NoFocus);
    p.plot->installEventFilter(this);
    p.plot->setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 8, 6, 4);
    layout->setSpacing(2);
    layout->addWidget(p.title);
    layout->addWidget(p.meaning);
    layout->addWidget(p.nothing, 1);
    layout->addWidget(p.plot, 1);
    connect(p.plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent* e) { hover(e->pos()); });
    connect(p.plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* e) { if (e->button() == Qt::LeftButton) press(e->pos(), e->modifiers()); });
    connect(p.plot, &QCustomPlot::mouseDoubleClick, this, [this] { if (!parts_->pressed_legend) reset_zoom(); });
    connect(p.plot, &QCustomPlot::mouseRelease, this, [this] { parts_->plot->setInteraction(QCP::iRangeDrag, true); });
    p.plot->setPlottingHint(QCP::phImmediateRefresh, false);   // pictures beside each other reach the screen together
    connect(p.plot, &QCustomPlot::beforeReplot, this, [this] {
        parts_->drawing->fit(parts_->plot->width());
        parts_->fresh = true;
    });
}

PicturePlot::~PicturePlot() = default;

void PicturePlot::show_picture(const Picture& picture) {
    Parts& p = *parts_;
    set_text(*p.title, text_of(picture.title));
    set_text(*p.meaning, text_of(picture.meaning));
    set_text(*p.nothing, text_of(picture.nothing));
    p.title->setToolTip(text_of(picture.meaning));
    p.nothing->setVisible(picture.empty());
    p.plot->setVisible(!picture.empty());
    if (!picture.title.empty()) setAccessibleName(text_of(picture.title));   // else it keeps the name it was given
    setAccessibleDescription(text_of(picture_in_words(picture)));
    p.drawing->show(picture, theme_of(palette(), font()), false);
    place_meaning();
    if (p.read_out->isVisible()) hover(p.plot->mapFromGlobal(QCursor::pos()));
    redraw();
}

const Picture& PicturePlot::picture() const { return parts_->drawing->picture(); }
bool PicturePlot::is_zoomed() const { return parts_->drawing->is_zoomed(); }
bool PicturePlot::is_logarithmic(Qt::Orientation axis) const { return parts_->drawing->is_logarithmic(axis == Qt::Horizontal); }
QSize PicturePlot::sizeHint() const { return {560, 340}; }
QSize PicturePlot::minimumSizeHint() const { return {260, picture().empty() ? 60 : 190}; }

int PicturePlot::least_height(int width) const {
    const int title = parts_->title->fontMetrics().height() + 14;
    if (picture().empty()) return parts_->title->heightForWidth(std::max(100, width - 16)) + 14 + parts_->nothing->heightForWidth(std::max(100, width - 16)) + 2;
    const int categories = picture().sideways ? static_cast<int>(picture().x.categories.size()) * kCategory + 50 : 0;
    return title + parts_->drawing->legend_height(width - 16) + std::max(kLeastPlot, categories) + (picture().spans.empty() ? 0 : static_cast<int>(picture().markers.size()) * 2 * kCategory);
}

QString PicturePlot::words_at(QPoint pixel) const {
    const auto found = nearest_to(parts_->drawing->canvas(), parts_->plot->mapFrom(this, pixel));
    return found ? found->words : QString();
}

QStringList PicturePlot::hidden_series() const {
    QStringList names;
    for (const std::string& name : parts_->drawing->hidden()) names << text_of(name);
    return names;
}

Problems PicturePlot::export_to(const QString& file) const {
    PictureFileOptions options;
    options.size = parts_->plot->size().expandedTo({480, 320});
    options.look = parts_->drawing->theme().dark ? Look::dark : Look::light;
    const auto bytes = picture_bytes(picture(), QFileInfo(file).suffix().toLower().toStdString(), options);
    if (!bytes) return bytes.error();
    return write_file_atomically(file.toStdString(), std::string_view(bytes->constData(), static_cast<std::size_t>(bytes->size())));
}

void PicturePlot::redraw() { parts_->plot->replot(QCustomPlot::rpQueuedReplot); }

void PicturePlot::reset_zoom() {
    parts_->drawing->reset();
    redraw();
}

void PicturePlot::toggle_series(const QString& name) {
    parts_->drawing->toggle(name.toStdString());
    redraw();
}

void PicturePlot::toggle_scale(Qt::Orientation axis) {
    parts_->drawing->toggle_scale(axis == Qt::Horizontal);
    redraw();
}

void PicturePlot::copy_picture() { QGuiApplication::clipboard()->setPixmap(grab()); }
void PicturePlot::copy_data() { QGuiApplication::clipboard()->setText(text_of(picture_csv(picture()))); }

void PicturePlot::choose_export() {
    const QString name = QFileDialog::getSaveFileName(this, tr("Export picture"), text_of(picture().id) + ".png",
                                                      tr("Pictures (*.png *.svg *.pdf);;Numbers (*.csv)"));
    if (name.isEmpty()) return;
    const Problems problems = export_to(name);
    if (!problems.empty()) emit export_failed(text_of(to_text(problems.front())));
}

void PicturePlot::hover(QPoint pixel) {
    Parts& p = *parts_;
    const auto found = nearest_to(p.drawing->canvas(), pixel);
    p.plot->setCursor(p.drawing->legend().at(pixel) ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (!found || QGuiApplication::mouseButtons() != Qt::NoButton) {
        p.read_out->hide();
        p.ring->hide();
        return;
    }
    p.read_out->say(found->words, found->at.toPoint());
    if (found->dot) p.ring->surround(found->at.toPoint());
    else p.ring->hide();
}

void PicturePlot::press(QPoint pixel, Qt::KeyboardModifiers modifiers) {
    Parts& p = *parts_;
    p.read_out->hide();
    p.ring->hide();
    setFocus(Qt::MouseFocusReason);
    p.plot->setSelectionRectMode(modifiers & Qt::ShiftModifier ? QCP::srmZoom : QCP::srmNone);
    const LegendRow::Entry* entry = p.drawing->legend().at(pixel);
    p.pressed_legend = entry != nullptr;
    if (entry) toggle_series(text_of(entry->name));
}

void PicturePlot::pan(double across, double up) {
    if (across != 0) move_axis(*parts_->plot->xAxis, across);
    if (up != 0) move_axis(*parts_->plot->yAxis, up);
    redraw();
}

void PicturePlot::zoom(double factor) {
    parts_->plot->xAxis->scaleRange(factor);
    parts_->plot->yAxis->scaleRange(factor);
    redraw();
}

bool PicturePlot::has_room_for_meaning(QSize size) const {
    return size.height() >= least_height(size.width()) + 3 * fontMetrics().height();
}

void PicturePlot::allow_meaning(bool allowed) {
    parts_->meaning_allowed = allowed;
    place_meaning();
}

void PicturePlot::place_meaning() {
    parts_->meaning->setVisible(!picture().empty() && parts_->meaning_allowed && has_room_for_meaning(size()));
}

void PicturePlot::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() != QEvent::PaletteChange && event->type() != QEvent::FontChange && event->type() != QEvent::StyleChange) return;
    const Picture same = picture();
    parts_->drawing->show(same, theme_of(palette(), font()), false);
    redraw();
}

void PicturePlot::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    place_meaning();
    parts_->read_out->hide();
    parts_->ring->hide();
}

void PicturePlot::leaveEvent(QEvent* event) {
    QWidget::leaveEvent(event);
    parts_->read_out->hide();
    parts_->ring->hide();
}

void PicturePlot::keyPressEvent(QKeyEvent* event) {
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    if (event->matches(QKeySequence::Copy)) return copy_picture();
    if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)) return QWidget::keyPressEvent(event);
    const auto& entries = parts_->drawing->legend().entries();
    const auto nth = static_cast<std::size_t>(event->key() - Qt::Key_1);
    switch (event->key()) {
        case Qt::Key_L: return toggle_scale(shift ? Qt::Vertical : Qt::Horizontal);
        case Qt::Key_Home: return reset_zoom();
        case Qt::Key_Left: return pan(-kPanShare, 0);
        case Qt::Key_Right: return pan(kPanShare, 0);
        case Qt::Key_Up: return pan(0, kPanShare);
        case Qt::Key_Down: return pan(0, -kPanShare);
        case Qt::Key_Plus:
        case Qt::Key_Equal: return zoom(kZoomFactor);
        case Qt::Key_Minus: return zoom(1 / kZoomFactor);
        case Qt::Key_F: return emit maximise_requested();
        default: break;
    }
    if (event->key() >= Qt::Key_1 && event->key() <= Qt::Key_9 && nth < entries.size()) return toggle_series(text_of(entries[nth].name));
    QWidget::keyPressEvent(event);
}

void PicturePlot::fill_menu(QMenu& menu) {
    const PictureDrawing& drawing = *parts_->drawing;
    menu.addAction(tr("Copy picture"), this, &PicturePlot::copy_picture)->setShortcut(QKeySequence::Copy);
    menu.addAction(tr("Copy data"), this, &PicturePlot::copy_data);
    menu.addAction(tr("Export…"), this, &PicturePlot::choose_export);
    menu.addSeparator();
    menu.addAction(tr("Show everything"), this, &PicturePlot::reset_zoom)->setShortcut(Qt::Key_Home);
    for (const Qt::Orientation axis : {Qt::Horizontal, Qt::Vertical}) {
        const bool x = axis == Qt::Horizontal;
        const std::string& label = x ? picture().x.label : picture().y.label;
        QAction* action = menu.addAction(tr("Logarithmic: %1").arg(text_of(label)), this, [this, axis] { toggle_scale(axis); });
        action->setCheckable(true);
        action->setChecked(drawing.is_logarithmic(x));
        action->setVisible(drawing.may_toggle_scale(x));
    }
    menu.addAction(tr("Whole page"), this, &PicturePlot::maximise_requested)->setShortcut(Qt::Key_F);
    menu.addSeparator();
    for (const LegendRow::Entry& entry : parts_->drawing->legend().entries()) {
        const QString name = text_of(entry.name);
        QAction* action = menu.addAction(name, this, [this, name] { toggle_series(name); });
        action->setCheckable(true);
        action->setChecked(!drawing.hidden().contains(entry.name));
    }
}

void PicturePlot::contextMenuEvent(QContextMenuEvent* event) {
    if (picture().empty()) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fill_menu(*menu);
    menu->popup(event->globalPos());
}

bool PicturePlot::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parts_->title && event->type() == QEvent::MouseButtonDblClick) emit maximise_requested();
    // QCustomPlot keeps what the mouse does to itself (Qt::WA_NoMousePropagation), this too.
    if (watched == parts_->plot && event->type() == QEvent::ContextMenu) {
        contextMenuEvent(static_cast<QContextMenuEvent*>(event));
        return true;
    }
    if (watched == parts_->plot && event->type() == QEvent::Paint && std::exchange(parts_->fresh, false)) {
        QMetaObject::invokeMethod(this, &PicturePlot::drawn, Qt::QueuedConnection);
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace moeplan
