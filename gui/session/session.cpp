#include "gui/session/session.h"

#include <QUndoStack>

#include "sim/planner.h"

namespace moeplan {

struct Session::State {
    explicit State(const Catalog& known) : catalog(&known), planner(known) {}

    const Catalog* catalog = nullptr;
    Planner planner;
    Scenario scenario;
    std::shared_ptr<const Report> report;
    Problems problems;
    QUndoStack undo;
    QString file;
};

Session::Session(const Catalog& catalog, const QString&, QObject* parent) : QObject(parent), state_(new State(catalog)) {}
Session::~Session() = default;

const Catalog& Session::catalog() const { return *state_->catalog; }
const Scenario& Session::scenario() const { return state_->scenario; }
std::shared_ptr<const Report> Session::report() const { return state_->report; }
bool Session::is_current() const { return state_->report != nullptr; }
const Problems& Session::problems() const { return state_->problems; }
bool Session::answering() const { return false; }

void Session::edit(const QString&, const std::function<void(Scenario&)>& change, const QString&) {
    change(state_->scenario);
    ask_again();
}

bool Session::set_text(const QString& yaml) {
    auto scenario = parse_scenario(yaml.toStdString(), "study");
    if (!scenario) {
        state_->problems = scenario.error();
        emit problems_changed();
        return false;
    }
    state_->scenario = std::move(*scenario);
    ask_again();
    return true;
}

QString Session::text() const { return QString::fromStdString(save_scenario(state_->scenario)); }
QUndoStack* Session::undo_stack() const { return &state_->undo; }

bool Session::open(const QString& file) {
    auto scenario = load_scenario(file.toStdString());
    if (!scenario) {
        state_->problems = scenario.error();
        emit problems_changed();
        return false;
    }
    state_->scenario = std::move(*scenario);
    state_->file = file;
    emit file_changed();
    ask_again();
    return true;
}

bool Session::open_example(const QString& file) { return open(file); }
void Session::start_new() {}
bool Session::save() { return false; }
bool Session::save_as(const QString&) { return false; }
QString Session::file() const { return state_->file; }
bool Session::is_modified() const { return false; }
QStringList Session::recent_files() const { return {}; }
std::optional<Session::Recovered> Session::recovered() const { return {}; }
void Session::take_recovered() {}
void Session::discard_recovered() {}

void Session::ask_again() {
    RunControl control;
    auto report = state_->planner.answer(state_->scenario, control);
    state_->problems = report ? Problems{} : report.error();
    if (report) state_->report = std::make_shared<const Report>(std::move(*report));
    emit scenario_changed();
    emit problems_changed();
    if (report) emit answered();
}

void Session::cancel() {}

}  // namespace moeplan
