#include "gui/panels/workload_panel.h"

#include <QDragEnterEvent>
#include <QMimeData>
#include <QVBoxLayout>

#include "gui/models/fields.h"
#include "gui/panels/dropped_file.h"
#include "gui/panels/field_form.h"
#include "gui/panels/scroll_column.h"
#include "gui/panels/text_editor.h"
#include "gui/session/session.h"

namespace moeplan {

WorkloadPanel::WorkloadPanel(Session& session, QWidget* parent) : QWidget(parent), form_(nullptr) {
    setObjectName("workload");
    setAcceptDrops(true);
    QVBoxLayout* column = make_scroll_column(this);
    form_ = new FieldForm(session, 0, this);
    form_->add({"workload.load",      "workload.users",       "workload.batch",      "workload.rate",         "workload.cv",
                "workload.peak",      "workload.period",      "workload.think",      "workload.speed",        "workload.from",
                "workload.to",        "workload.repeat",      "workload.lengths",    "workload.input",        "workload.output",
                "workload.input_low", "workload.input_high",  "workload.output_low", "workload.output_high",  "workload.input_mean",
                "workload.input_cv",  "workload.output_mean", "workload.output_cv",  "workload.prefix_shared"});
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
    column->addWidget(form_);
    column->addStretch(1);
}

QSize WorkloadPanel::sizeHint() const { return {330, 560}; }

void WorkloadPanel::dragEnterEvent(QDragEnterEvent* event) {
    if (!dropped_file(*event->mimeData(), find_text_field("workload.trace")->endings).isEmpty()) event->acceptProposedAction();
}

void WorkloadPanel::dropEvent(QDropEvent* event) {
    static_cast<TextEditor*>(form_->editor("workload.trace"))
        ->take(dropped_file(*event->mimeData(), find_text_field("workload.trace")->endings));
    event->acceptProposedAction();
}

}  // namespace moeplan
