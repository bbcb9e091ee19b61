#include "gui/calibration/calibration_setup.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include "gpu/calibrator/journal.h"
#include "gui/calibration/hello_text.h"
#include "gui/calibration/named_widget.h"
#include "gui/models/text.h"

namespace moeplan {
namespace {

constexpr int kWellKnown = 0, kStudy = 1;   // places in the list of what to measure
constexpr double kMostMinutes = 30 * 1440;  // as the command takes

QWidget* row(std::initializer_list<QWidget*> widgets, int stretched) {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    int place = 0;
    for (QWidget* widget : widgets) layout->addWidget(widget, place++ == stretched ? 1 : 0);
    if (stretched < 0) layout->addStretch(1);
    return row;
}

QDoubleSpinBox* spin(double low, double high, double step, int decimals, double value) {
    auto* box = new QDoubleSpinBox;
    box->setRange(low, high);
    box->setSingleStep(step);
    box->setDecimals(decimals);
    box->setValue(value);
    box->setAlignment(Qt::AlignRight);
    box->setMinimumWidth(box->fontMetrics().averageCharWidth() * 16);
    return box;
}

void add_row(QFormLayout& form, const QString& label, QWidget* row, QWidget* buddy) {
    auto* text = new QLabel(label);
    text->setBuddy(buddy);
    form.addRow(text, row);
}

}  // namespace

CalibrationSetup::CalibrationSetup(const Catalog& catalog, CalibrationPlaces& places, QWidget* parent)
    : QWidget(parent), catalog_(catalog), places_(places) {
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    QWidget* worker = make_worker();
    add_row(*form, "&Worker", worker, worker_);
    hello_ = named(new QLabel, "calibration_hello", "What the worker says it is");
    hello_->setWordWrap(true);
    hello_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    hello_->setMinimumHeight(2 * hello_->fontMetrics().lineSpacing());
    hello_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    form->addRow(new QLabel("Device"), hello_);
    QWidget* what = make_what();
    add_row(*form, "&Measure", what, what_);
    QWidget* limits = make_limits();
    add_row(*form, "&For", limits, minutes_);
    QWidget* journal = make_journal();
    add_row(*form, "&Journal", journal, journal_);
    journal_state_ = named(new QLabel, "calibration_journal_state", "What the journal holds");
    form->addRow(new QLabel, journal_state_);
    show_hello(std::nullopt);
    list_workers();
    worker_changed();
    for (QPushButton* button : {greet_, browse_study_, browse_journal_}) button->setAutoDefault(false);   // Enter starts
}

QWidget* CalibrationSetup::make_worker() {
    worker_ = named(new QComboBox, "calibration_worker", "Command line of the probe worker");
    worker_->setEditable(true);
    worker_->setInsertPolicy(QComboBox::NoInsert);
    worker_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    worker_->lineEdit()->setPlaceholderText("ssh gpu01 moeplan-probe-cuda");
    worker_->setToolTip("Any command that speaks the probe protocol, on this machine or another: ssh gpu01 moeplan-probe-cuda");
    greet_ = named(new QPushButton("&Ask it"), "calibration_greet", "Ask the worker what device it runs on");
    greet_->setToolTip("Starts the worker, shows what it says about its device, and ends it");
    connect(worker_, &QComboBox::editTextChanged, this, &CalibrationSetup::worker_changed);
    connect(greet_, &QPushButton::clicked, this, &CalibrationSetup::greet_wanted);
    return row({worker_, greet_}, 0);
}

QWidget* CalibrationSetup::make_what() {
    what_ = named(new QComboBox, "calibration_what", "What is measured");
    what_->addItems({"well-known models", "a study"});
    what_->setToolTip("Well-known models: shapes of dense and mixture-of-experts models from 0.5 B to 1 T parameters.\n"
                      "A study: what its candidates do, weighted by the time it takes.");
    study_ = named(new QLineEdit, "calibration_study", "Study whose kernels are measured");
    study_->setPlaceholderText("study.yaml");
    browse_study_ = named(new QPushButton("Browse…"), "calibration_browse_study", "Choose the study");
    const auto show_study = [this] {
        study_->setEnabled(what_->currentIndex() == kStudy);
        browse_study_->setEnabled(what_->currentIndex() == kStudy);
        emit changed();
    };
    connect(what_, &QComboBox::currentIndexChanged, this, show_study);
    connect(study_, &QLineEdit::textChanged, this, &CalibrationSetup::changed);
    connect(browse_study_, &QPushButton::clicked, this, [this] {
        const QString file = QFileDialog::getOpenFileName(this, "Study", study_->text(), "Studies (*.yaml *.yml)");
        if (!file.isEmpty()) study_->setText(file);
    });
    show_study();
    return row({what_, study_, browse_study_}, 1);
}

QWidget* CalibrationSetup::make_limits() {
    minutes_ = named(spin(0.05, kMostMinutes, 1, 2, 5), "calibration_minutes", "Minutes to measure");
    minutes_->setSuffix(" min");
    minutes_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    minutes_->setToolTip("Time for probes and fits. What a resumed journal holds already is counted.");
    target_ = named(spin(0, 100, 1, 1, 0), "calibration_target", "Error at which to stop earlier");
    target_->setSuffix(" %");
    target_->setSpecialValueText("no target");
    target_->setToolTip("Stop earlier when the held-out median error of every family is at most this");
    device_ = named(new QComboBox, "calibration_device", "The device's name in the catalog");
    device_->addItem("as the driver names it", QString());
    for (const DeviceSpec& device : catalog_.devices()) device_->addItem(text_of(device.id), text_of(device.id));
    device_->setToolTip("Whose published peaks are under the fit. Needed only where the driver names it otherwise than the catalog.");
    auto* stop = new QLabel("Stop at error");
    stop->setBuddy(target_);
    auto* as = new QLabel("Device is");
    as->setBuddy(device_);
    connect(minutes_, &QDoubleSpinBox::valueChanged, this, &CalibrationSetup::changed);
    auto* limits = row({minutes_, stop, target_, as, device_}, -1);
    limits->layout()->setSpacing(12);
    return limits;
}

QWidget* CalibrationSetup::make_journal() {
    journal_ = named(new QLineEdit, "calibration_journal", "Journal: every answer is kept there");
    journal_->setToolTip("Every answer is written there as it comes; a calibration that was stopped or killed goes on with it");
    browse_journal_ = named(new QPushButton("Browse…"), "calibration_browse_journal", "Choose the journal");
    connect(journal_, &QLineEdit::textEdited, this, [this] { own_journal_ = true; });
    connect(journal_, &QLineEdit::textChanged, this, &CalibrationSetup::show_journal);
    connect(browse_journal_, &QPushButton::clicked, this, [this] {
        const QString file = QFileDialog::getSaveFileName(this, "Journal", journal_->text(), "Journals (*.jsonl)", nullptr,
                                                          QFileDialog::DontConfirmOverwrite);   // never overwritten
        if (!file.isEmpty()) set_journal(file);
    });
    return row({journal_, browse_journal_}, 0);
}

QString CalibrationSetup::worker() const { return worker_->currentText().trimmed(); }

void CalibrationSetup::list_workers() {
    const QString text = worker_->currentText();
    const QSignalBlocker quiet(worker_);
    worker_->clear();
    worker_->addItems(places_.workers());
    if (!text.isEmpty()) worker_->setEditText(text);
}

void CalibrationSetup::worker_changed() {
    show_hello(std::nullopt);
    if (!own_journal_) journal_->setText(places_.journal_of(worker()));
    show_journal();
}

void CalibrationSetup::set_journal(const QString& file) {
    own_journal_ = true;
    journal_->setText(file);
}

void CalibrationSetup::set_study(const QString& file) {
    study_->setText(file);
    what_->setCurrentIndex(file.isEmpty() ? kWellKnown : kStudy);
}

bool CalibrationSetup::journal_is_there() const {
    const QFileInfo info(journal_->text());
    return info.isFile() && info.size() > 0;
}

void CalibrationSetup::show_journal_state() {
    journal_state_->setText(journal_is_there() ? "There already. Resume goes on with it; Start leaves it alone and begins another."
                                               : "A new one. Every answer is written there as it comes.");
}

void CalibrationSetup::show_journal() {
    show_journal_state();
    emit changed();
}

CalibrationOrder CalibrationSetup::order() const {
    CalibrationOrder order;
    order.worker = worker().toStdString();
    order.budget_s = minutes_->value() * 60;
    if (target_->value() > 0) order.target_error = target_->value() / 100;
    if (what_->currentIndex() == kStudy) order.study = study_->text().trimmed().toStdString();
    order.device = device_->currentData().toString().toStdString();
    order.journal = journal_->text().trimmed().toStdString();
    return order;
}

QString CalibrationSetup::missing() const {
    if (worker().isEmpty()) return "Name a worker: moeplan-probe, or a command such as ssh gpu01 moeplan-probe-cuda.";
    if (journal_->text().trimmed().isEmpty()) return "Name a journal: the file in which every answer is kept.";
    if (what_->currentIndex() == kStudy && study_->text().trimmed().isEmpty()) return "Name the study whose kernels are to be measured.";
    return {};
}

void CalibrationSetup::show_hello(const std::optional<WorkerHello>& hello) {
    hello_->setText(hello ? hello_text(*hello) : QString("The worker has not been asked yet."));
}

void CalibrationSetup::set_locked(bool locked) {
    const std::initializer_list<QWidget*> inputs{worker_, greet_, what_, minutes_, target_, device_, journal_, browse_journal_};
    for (QWidget* widget : inputs) widget->setEnabled(!locked);
    for (QWidget* widget : std::initializer_list<QWidget*>{study_, browse_study_})
        widget->setEnabled(!locked && what_->currentIndex() == kStudy);
}

}  // namespace moeplan
