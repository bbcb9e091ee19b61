// A picture as its reader uses it: looks at points, hides names, switches axes, moves about, takes it away.

#include <filesystem>

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QImage>
#include <QLabel>
#include <QMenu>
#include <QSignalSpy>
#include <QTest>
#include <qcustomplot.h>

#include "gui/models/pictures.h"
#include "gui/plots/picture_plot.h"
#include "tests/support/example_report.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

Picture cost() { return find_picture("cost_against_batch")->make(example_report()); }

struct Shown {
    PicturePlot plot;
    explicit Shown(const Picture& picture) {
        plot.resize(600, 400);
        plot.show();
        QSignalSpy drawn(&plot, &PicturePlot::drawn);
        plot.show_picture(picture);
        if (!picture.empty()) drawn.wait(5000);
    }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) { QTest::keyClick(&plot, key, modifiers); }
    QCPRange x() { return plot.findChild<QCustomPlot*>()->xAxis->range(); }
    // Where something is told of "mixtral"; searched, so that the test knows nothing of layouts.
    QPoint find(const QString& words) {
        for (int y = 0; y < plot.height(); y += 4) {
            for (int px = 0; px < plot.width(); px += 4) {
                if (plot.words_at({px, y}).startsWith(words)) return {px, y};
            }
        }
        return {-1, -1};
    }
};

}  // namespace

class PicturePlotTest : public QObject {
    Q_OBJECT

private slots:
    void a_point_tells_its_candidate_place_value_and_interval() {
        Shown shown(cost());
        const QPoint at = shown.find("mixtral");
        QVERIFY(at.x() >= 0);
        const QString words = shown.plot.words_at(at);
        QVERIFY2(words.contains("sequences at a time") && words.contains("$") && words.contains(QString::fromUtf8("–")), qPrintable(words));
    }

    void the_mouse_over_a_point_shows_its_read_out_and_away_hides_it() {
        Shown shown(cost());
        auto* canvas = shown.plot.findChild<QCustomPlot*>();
        auto* read_out = shown.plot.findChild<QLabel*>("read-out");
        QTest::mouseMove(canvas, canvas->mapFrom(&shown.plot, shown.find("dense")));
        QTRY_VERIFY_WITH_TIMEOUT(read_out->isVisible(), 5000);
        QVERIFY(read_out->text().startsWith("dense"));
        QVERIFY(canvas->rect().contains(read_out->geometry()));
        QTest::mouseMove(canvas, QPoint(1, canvas->height() - 2));
        QTRY_VERIFY_WITH_TIMEOUT(!read_out->isVisible(), 5000);
    }

    void a_right_click_anywhere_on_the_picture_opens_its_menu() {
        Shown shown(cost());
        auto* canvas = shown.plot.findChild<QCustomPlot*>();
        QContextMenuEvent click(QContextMenuEvent::Mouse, canvas->rect().center(), canvas->mapToGlobal(canvas->rect().center()));
        QApplication::sendEvent(canvas, &click);
        auto* menu = shown.plot.findChild<QMenu*>();
        QVERIFY(menu);
        QTRY_VERIFY(menu->isVisible());
        QCOMPARE(menu->actions().front()->text(), QString("Copy picture"));
        menu->close();
    }

    void a_hidden_series_is_neither_drawn_nor_told_until_it_is_back() {
        Shown shown(cost());
        shown.key(Qt::Key_1);
        QCOMPARE(shown.plot.hidden_series(), QStringList{"mixtral"});
        QCOMPARE(shown.find("mixtral"), QPoint(-1, -1));
        shown.plot.show_picture(cost());   // a new answer to the same question
        QCOMPARE(shown.plot.hidden_series(), QStringList{"mixtral"});
        shown.key(Qt::Key_1);
        QVERIFY(shown.find("mixtral").x() >= 0);
    }

    void a_click_on_a_name_hides_it() {
        Shown shown(cost());
        auto* canvas = shown.plot.findChild<QCustomPlot*>();
        QTest::mouseClick(canvas, Qt::LeftButton, {}, QPoint(10, 8));
        QCOMPARE(shown.plot.hidden_series(), QStringList{"mixtral"});
    }

    void axes_switch_between_linear_and_logarithmic() {
        Shown shown(cost());
        QVERIFY(shown.plot.is_logarithmic(Qt::Horizontal));
        shown.key(Qt::Key_L);
        QVERIFY(!shown.plot.is_logarithmic(Qt::Horizontal));
        const bool before = shown.plot.is_logarithmic(Qt::Vertical);
        shown.key(Qt::Key_L, Qt::ShiftModifier);
        QVERIFY(shown.plot.is_logarithmic(Qt::Vertical) != before);
        shown.key(Qt::Key_Home);
        QVERIFY(shown.plot.is_logarithmic(Qt::Horizontal));
    }

    void names_have_no_logarithm() {
        Shown shown(find_picture("memory_stacks")->make(example_report()));
        shown.key(Qt::Key_L);
        QVERIFY(!shown.plot.is_logarithmic(Qt::Horizontal));
        QVERIFY(shown.find("kv cache").x() >= 0);
    }

