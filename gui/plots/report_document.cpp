#include "gui/plots/report_document.h"

#include <algorithm>
#include <vector>

#include <QAbstractTextDocumentLayout>
#include <QBuffer>
#include <QPageSize>
#include <QPdfWriter>
#include <QTextDocument>
#include <qcustomplot.h>

#include "gui/models/pictures.h"
#include "gui/models/text.h"
#include "gui/plots/paint_picture.h"
#include "gui/plots/report_html.h"
#include "gui/plots/theme.h"

namespace moeplan {
namespace {

// In points, 72 an inch.
constexpr double kWidth = 595, kHeight = 842, kMargin = 48, kFoot = 30, kGap = 12;
constexpr double kPicture = 228;   // height: three fill a page
constexpr int kFine = 10;          // device units a point

// Fills pages from the top; what does not fit goes onto the next.
class Pages {
public:
    Pages(QPdfWriter& writer, QCPPainter& painter, QString title) : writer_(writer), painter_(painter), title_(std::move(title)) { foot(); }

    double room() const { return kHeight - kMargin - kFoot - top_; }

    void add_text(const QString& html) {
        QTextDocument document;
        document.setDocumentMargin(0);
        document.documentLayout()->setPaintDevice(nullptr);
        QFont font = theme_of(Look::light).font;
        font.setPixelSize(10);
        document.setDefaultFont(font);
        document.setDefaultStyleSheet(text_of(document_style()));
        document.setHtml(html);
        document.setTextWidth(kWidth - 2 * kMargin);
        const double height = document.size().height();
        if (height > room() && top_ > kMargin) turn();
        draw(document, height);
    }

    void add_picture(const Picture& picture, double height) {
        if (height > room()) turn();
        PictureFileOptions options;
        options.size = QSize(static_cast<int>(kWidth - 2 * kMargin), static_cast<int>(height));
        options.look = Look::light;
        painter_.save();
        painter_.translate(kMargin, top_);
        painter_.scale(kShrink, kShrink);
        options.size = QSize(static_cast<int>(options.size.width() / kShrink), static_cast<int>(options.size.height() / kShrink));
        paint_picture(painter_, picture, options, true);
        painter_.restore();
        painter_.setClipping(false);
        top_ += height + kGap;
    }

private:
    static constexpr double kShrink = 0.8;   // letters of a picture beside those of the text

    // Longer than a page: cut between lines of the page's height.
    void draw(QTextDocument& document, double height) {
        double done = 0;
        while (done < height) {
            const double part = std::min(room(), height - done);
            painter_.save();
            painter_.translate(kMargin, top_ - done);
            document.drawContents(&painter_, QRectF(0, done, kWidth - 2 * kMargin, part));
            painter_.restore();
            done += part;
            top_ += part;
            if (done < height) turn();
        }
        top_ += kGap;
    }

    void turn() {
        writer_.newPage();
        ++page_;
        top_ = kMargin;
        foot();
    }

    void foot() {
        const PlotTheme theme = theme_of(Look::light);
        QFont font = theme.small;
        font.setPixelSize(8);
        painter_.setFont(font);
        painter_.setPen(theme.muted);
        const QRectF line(kMargin, kHeight - kMargin, kWidth - 2 * kMargin, 14);
        painter_.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, QFontMetricsF(font).elidedText(title_, Qt::ElideRight, line.width() - 60));
        painter_.drawText(line, Qt::AlignRight | Qt::AlignVCenter, QString::number(page_));
    }

    QPdfWriter& writer_;
    QCPPainter& painter_;
    QString title_;
    double top_ = kMargin;
    int page_ = 1;
};

}  // namespace

QByteArray report_pdf(const Report& report) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setCreator("moeplan");
    writer.setTitle(text_of(report.scenario_name));
    writer.setResolution(72 * kFine);
    writer.setPageSize(QPageSize(QPageSize::A4));
    writer.setPageMargins(QMarginsF());
    QCPPainter painter(&writer);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.scale(kFine, kFine);
    Pages pages(writer, painter, text_of(report.scenario_name));
    for (const std::string& section : document_sections(report)) pages.add_text(text_of(section));
    for (const PictureEntry& entry : picture_catalog()) {
        const Picture picture = entry.make(report);
        if (!picture.empty()) pages.add_picture(picture, kPicture);
    }
    for (const std::string& section : document_appendix(report)) pages.add_text(text_of(section));
    painter.end();
    return bytes;
}

}  // namespace moeplan
