#include "gui/window/picture_maker.h"

#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QDockWidget>
#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTabWidget>

#include "gui/calibration/calibration_dialog.h"
#include "gui/session/session.h"
#include "gui/window/look.h"
#include "gui/window/main_window.h"

namespace moeplan {
namespace {

constexpr int kLongestWaitMs = 60'000;

void let_draw(int ms) {
    QElapsedTimer clock;
    clock.start();
    do {
        QApplication::processEvents(QEventLoop::AllEvents, 10);
    } while (clock.elapsed() < ms);
}

QString file_name(const QString& page, const QSize& size) {
    return QString(page).toLower().replace(' ', '_') + "-" + look_choice() + QString("-%1x%2.png").arg(size.width()).arg(size.height());
}

class Album {
public:
    Album(MainWindow& window, const QString& folder) : window_(window), folder_(folder) { QDir().mkpath(folder); }

    void take(QWidget& of, const QString& page) {
        let_draw(150);
        const QPixmap picture = of.grab();
        const QString file = QDir(folder_).filePath(file_name(page, picture.size()));
        if (!picture.save(file)) failed_ << file;
    }
    void all_pages() {
        for (const QString& page : pages_of(window_)) {
            if (page.startsWith("panel_") && window_.picture_tabs()) window_.picture_tabs()->setCurrentIndex(0);
            if (page == "calibration") {
                take(window_.open_calibration(), page);
                window_.open_calibration().hide();
            } else if (show_page(window_, page)) {
                take(window_, page);
            }
        }
        arrange_docks(window_, window_.docks());
    }
    const QStringList& failed() const { return failed_; }

private:
    MainWindow& window_;
    QString folder_;
    QStringList failed_;
};

}  // namespace

void wait_for_answer(MainWindow& window) {
    QElapsedTimer clock;
    clock.start();
    while (window.session().answering() && clock.elapsed() < kLongestWaitMs) QApplication::processEvents(QEventLoop::AllEvents, 20);
    let_draw(50);
}

QStringList pages_of(const MainWindow& window) {
    QStringList pages{"start"};
    if (const QTabWidget* tabs = window.picture_tabs()) {
        for (int i = 0; i < tabs->count(); ++i) pages << tabs->tabText(i).remove('&').toLower();
    }
    return pages << "panel_routing" << "panel_money" << "panel_quality" << "panel_study_text" << "problems" << "calibration";
}

bool show_page(MainWindow& window, const QString& page) {
    wait_for_answer(window);
    if (page.compare("start", Qt::CaseInsensitive) == 0) {
        window.show_start_page();
    } else if (page.compare("problems", Qt::CaseInsensitive) == 0) {
        QString broken = window.session().text();
        window.session().set_text(broken.replace("concurrency:", "concurency:").replace("h100_sxm", "h100_smx"));
        window.show_problem_places();
    } else if (page.compare("calibration", Qt::CaseInsensitive) == 0) {
        window.open_calibration();
    } else {
        const QString dock = page.toLower().replace(QRegularExpression("^panel_"), "dock.");
        for (QDockWidget* candidate : window.docks().all) {
            if (candidate->objectName() != dock) continue;
            bring_up(*candidate);
            let_draw(50);
            return true;
        }
        QTabWidget* tabs = window.picture_tabs();
        for (int i = 0; tabs && i < tabs->count(); ++i) {
            if (tabs->tabText(i).remove('&').compare(page, Qt::CaseInsensitive) != 0) continue;
            window.show_pictures();
            tabs->setCurrentIndex(i);
            let_draw(50);
            return true;
        }
        return false;
    }
    let_draw(50);
    return true;
}

QStringList make_pictures(MainWindow& window, const QString& folder, const QString& simulated) {
    Album album(window, folder);
    const QString study = window.session().has_study() ? window.session().text() : QString();
    for (const char* look : {"light", "dark"}) {
        apply_look(look);
        if (study.isEmpty()) window.session().start_new();
        else window.session().set_text(study);
        wait_for_answer(window);
        album.all_pages();
        if (simulated.isEmpty() || !window.session().open_example(simulated)) continue;
        wait_for_answer(window);
        if (show_page(window, "simulation")) album.take(window, "simulated_study");
    }
    return album.failed();
}

}  // namespace moeplan
