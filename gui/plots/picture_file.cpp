#include "gui/plots/picture_file.h"

#include <algorithm>

#include <QBuffer>
#include <QImage>
#include <QPageSize>
#include <QPdfWriter>
#include <QRegularExpression>
#include <QSvgGenerator>
#include <qcustomplot.h>

#include "core/base/nearest.h"
#include "gui/models/text.h"
#include "gui/plots/drawing.h"
#include "gui/plots/paint_picture.h"

namespace moeplan {
namespace {

constexpr QSize kLeast{240, 160}, kMost{20000, 20000};
const std::vector<std::string>& formats() {
    static const std::vector<std::string> names{"png", "svg", "pdf", "csv"};
    return names;
}

Problems wrong_with(const std::string& format, const PictureFileOptions& options) {
    Problems problems;
    if (std::ranges::find(formats(), format) == formats().end()) {
        problems.push_back({{}, {}, "'" + format + "' is not a format of pictures; expected " + one_of(formats()), did_you_mean(format, formats())});
    }
    const QSize s = options.size;
    if (s.width() < kLeast.width() || s.height() < kLeast.height() || s.width() > kMost.width() || s.height() > kMost.height()) {
        problems.push_back({{}, {}, QString("a picture of %1x%2 is not possible; expected %3x%4 to %5x%6").arg(s.width()).arg(s.height()).arg(kLeast.width()).arg(kLeast.height()).arg(kMost.width()).arg(kMost.height()).toStdString(), {}});
    }
    if (!(options.scale >= 0.25 && options.scale <= 8)) problems.push_back({{}, {}, "a scale is from 0.25 to 8", {}});
    return problems;
}

QByteArray png(const Picture& picture, const PictureFileOptions& options) {
    QImage image((QSizeF(options.size) * options.scale).toSize(), QImage::Format_ARGB32_Premultiplied);
    image.fill(theme_of(options.look).background);
    QCPPainter painter(&image);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.scale(options.scale, options.scale);
    paint_picture(painter, picture, options, false);
    painter.end();
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

// Sizes in pixels, letters that every machine has, and no names that could clash with those of a page around it.
QByteArray tidied(QByteArray svg, const Picture& picture, QSize size) {
    QString text = QString::fromUtf8(svg);
    text.replace(QRegularExpression(R"re(<svg width="[^"]*" height="[^"]*")re"), QString(R"(<svg width="%1" height="%2")").arg(size.width()).arg(size.height()));
    text.replace(QRegularExpression(R"re(font-family="DejaVu Sans")re"), R"(font-family="DejaVu Sans, Verdana, sans-serif")");
    text.remove(QRegularExpression(R"re(<g [^>]*>\s*</g>\s*)re"));   // one for every change of pen, most of them empty
    const QString prefix = text_of(picture.id) + "-";
    text.replace(QRegularExpression(R"re(\b(xml:)?id="([^"]+)")re"), R"(id=")" + prefix + R"(\2")");
    text.replace(QRegularExpression(R"re(url\(#)re"), "url(#" + prefix);
    text.replace(QRegularExpression(R"re(xlink:href="#)re"), R"(xlink:href="#)" + prefix);
    return text.toUtf8();
}

QByteArray svg(const Picture& picture, const PictureFileOptions& options) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(96);
    generator.setSize(options.size);
    generator.setViewBox(QRect(QPoint(0, 0), options.size));
    generator.setTitle(text_of(picture.title));
    generator.setDescription(text_of(picture.empty() ? picture.nothing : picture.meaning));
    QCPPainter painter(&generator);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    paint_picture(painter, picture, options, true);
    painter.end();
    return tidied(bytes, picture, options.size);
}

QByteArray pdf(const Picture& picture, const PictureFileOptions& options) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setCreator("moeplan");
    writer.setTitle(text_of(picture.title));
    writer.setResolution(720);   // finer than the letters' grid
    writer.setPageSize(QPageSize(QSizeF(options.size), QPageSize::Point, {}, QPageSize::ExactMatch));
    writer.setPageMargins(QMarginsF());
    QCPPainter painter(&writer);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.scale(10, 10);
    paint_picture(painter, picture, options, options.look == Look::light);
    painter.end();
    return bytes;
}

}  // namespace

void paint_picture(QCPPainter& painter, const Picture& picture, const PictureFileOptions& options, bool transparent) {
    QCustomPlot plot;
    plot.setAttribute(Qt::WA_DontShowOnScreen);
    PictureDrawing drawing(plot);
    PlotTheme theme = theme_of(options.look);
    if (transparent) theme.background.setAlpha(0);
    plot.plotLayout()->setMargins(QMargins(12, 10, 10, 8));
    plot.setViewport(QRect(QPoint(0, 0), options.size));
    drawing.show(picture, theme, options.title);
    drawing.fit(options.size.width());
    plot.toPainter(&painter, options.size.width(), options.size.height());
}

Result<QByteArray> picture_bytes(const Picture& picture, const std::string& format, const PictureFileOptions& options) {
    if (Problems problems = wrong_with(format, options); !problems.empty()) return fail(std::move(problems));
    if (format == "csv") return QByteArray::fromStdString(picture_csv(picture));
    if (format == "svg") return svg(picture, options);
    if (format == "pdf") return pdf(picture, options);
    return png(picture, options);
}

}  // namespace moeplan
