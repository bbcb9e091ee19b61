// How long the real window takes: a slider's tick until the new answer is on the screen, and how late the window's thread
// hears anything while a million requests are simulated. Prints tables; docs/desktop.md quotes them with the machine.
//
//   window_bench [slider] [simulation]        both without an argument

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include <QApplication>
#include <QEvent>
#include <QEventLoop>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include "gui/plots/picture_plot.h"
#include "gui/session/session.h"
#include "gui/window/main_window.h"

using namespace moeplan;

namespace {

constexpr int kTicks = 120;          // of each slider, end to end and back
constexpr int kPatience = 5'000;     // milliseconds

double now_ms() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double share(std::vector<double> values, double at) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    return values[std::min(values.size() - 1, static_cast<std::size_t>(at * static_cast<double>(values.size())))];
}

// When pictures were last painted: whatever lies inside a PicturePlot.
class PaintWatch : public QObject {
public:
    double last = 0;

protected:
    bool eventFilter(QObject* object, QEvent* event) override {
        if (event->type() != QEvent::Paint) return false;
        for (QObject* at = object; at; at = at->parent()) {
            if (qobject_cast<PicturePlot*>(at)) last = now_ms();
        }
        return false;
    }
};

std::string study(const std::string& name) { return std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/" + name; }

void sixty_four_batches(Session& session) {
    session.edit("sweep", [](Scenario& s) {
        s.sweep.clear();
        SweepAxis axis;
        axis.name = "batch";
        for (int i = 1; i <= 64; ++i) axis.values.push_back(std::to_string(4 * i));
        s.sweep.push_back(axis);
        s.routing = ZipfRouting{0.6};   // a recording has no skew to move
    });
}

bool wait_for_answer(Session& session) {
    return QTest::qWaitFor([&] { return session.is_current() && !session.answering(); }, kPatience);
}

// Milliseconds from a tick to the last paint of its answer; negative when there was nothing to answer, or no answer.
double one_tick(Session& session, QSlider& slider, int position, PaintWatch& watch) {
    bool answered = false;
    const auto connection = QObject::connect(&session, &Session::answered, &session, [&] { answered = true; });
    const double start = now_ms();
    slider.setValue(position);
    if (session.is_current() && !session.answering() && !answered) {
        QObject::disconnect(connection);
        return -1;   // rounded to the value it had
    }
    double heard = 0;
    while (now_ms() - start < kPatience) {
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 1);
        if (answered && session.is_current() && heard == 0) heard = now_ms();
        if (!session.answering() && !session.is_current()) break;   // such a study has no answer
        // A picture this edit leaves as it was is not painted again: then the answer itself is the end.
        if (heard > 0 && (watch.last >= heard || now_ms() - heard > 10)) break;
    }
    QObject::disconnect(connection);
    QCoreApplication::sendPostedEvents();
    QCoreApplication::processEvents();
    return heard > 0 ? std::max(watch.last, heard) - start : -1;
}

void print_row(const std::string& name, const std::vector<double>& times) {
    std::printf("%-38s %5zu %8.1f %8.1f %8.1f %8.1f\n", name.c_str(), times.size(), share(times, 0.5), share(times, 0.9), share(times, 0.99),
                times.empty() ? 0 : *std::ranges::max_element(times));
    std::fflush(stdout);
}

int sliders() {
    QTemporaryDir state;
    MainWindow window(builtin_catalog(), state.path());
    window.resize(1280, 800);
    window.show();
    window.open_study(QString::fromStdString(study("mixtral-vs-llama70b.yaml")));
    sixty_four_batches(window.session());
    if (!wait_for_answer(window.session())) return 1;
    PaintWatch watch;
    qApp->installEventFilter(&watch);
    std::printf("Slider tick to new pictures on the screen, milliseconds; two candidates, 64 batch sizes, 1280 x 800\n");
    std::printf("%-38s %5s %8s %8s %8s %8s\n", "slider", "n", "median", "p90", "p99", "worst");
    std::vector<double> all;
    QStringList names;
    for (const QSlider* slider : window.findChildren<QSlider*>()) names << slider->objectName();
    names.sort();
    for (const QString& name : names) {
        auto* slider = window.findChild<QSlider*>(name);
        if (!slider || !slider->isEnabled()) continue;
        const int start = slider->value();
        std::vector<double> times;
        for (int tick = 0; tick < kTicks && slider; ++tick) {
            const int at = tick < kTicks / 2 ? tick : kTicks - tick;
            const int position = slider->minimum() + (slider->maximum() - slider->minimum()) * at * 2 / kTicks;
            if (const double took = one_tick(window.session(), *slider, position, watch); took >= 0) times.push_back(took);
            slider = window.findChild<QSlider*>(name);
        }
        if (slider) one_tick(window.session(), *slider, start, watch);
        if (times.empty()) continue;
        print_row(name.toStdString(), times);
        all.insert(all.end(), times.begin(), times.end());
    }
    print_row("all", all);
    return all.empty() ? 1 : 0;
}

int simulation() {
    QTemporaryDir state;
    MainWindow window(builtin_catalog(), state.path());
    window.resize(1280, 800);
    window.show();
    Session& session = window.session();
    window.open_study(QString::fromStdString(study("simulate-moe-or-dense.yaml")));
    if (!QTest::qWaitFor([&] { return session.is_current() && !session.answering(); }, 120'000)) return 1;
    std::vector<double> late;
    double due = 0;
    QTimer beat;
    beat.setTimerType(Qt::PreciseTimer);
    beat.setInterval(2);
    QObject::connect(&beat, &QTimer::timeout, [&] {
        const double now = now_ms();
        if (due > 0) late.push_back(std::max(0.0, now - due));
        due = now + 2;
    });
    int parts = 0;
    QObject::connect(&session, &Session::partly_answered, [&] { ++parts; });
    beat.start();
    const double start = now_ms();
    session.edit("requests", [](Scenario& s) {
        s.simulate.requests = 1'000'000;   // of a recording of 2,000
        if (s.workload.arrivals) {
            if (auto* trace = std::get_if<TraceArrivals>(&*s.workload.arrivals)) trace->repeat = 500;
        }
        s.simulate.duration.reset();
        for (Candidate& candidate : s.candidates) {
            if (candidate.simulate) candidate.simulate->requests = s.simulate.requests, candidate.simulate->duration.reset();
        }
    });
    QEventLoop loop;   // QTest's waiting sleeps, which would be read as lateness
    QObject::connect(&session, &Session::answering_changed, &loop, [&](bool still) {
        if (!still) loop.quit();
    });
    QTimer::singleShot(300'000, &loop, &QEventLoop::quit);
    loop.exec();
    const bool done = session.is_current();
    std::printf("\nSimulated with intervals in %.1f s, %d partial answers, %s\n", (now_ms() - start) / 1e3, parts, done ? "answered" : "NOT ANSWERED");
    for (const CandidateReport& candidate : session.report()->candidates) {
        if (!candidate.simulation) continue;
        std::printf("%-38s %9llu requests\n", candidate.name.c_str(), static_cast<unsigned long long>(candidate.simulation->counts.arrived));
    }
    std::printf("Lateness of the window's thread meanwhile, milliseconds\n%-38s %5s %8s %8s %8s %8s\n", "", "n", "median", "p90", "p99", "worst");
    print_row("event loop", late);
    return done ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    const std::string what = argc > 1 ? argv[1] : "";
    int failed = 0;
    if (what.empty() || what == "slider") failed += sliders();
    if (what.empty() || what == "simulation") failed += simulation();
    return failed;
}