    void zoom_and_place_stay_with_a_new_answer_and_go_with_home() {
        Shown shown(cost());
        const QCPRange all = shown.x();
        shown.key(Qt::Key_Plus);
        shown.key(Qt::Key_Right);
        const QCPRange zoomed = shown.x();
        QVERIFY(zoomed.upper / zoomed.lower < all.upper / all.lower);
        QVERIFY(shown.plot.is_zoomed());
        shown.plot.show_picture(cost());
        QCOMPARE(shown.x(), zoomed);
        shown.key(Qt::Key_Home);
        QCOMPARE(shown.x(), all);
        QVERIFY(!shown.plot.is_zoomed());
        QTest::mouseDClick(shown.plot.findChild<QCustomPlot*>(), Qt::LeftButton, {}, QPoint(300, 200));
        QCOMPARE(shown.x(), all);
    }

    void the_wheel_zooms() {
        Shown shown(cost());
        auto* canvas = shown.plot.findChild<QCustomPlot*>();
        const QCPRange all = shown.x();
        const QPointF middle(300, 200);
        QWheelEvent wheel(middle, canvas->mapToGlobal(middle), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(canvas, &wheel);
        QVERIFY(shown.x().upper < all.upper);
    }

    void another_picture_begins_anew() {
        Shown shown(cost());
        shown.key(Qt::Key_1);
        shown.key(Qt::Key_Plus);
        shown.plot.show_picture(find_picture("tpot_against_batch")->make(example_report()));
        QVERIFY(shown.plot.hidden_series().isEmpty());
        QVERIFY(!shown.plot.is_zoomed());
    }

    void nothing_to_draw_says_why() {
        Picture picture;
        picture.id = "cost_against_batch";
        picture.title = "Cost against batch";
        picture.nothing = "Add a sweep of batch sizes.";
        Shown shown(picture);
        bool said = false;
        for (const QLabel* label : shown.plot.findChildren<QLabel*>()) said = said || (label->isVisible() && label->text() == "Add a sweep of batch sizes.");
        QVERIFY(said);
        QVERIFY(!shown.plot.findChild<QCustomPlot*>()->isVisible());
        shown.plot.show_picture(cost());
        QVERIFY(shown.plot.findChild<QCustomPlot*>()->isVisible());
    }

    void a_picture_is_named_and_told_in_words() {
        Shown shown(cost());
        QCOMPARE(shown.plot.accessibleName(), QString("Cost against batch"));
        QVERIFY(shown.plot.accessibleDescription().contains("crossover"));
    }

    void copies_are_a_picture_or_its_numbers() {
        Shown shown(cost());
        shown.plot.copy_data();
        QCOMPARE(QGuiApplication::clipboard()->text().toStdString().substr(0, 8), std::string("series,x"));
        shown.key(Qt::Key_C, Qt::ControlModifier);
        QVERIFY(!QGuiApplication::clipboard()->image().isNull());
    }

    void exports_follow_the_ending_of_the_name() {
        Shown shown(cost());
        const Scratch scratch;
        for (const char* ending : {"png", "svg", "pdf", "csv"}) {
            const std::string file = scratch.path(std::string("picture.") + ending);
            QVERIFY(shown.plot.export_to(QString::fromStdString(file)).empty());
            QVERIFY(std::filesystem::file_size(file) > 200);
        }
        QCOMPARE(shown.plot.export_to(QString::fromStdString(scratch.path("picture.gif"))).size(), std::size_t{1});
        QCOMPARE(shown.plot.export_to(QString::fromStdString(scratch.path("no/such/folder.png"))).size(), std::size_t{1});
    }

    void a_dark_palette_makes_a_dark_picture() {
        Shown shown(cost());
        QPalette dark;
        dark.setColor(QPalette::Base, QColor(0x20, 0x20, 0x20));
        dark.setColor(QPalette::Text, QColor(0xee, 0xee, 0xee));
        QSignalSpy drawn(&shown.plot, &PicturePlot::drawn);
        shown.plot.setPalette(dark);
        QVERIFY(drawn.wait(5000));
        auto* canvas = shown.plot.findChild<QCustomPlot*>();
        QVERIFY(canvas->grab().toImage().pixelColor(2, canvas->height() - 3).lightness() < 60);
    }

    void many_changes_within_a_frame_are_drawn_once() {
        Shown shown(cost());
        auto* canvas = shown.plot.findChild<QCustomPlot*>();
        QSignalSpy replots(canvas, &QCustomPlot::afterReplot);
        for (int i = 0; i < 20; ++i) shown.plot.show_picture(cost());
        QTRY_VERIFY_WITH_TIMEOUT(replots.count() > 0, 5000);
        QCoreApplication::processEvents();
        QCOMPARE(replots.count(), 1);
    }
};

QTEST_MAIN(PicturePlotTest)
#include "picture_plot_test.moc"
