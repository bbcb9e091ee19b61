#include "gui/plots/layout_elements.h"

#include <algorithm>

#include "gui/models/text.h"
#include "gui/plots/canvas.h"

namespace moeplan {
namespace {

constexpr int kSample = 22, kGap = 6, kApart = 14;
constexpr int kWrapped = Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignTop;

using Sample = LegendRow::Entry::Sample;

Sample sample_of(const PictureSeries& s) {
    switch (s.mark) {
        case PictureSeries::Mark::dots: return Sample::dots;
        case PictureSeries::Mark::line_and_dots: return Sample::line_and_dots;
        default: return Sample::line;
    }
}

void set_height(QCPLayoutElement& element, int height) {
    element.setMinimumSize(0, height);
    element.setMaximumSize(QWIDGETSIZE_MAX, height);
}

}  // namespace

void TextRow::set(const QString& text, const QFont& font, const QColor& colour) {
    text_ = text;
    font_ = font;
    colour_ = colour;
}

void TextRow::fit(int width) {
    set_height(*this, text_.isEmpty() ? 0 : QFontMetrics(font_).boundingRect(QRect(0, 0, std::max(80, width), 4000), kWrapped, text_).height() + 3);
}

void TextRow::draw(QCPPainter* painter) {
    painter->setFont(font_);
    painter->setPen(colour_);
    painter->drawText(rect(), kWrapped | Qt::TextDontClip, text_);
}

void LegendRow::set(const Picture& picture, const PlotTheme& theme, const std::set<std::string>& hidden) {
    theme_ = theme;
    hidden_ = hidden;
    entries_.clear();
    for (const PictureSeries& s : picture.series) {
        if (s.in_legend && !s.name.empty()) entries_.push_back({s.name, s.colour, sample_of(s), s.dashed, s.dotted, s.shape, {}});
    }
    for (const PictureBars& b : picture.bars) entries_.push_back({b.name, b.colour, b.faint ? Sample::faint_box : Sample::box, false, false, {}, {}});
    for (const auto& [name, colour] : picture.span_names) entries_.push_back({name, colour, Sample::box, false, false, {}, {}});
}

void LegendRow::fit(int width) {
    const QFontMetrics metrics(theme_.small);
    const int height = metrics.height() + 3;
    int x = 0, y = 0;
    for (Entry& e : entries_) {
        const int wide = std::min(width, kSample + kGap + metrics.horizontalAdvance(text_of(e.name)) + 2);
        if (x > 0 && x + wide > width) {
            x = 0;
            y += height;
        }
        e.place = QRect(x, y, wide, height);
        x += wide + kApart;
    }
    set_height(*this, entries_.empty() ? 0 : y + height + 2);
}

const LegendRow::Entry* LegendRow::at(QPoint pixel) const {
    const auto found = std::ranges::find_if(entries_, [&](const Entry& e) { return e.place.translated(rect().topLeft()).contains(pixel); });
    return found == entries_.end() ? nullptr : &*found;
}

void LegendRow::draw_sample(QCPPainter& painter, const Entry& entry, const QRect& box) const {
    const QColor colour = colour_of(entry.colour, theme_);
    const double y = box.center().y() + 0.5;
    if (entry.sample == Sample::box || entry.sample == Sample::faint_box) {
        const QRectF square(box.left() + 5, y - 5, 11, 11);
        if (entry.sample == Sample::box) return painter.fillRect(square, colour);
        painter.setPen(QPen(theme_.muted, 1));
        painter.setBrush(QBrush(theme_.faint, Qt::BDiagPattern));
        return painter.drawRect(square);
    }
    if (entry.sample != Sample::dots) {
        QPen pen(colour, entry.colour == kNeutral ? 1.3 : 1.8);
        if (entry.dashed) pen.setDashPattern({4, 2.5});
        if (entry.dotted) pen.setDashPattern({1.2, 2.2});
        painter.setPen(pen);
        painter.drawLine(QPointF(box.left(), y), QPointF(box.left() + kSample, y));
    }
    if (entry.sample != Sample::line) paint_dot(painter, {box.left() + kSample / 2.0, y}, entry.shape, entry.sample == Sample::dots ? 4 : 2.8, colour, colour);
}

void LegendRow::draw(QCPPainter* painter) {
    painter->setAntialiasing(true);
    const QFontMetrics metrics(theme_.small);
    for (const Entry& e : entries_) {
        const QRect box = e.place.translated(rect().topLeft());
        const bool off = hidden_.contains(e.name);
        painter->setOpacity(off ? 0.4 : 1);
        draw_sample(*painter, e, box);
        QFont font = theme_.small;
        font.setStrikeOut(off);
        painter->setFont(font);
        painter->setPen(theme_.text);
        const QRect words = box.adjusted(kSample + kGap, 0, 2, 0);
        painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(text_of(e.name), Qt::ElideMiddle, words.width()));
        painter->setOpacity(1);
    }
}

}  // namespace moeplan
