#include "gui/panels/routing_panel.h"

#include <QDragEnterEvent>
#include <QLabel>
#include <QMimeData>
#include <QVBoxLayout>

#include "gui/models/expert_preview.h"
#include "gui/models/fields.h"
#include "gui/models/text.h"
#include "gui/panels/dropped_file.h"
#include "gui/panels/field_form.h"
#include "gui/panels/scroll_column.h"
#include "gui/panels/text_editor.h"
#include "gui/plots/picture_plot.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

constexpr int kPlotHeight = 190;

QLabel* make_words(const char* name, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(name);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

// Routes are recorded line by line; a file of counts is one document or table.
const char* field_for(const QString& file) {
    for (const char* ending : {".jsonl", ".jsonl.gz", ".jsonl.zst"}) {
        if (file.endsWith(ending, Qt::CaseInsensitive)) return "routing.trace";
    }
    return "routing.counts";
}

const std::vector<std::string> kRoutingFiles{".json", ".csv", ".jsonl", ".jsonl.gz", ".jsonl.zst"};

}  // namespace

RoutingPanel::RoutingPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      form_(nullptr),
      own_(make_words("routing.own", this)),
      words_(make_words("routing.words", this)),
      plot_(new PicturePlot(this)) {
    setObjectName("routing");
    setAcceptDrops(true);
    QVBoxLayout* column = make_scroll_column(this);
    column->addWidget(own_);
    auto* skew = new FieldForm(session, 0, this);
    skew->add({"routing.kind", "routing.alpha", "routing.kappa"});
    column->addWidget(skew);
    plot_->setObjectName("routing.picture");
    plot_->setAccessibleName(tr("loads of the experts"));
    plot_->setFixedHeight(kPlotHeight);
    column->addWidget(plot_);
    column->addWidget(words_);
    form_ = new FieldForm(session, 0, this);
    form_->add({"routing.placement", "routing.redundant"});
    form_->begin_fold(tr("Recorded routing"), "routing.files_fold", false);
    form_->add({"routing.counts", "routing.trace"});
    form_->end_fold();
    column->addWidget(form_);
    column->addStretch(1);
    connect(&session, &Session::scenario_changed, this, &RoutingPanel::follow);
    connect(&session, &Session::answered, this, [this] {
        stale_ = true;
        if (isVisible()) show_loads();
    });
    follow();
    show_loads();
}

QSize RoutingPanel::sizeHint() const { return {330, 480}; }

void RoutingPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (stale_) show_loads();
}

void RoutingPanel::follow() {
    QStringList names;
    for (const auto& candidate : session_.scenario().candidates) {
        if (candidate.routing || candidate.placement) names << text_of(candidate.name);
    }
    const QString text =
        names.isEmpty() ? QString() : tr("With a routing or placement of their own, as the study's text says: %1.").arg(names.join(", "));
    if (own_->text() != text) own_->setText(text);
    own_->setVisible(!names.isEmpty());
}

void RoutingPanel::show_loads() {
    stale_ = false;
    const auto report = session_.report();
    ExpertPreview preview;
    if (report) preview = expert_preview(*report);
    else preview.picture.nothing = "Drawn with the first answer.";
    plot_->show_picture(preview.picture);
    words_->setText(text_of(preview.words));
    words_->setVisible(!preview.words.empty());
}

void RoutingPanel::dragEnterEvent(QDragEnterEvent* event) {
    if (!dropped_file(*event->mimeData(), kRoutingFiles).isEmpty()) event->acceptProposedAction();
}

void RoutingPanel::dropEvent(QDropEvent* event) {
    const QString file = dropped_file(*event->mimeData(), kRoutingFiles);
    form_->reveal(field_for(file));
    static_cast<TextEditor*>(form_->editor(field_for(file)))->take(file);
    event->acceptProposedAction();
}

}  // namespace moeplan
