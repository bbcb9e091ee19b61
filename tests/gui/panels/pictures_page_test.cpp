#include <algorithm>

#include <QSignalSpy>
#include <QTabWidget>
#include <QTest>

#include "gui/models/pictures.h"
#include "gui/models/text.h"
#include "gui/panels/pictures_page.h"
#include "gui/plots/picture_plot.h"
#include "gui/session/session.h"
#include "tests/support/scratch.h"

using namespace moeplan;

class PicturesPageTest : public QObject {
    Q_OBJECT

private slots:
    void tabs_are_the_catalogs_pages_in_its_order() {
        const Scratch scratch;
        Session session(builtin_catalog(), QString::fromStdString(scratch.path().string()));
        PicturesPage page(session);
        auto* tabs = page.findChild<QTabWidget*>("tabs");
        QStringList wanted;
        for (const PictureEntry& entry : picture_catalog()) {
            const QString name = moeplan::text_of(std::string_view(entry.page));
            if (!wanted.contains(name)) wanted << name;
            QVERIFY(page.picture_widget(moeplan::text_of(std::string_view(entry.id))));
        }
        QStringList there;
        for (int i = 0; i < tabs->count(); ++i) there << tabs->tabText(i);
        QCOMPARE(there, wanted);
        QVERIFY(page.picture_widget("nonsense") == nullptr);
    }

    void an_answer_fills_the_tab_in_sight_and_others_when_they_are_shown() {
        const Scratch scratch;
        Session session(builtin_catalog(), QString::fromStdString(scratch.path().string()));
        PicturesPage page(session);
        page.resize(1000, 800);
        page.show();
        QVERIFY(session.open_example(MOEPLAN_SOURCE_DIR "/scenarios/studies/mixtral-vs-llama70b.yaml"));
        QTRY_VERIFY_WITH_TIMEOUT(session.report() && session.is_current(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(!page.picture_widget("cost_against_batch")->picture().empty(), 5000);
        QVERIFY(page.picture_widget("memory_stacks")->picture().bars.empty());
        page.show_page("Memory");
        QCOMPARE(page.page(), QString("Memory"));
        QVERIFY(!page.picture_widget("memory_stacks")->picture().bars.empty());
        QVERIFY(page.picture_widget("memory_stacks")->isVisible());
    }

    void the_pictures_of_a_page_say_what_they_mean_together_or_not_at_all() {
        const Scratch scratch;
        Session session(builtin_catalog(), QString::fromStdString(scratch.path().string()));
        PicturesPage page(session);
        page.resize(700, 400);
        page.show();
        QVERIFY(session.open_example(MOEPLAN_SOURCE_DIR "/scenarios/studies/mixtral-vs-llama70b.yaml"));
        QTRY_VERIFY_WITH_TIMEOUT(session.report() && session.is_current(), 30000);
        bool none = false, all = false;
        for (int height = 500; height <= 1400; height += 10) {   // from too little room to plenty
            page.resize(700, height);
            QCoreApplication::processEvents();
            std::size_t said = 0, shown = 0;
            for (const char* id : {"cost_against_batch", "tpot_against_batch", "throughput_against_interactivity"}) {
                const PicturePlot* plot = page.picture_widget(id);
                QVERIFY2(plot, id);
                if (!plot->isVisible() || plot->picture().empty()) continue;
                ++shown;
                if (plot->findChild<QWidget*>("meaning")->isVisible()) ++said;
            }
            QVERIFY2(said == 0 || said == shown, qPrintable(QString::number(height)));
            none = none || said == 0;
            all = all || (shown > 0 && said == shown);
        }
        QVERIFY(none);
        QVERIFY(all);
    }

    void one_picture_takes_the_whole_page_and_gives_it_back() {
        const Scratch scratch;
        Session session(builtin_catalog(), QString::fromStdString(scratch.path().string()));
        PicturesPage page(session);
        page.resize(1000, 800);
        page.show();
        QVERIFY(session.open_example(MOEPLAN_SOURCE_DIR "/scenarios/studies/mixtral-vs-llama70b.yaml"));
        QTRY_VERIFY_WITH_TIMEOUT(session.report() && session.is_current(), 30000);
        QTest::keyClick(page.picture_widget("cost_against_batch"), Qt::Key_F);
        QVERIFY(!page.picture_widget("tpot_against_batch")->isVisible());
        QVERIFY(page.picture_widget("cost_against_batch")->height() > 500);
        QTest::keyClick(page.picture_widget("cost_against_batch"), Qt::Key_F);
        QVERIFY(page.picture_widget("tpot_against_batch")->isVisible());
    }

    void pictures_in_sight_are_whole() {
        const Scratch scratch;
        Session session(builtin_catalog(), QString::fromStdString(scratch.path().string()));
        PicturesPage page(session);
        page.resize(590, 760);
        page.show();
        QVERIFY(session.open_example(MOEPLAN_SOURCE_DIR "/scenarios/studies/simulate-bursts.yaml"));
        QTRY_VERIFY_WITH_TIMEOUT(session.report() && session.is_current(), 30000);
        page.show_page("Simulation");
        for (const int height : {760, 500, 900, 640}) {
            page.resize(590, height);
            QCoreApplication::processEvents();
            const QWidget* grid = page.picture_widget("latency_distribution")->parentWidget();
            const int sight = grid->parentWidget()->height();
            QVERIFY(grid->height() > sight);   // there is more to scroll to
            int bottom = 0, below = 0;
            for (const auto* plot : grid->findChildren<PicturePlot*>()) {
                if (plot->isHidden()) continue;
                const QRect place = plot->geometry();
                QVERIFY2(place.top() >= sight || place.bottom() < sight, qPrintable(plot->objectName()));
                (place.top() >= sight ? below : bottom) = std::max(place.top() >= sight ? below : bottom, place.bottom() + 1);
            }
            QVERIFY(below > 0);
            QVERIFY2(sight - bottom < 8, qPrintable(QString::number(sight - bottom)));   // and what is in sight fills it
        }
    }

    void what_is_absent_for_one_reason_is_said_once() {
        const Scratch scratch;
        Session session(builtin_catalog(), QString::fromStdString(scratch.path().string()));
        PicturesPage page(session);
        page.resize(1000, 800);
        page.show();
        QVERIFY(session.open_example(MOEPLAN_SOURCE_DIR "/scenarios/studies/mixtral-vs-llama70b.yaml"));
        QTRY_VERIFY_WITH_TIMEOUT(session.report() && session.is_current(), 30000);
        page.show_page("Simulation");
        QStringList reasons;
        QString titles;
        for (const auto* plot : page.picture_widget("latency_distribution")->parentWidget()->findChildren<PicturePlot*>()) {
            if (plot->isHidden()) continue;
            reasons << QString::fromStdString(plot->picture().nothing);
            titles += QString::fromStdString(plot->picture().title);
        }
        const auto said = reasons.size();
        reasons.removeDuplicates();
        QCOMPARE(reasons.size(), said);
        for (const char* title : {"Requests in the system", "KV cache held"}) QVERIFY2(titles.contains(title), qPrintable(titles));
    }
};

QTEST_MAIN(PicturesPageTest)
#include "pictures_page_test.moc"
