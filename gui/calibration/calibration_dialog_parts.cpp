// The parts of the calibration window, made once.
#include <QCheckBox>
#include <QFileDialog>
#include <QFrame>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QTabWidget>
#include <QTableView>
#include <QTextEdit>

#include "gui/calibration/calibration_dialog.h"
#include "gui/calibration/calibration_setup.h"
#include "gui/calibration/family_table_model.h"
#include "gui/calibration/named_widget.h"
#include "gui/calibration/probe_table_model.h"
#include "gui/plots/picture_plot.h"

namespace moeplan {
namespace {

QTableView* table_of(QAbstractItemModel* model, const char* object_name, const QString& accessible_name) {
    auto* table = named(new QTableView, object_name, accessible_name);
    table->setModel(model);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setAlternatingRowColors(true);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);   // Tab leaves it
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 8);
    return table;
}

QHBoxLayout* line(QWidget* in) {
    auto* layout = new QHBoxLayout(in);
    layout->setContentsMargins(0, 0, 0, 0);
    return layout;
}

}  // namespace

QWidget* CalibrationDialog::make_actions() {
    auto* actions = new QWidget;
    auto* layout = line(actions);
    start_ = named(new QPushButton("&Start"), "calibration_start", "Start measuring into a new journal");
    resume_ = named(new QPushButton("&Resume"), "calibration_resume", "Go on with the journal");
    stop_ = named(new QPushButton("Sto&p"), "calibration_stop", "Stop measuring; the journal stays");
    start_->setDefault(true);
    for (QPushButton* button : {resume_, stop_}) button->setAutoDefault(false);
    bar_ = named(new QProgressBar, "calibration_bar", "Share of the time used");
    bar_->setTextVisible(false);
    state_ = named(new QLabel, "calibration_state", "State of the calibration");
    state_->setMinimumWidth(state_->fontMetrics().averageCharWidth() * 46);
    for (QWidget* widget : std::initializer_list<QWidget*>{start_, resume_, stop_}) layout->addWidget(widget);
    layout->addWidget(bar_, 1);
    layout->addWidget(state_);
    connect(start_, &QPushButton::clicked, this, [this] { start(false); });
    connect(resume_, &QPushButton::clicked, this, [this] { start(true); });
    connect(stop_, &QPushButton::clicked, &job_, &CalibrationJob::stop);
    return actions;
}

QFrame* CalibrationDialog::make_notice() {
    notice_ = new QFrame;
    notice_->setObjectName("calibration_notice");
    notice_->setFrameShape(QFrame::StyledPanel);
    notice_->setAutoFillBackground(true);
    notice_->setBackgroundRole(QPalette::AlternateBase);
    auto* layout = new QHBoxLayout(notice_);
    notice_text_ = named(new QLabel, "calibration_notice_text", "Notice");
    notice_text_->setWordWrap(true);
    notice_text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    close_anyway_ = named(new QPushButton("Stop an&d close"), "calibration_close_anyway", "Stop measuring and close");
    keep_on_ = named(new QPushButton("&Keep measuring"), "calibration_keep_on", "Keep measuring");
    for (QPushButton* button : {close_anyway_, keep_on_}) button->setAutoDefault(false);
    layout->addWidget(notice_text_, 1);
    layout->addWidget(close_anyway_);
    layout->addWidget(keep_on_);
    connect(close_anyway_, &QPushButton::clicked, this, [this] {
        closing_ = true;
        job_.stop();
        hide();   // the worker ends by itself; the window need not be looked at meanwhile
    });
    connect(keep_on_, &QPushButton::clicked, this, [this] { say({}); });
    notice_->hide();
    return notice_;
}

QWidget* CalibrationDialog::make_pictures() {
    families_ = new FamilyTableModel(this);
    auto* table = table_of(families_, "calibration_families", "Kernels measured, by family");
    for (int column = 0; column < FamilyTableModel::column_count; ++column)
        table->horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    plot_ = named(new PicturePlot, "calibration_plot", "Error against time");
    auto* both = new QSplitter(Qt::Horizontal);
    both->setObjectName("calibration_pictures");
    both->setChildrenCollapsible(false);
    both->addWidget(table);
    both->addWidget(plot_);
    both->setStretchFactor(0, 1);
    both->setStretchFactor(1, 1);
    both->setSizes({480, 500});
    return both;
}

QTabWidget* CalibrationDialog::make_lists() {
    answers_ = new ProbeTableModel(ProbeTableModel::Of::answers, 500, this);
    failures_ = new ProbeTableModel(ProbeTableModel::Of::failures, 500, this);
    lists_ = named(new QTabWidget, "calibration_lists", "Probes, failures and notes");
    const auto add = [this](ProbeTableModel* model, const char* name, const QString& title) {
        auto* table = table_of(model, name, title);
        table->horizontalHeader()->setStretchLastSection(true);
        table->setColumnWidth(ProbeTableModel::probe, 480);
        table->setColumnWidth(ProbeTableModel::time, 90);
        table->setColumnWidth(ProbeTableModel::noise, 80);
        lists_->addTab(table, title);
        return table;
    };
    add(answers_, "calibration_probes", "Probes");
    QTableView* failures = add(failures_, "calibration_failures", "Failed attempts");
    failures->setColumnHidden(ProbeTableModel::noise, true);
    failures->setColumnWidth(ProbeTableModel::probe, 330);
    notes_ = named(new QTextEdit, "calibration_notes", "Notes");
    notes_->setReadOnly(true);
    notes_->setTabChangesFocus(true);
    notes_->setFrameShape(QFrame::NoFrame);
    lists_->addTab(notes_, "Notes");
    return lists_;
}

QWidget* CalibrationDialog::make_profile() {
    auto* row = new QWidget;
    auto* layout = line(row);
    profile_ = named(new QLineEdit, "calibration_profile", "File of the profile");
    profile_->setPlaceholderText("gpu01.json");
    auto* label = new QLabel("Profi&le");
    label->setBuddy(profile_);
    auto* browse = named(new QPushButton("Browse…"), "calibration_browse_profile", "Choose the profile's file");
    use_it_ = named(new QCheckBox("&Use it in the candidates of this GPU"), "calibration_use",
                    "Use the profile in the candidates of this GPU");
    use_it_->setChecked(true);
    save_ = named(new QPushButton("Sa&ve profile"), "calibration_save", "Save the profile");
    auto* close = named(new QPushButton("&Close"), "calibration_close", "Close");
    for (QPushButton* button : {browse, save_, close}) button->setAutoDefault(false);
    layout->addWidget(label);
    layout->addWidget(profile_, 1);
    layout->addWidget(browse);
    layout->addWidget(use_it_);
    layout->addWidget(save_);
    layout->addWidget(close);
    connect(profile_, &QLineEdit::textEdited, this, [this] { own_profile_ = true; });
    connect(browse, &QPushButton::clicked, this, [this] {
        const QString file = QFileDialog::getSaveFileName(this, "Profile", profile_->text(), "Profiles (*.json)");
        if (file.isEmpty()) return;
        own_profile_ = true;
        profile_->setText(file);
    });
    connect(save_, &QPushButton::clicked, this, &CalibrationDialog::save);
    connect(close, &QPushButton::clicked, this, &CalibrationDialog::close);
    return row;
}

}  // namespace moeplan
