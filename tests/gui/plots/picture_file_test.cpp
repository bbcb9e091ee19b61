#include <QFontDatabase>
#include <QImage>
#include <QPainter>
#include <QRegularExpression>
#include <QSvgRenderer>
#include <QTest>

#include "gui/models/pictures.h"
#include "gui/plots/picture_file.h"
#include "gui/plots/report_document.h"
#include "tests/support/example_simulation.h"

using namespace moeplan;

namespace {

Picture cost() { return find_picture("cost_against_batch")->make(example_report()); }

QByteArray bytes_of(const Picture& picture, const std::string& format, PictureFileOptions options = {}) {
    const auto bytes = picture_bytes(picture, format, options);
    return bytes ? *bytes : QByteArray();
}

int pixels_like(const QImage& image, const QColor& colour) {
    int count = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) count += image.pixelColor(x, y) == colour;
    }
    return count;
}

}  // namespace

class PictureFileTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(!QFontDatabase::families().isEmpty()); }

    void a_png_has_its_size_times_its_scale_and_both_candidates_colours() {
        PictureFileOptions options;
        options.size = {640, 400};
        options.scale = 2;
        QImage image;
        QVERIFY(image.loadFromData(bytes_of(cost(), "png", options)));
        QCOMPARE(image.size(), QSize(1280, 800));
        QVERIFY(pixels_like(image, QColor(0x00, 0x72, 0xb2)) > 200);
        QVERIFY(pixels_like(image, QColor(0xe6, 0x9f, 0x00)) > 200);
        QVERIFY(pixels_like(image, Qt::white) > image.width() * image.height() / 3);
    }

    void a_line_of_many_points_has_no_dots_but_odd_ones() {
        const auto dots = [](int points, bool odd) {
            Picture picture = cost();
            picture.markers.clear();
            picture.series.resize(1);
            PicturePoint like = picture.series[0].points[0];
            picture.series[0].points.clear();
            for (int i = 0; i < points; ++i) {
                like.x = 1 + i;
                like.odd = odd && i == 50;
                picture.series[0].points.push_back(like);
            }
            return bytes_of(picture, "svg").count("<circle");
        };
        const auto legend = dots(60, false);
        QVERIFY(legend <= 1);
        QCOMPARE(dots(30, false), legend + 30);
        QCOMPARE(dots(60, true), legend + 1);
    }

    void a_dark_picture_is_dark() {
        PictureFileOptions options;
        options.look = Look::dark;
        QImage image;
        QVERIFY(image.loadFromData(bytes_of(cost(), "png", options)));
        QVERIFY(image.pixelColor(3, 3).lightness() < 60);
    }

    void an_svg_keeps_its_text_and_has_no_names_of_its_own() {
        const QByteArray svg = bytes_of(cost(), "svg");
        QVERIFY(QSvgRenderer(svg).isValid());
        for (const char* words : {"mixtral", "dense", "crossover 7.1", "the study", "sequences at a time", ">128<"}) QVERIFY2(svg.contains(words), words);
        for (const QRegularExpressionMatch& id : QRegularExpression("\\bid=\"([^\"]*)\"").globalMatch(QString::fromUtf8(svg))) {
            QVERIFY(id.captured(1).startsWith("cost_against_batch-"));
        }
        QVERIFY(svg.contains("sans-serif"));
        QVERIFY(svg.contains("viewBox=\"0 0 800 480\""));
    }

    void an_svg_lets_the_page_shine_through() {
        QImage image(800, 480, QImage::Format_ARGB32);
        image.fill(Qt::transparent);
        QPainter painter(&image);
        QSvgRenderer(bytes_of(cost(), "svg")).render(&painter);
        painter.end();
        QCOMPARE(image.pixelColor(2, 2).alpha(), 0);
        QVERIFY(pixels_like(image, Qt::transparent) > 100'000);
    }

    void a_pdf_is_one_and_numbers_are_csv() {
        QVERIFY(bytes_of(cost(), "pdf").startsWith("%PDF"));
        QCOMPARE(bytes_of(cost(), "csv").toStdString(), picture_csv(cost()));
    }

    void the_same_picture_gives_the_same_bytes() {
        QCOMPARE(bytes_of(cost(), "svg"), bytes_of(cost(), "svg"));
        QCOMPARE(bytes_of(cost(), "png"), bytes_of(cost(), "png"));
    }

    void every_picture_of_a_simulated_report_is_drawn_light_and_dark() {
        const Report report = simulated_report();
        int drawn = 0;
        for (const PictureEntry& entry : picture_catalog()) {
            for (const Look look : {Look::light, Look::dark}) {
                PictureFileOptions options;
                options.look = look;
                QVERIFY(QSvgRenderer(bytes_of(entry.make(report), "svg", options)).isValid());
                ++drawn;
            }
        }
        QVERIFY(drawn >= 26);
    }

    void what_cannot_be_drawn_is_refused_with_what_was_expected() {
        PictureFileOptions small;
        small.size = {20, 10};
        const auto wrong = picture_bytes(cost(), "svgg", small);
        QVERIFY(!wrong.has_value());
        QCOMPARE(wrong.error().size(), std::size_t{2});
        QVERIFY(wrong.error()[0].hint.find("'svg'") != std::string::npos);
        QVERIFY(wrong.error()[1].what.find("20x10") != std::string::npos);
    }

    void a_report_is_a_document_with_its_pictures() {
        const QByteArray with = report_pdf(simulated_report()), without = report_pdf({});
        QVERIFY(with.startsWith("%PDF"));
        QVERIFY(without.startsWith("%PDF"));
        QVERIFY(with.count("/Type /Page\n") > without.count("/Type /Page\n") + 2);
    }
};

QTEST_MAIN(PictureFileTest)
#include "picture_file_test.moc"
