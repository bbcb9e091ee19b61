#include "gui/panels/workload_panel.h"

#include <QDir>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMimeData>
#include <QVBoxLayout>

#include "gui/models/fields.h"
#include "gui/panels/dropped_file.h"
#include "gui/panels/field_form.h"
#include "gui/panels/scroll_column.h"
#include "gui/panels/text_editor.h"
#include "gui/models/text.h"
#include "gui/session/session.h"
#include "sim/trace/trace.h"

namespace moeplan {
namespace {

constexpr qint64 kLargestJson = 8 << 20;   // a document of JSON is read whole: larger ones are the answer's to judge

// The form and the first request: enough to tell a trace from what is none, and quick however long it is.
QString trace_message(const Session& session, const QString& name) {
    const QFileInfo file(QFileInfo(text_of(session.scenario().file)).dir(), name);
    if (file.suffix().compare("json", Qt::CaseInsensitive) == 0 && file.size() > kLargestJson) return {};
    auto stream = TraceStream::open(file.filePath().toStdString());
    Problems problems = stream ? Problems{} : std::move(stream.error());
    if (stream && !stream->next()) problems = stream->problems();
    if (problems.empty()) return {};
    const Problem& first = problems.front();
    return text_of(first.what) + (first.hint.empty() ? QString() : "; " + text_of(first.hint));
}

}  // namespace

WorkloadPanel::WorkloadPanel(Session& session, QWidget* parent) : QWidget(parent), form_(nullptr), trace_(nullptr) {
    setObjectName("workload");
    setAcceptDrops(true);
    QVBoxLayout* column = make_scroll_column(this);
    form_ = new FieldForm(session, 0, this);
    form_->add({"workload.load",      "workload.users",       "workload.batch",      "workload.rate",         "workload.cv",
                "workload.peak",      "workload.period",      "workload.think",      "workload.speed",        "workload.from",
                "workload.to",        "workload.repeat",      "workload.lengths",    "workload.input",        "workload.output",
                "workload.input_low", "workload.input_high",  "workload.output_low", "workload.output_high",  "workload.input_mean",
                "workload.input_cv",  "workload.output_mean", "workload.output_cv",  "workload.prefix_shared",
                "workload.sampling"});
    form_->add({"workload.method", "workload.objective", "simulation.seed"});
    form_->begin_fold(tr("Objectives"), "workload.slo_fold", true);
    form_->add({"workload.slo_ttft", "workload.slo_ttft_at", "workload.slo_tpot", "workload.slo_tpot_at", "workload.slo_e2e",
                "workload.slo_e2e_at"});
    form_->end_fold();
    form_->begin_fold(tr("Against batch"), "workload.sweep_fold", false);
    form_->add({"workload.sweep", "workload.sweep_from", "workload.sweep_to", "workload.sweep_points", "workload.sweep_values"});
    form_->end_fold();
    form_->begin_fold(tr("Recorded requests"), "workload.trace_fold", false);
    form_->add({"workload.trace"});
    form_->end_fold();
    form_->begin_fold(tr("Simulation"), "simulation.fold", true);
    form_->add({"simulation.requests", "simulation.duration", "simulation.warm_up", "simulation.scheduler", "simulation.router",
                "simulation.preemption", "simulation.prefix_cache", "simulation.queue_limit", "simulation.timeout",
                "workload.prefix_tokens", "workload.prefix_groups"});
    form_->end_fold();
    trace_ = static_cast<TextEditor*>(form_->editor("workload.trace"));
    trace_->set_check([&session](const QString& file) { return trace_message(session, file); });
    column->addWidget(form_);
    column->addStretch(1);
}

QSize WorkloadPanel::sizeHint() const { return {330, 560}; }

void WorkloadPanel::dragEnterEvent(QDragEnterEvent* event) {
    if (!dropped_file(*event->mimeData(), find_text_field("workload.trace")->endings).isEmpty()) event->acceptProposedAction();
}

void WorkloadPanel::dropEvent(QDropEvent* event) {
    form_->reveal("workload.trace");
    trace_->take(dropped_file(*event->mimeData(), find_text_field("workload.trace")->endings));
    event->acceptProposedAction();
}

}  // namespace moeplan
