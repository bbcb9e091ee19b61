#include "gui/panels/number_editor.h"

#include <algorithm>

#include <QGridLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QScopedValueRollback>
#include <QSlider>

#include "gui/models/text.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

constexpr int kPage = kSliderSteps / 20;
constexpr int kLettersOfValue = 14;
constexpr int kMostTyped = 200;

}  // namespace

NumberEditor::NumberEditor(Session& session, const NumberField& field, std::size_t index, QWidget* parent)
    : FieldEditor(session, field.id, index, parent), field_(field) {
    QGridLayout* grid = make_layout(field.label, field.help);
    make_slider();
    make_value();
    grid->addWidget(slider_, 1, 1);
    grid->addWidget(value_, 1, 2);
    grid->setColumnStretch(1, 1);
    set_buddy(value_);
    refresh();
}

void NumberEditor::make_slider() {
    slider_ = new QSlider(Qt::Horizontal, this);
    slider_->setObjectName(name_of_part("slider"));
    slider_->setAccessibleName(text_of(field_.label));
    slider_->setRange(0, kSliderSteps);
    slider_->setPageStep(kPage);
    slider_->setMinimumWidth(80);
    leave_wheel_to_parent(slider_);
    slider_->installEventFilter(this);
    connect(slider_, &QSlider::valueChanged, this, [this](int position) {
        if (!refreshing_) apply(slider_value(field_, position), true);
    });
    connect(slider_, &QSlider::actionTriggered, this, &NumberEditor::step_slider);
    connect(slider_, &QSlider::sliderPressed, this, [this] { end_gesture(); });
    connect(slider_, &QSlider::sliderReleased, this, [this] {
        end_gesture();
        refresh();
    });
}

void NumberEditor::make_value() {
    value_ = new QLineEdit(this);
    value_->setObjectName(name_of_part("value"));
    value_->setAccessibleName(text_of(field_.label));
    value_->setMaxLength(kMostTyped);
    value_->setAcceptDrops(false);   // files dropped on the panel are the panel's
    fit_value();
    value_->installEventFilter(this);
    connect(value_, &QLineEdit::editingFinished, this, &NumberEditor::take_typed);
    connect(value_, &QLineEdit::textEdited, this, [this] { set_message({}); });
}

void NumberEditor::fit_value() { value_->setFixedWidth(value_->fontMetrics().averageCharWidth() * kLettersOfValue + 16); }

double NumberEditor::standing() const { return shown_.value_or(fallback_); }

void NumberEditor::apply(double value, bool within_gesture) {
    const auto change = [this, value](Scenario& scenario) { field_.set(scenario, index_, value); };
    if (!within_gesture) end_gesture();
    // What was typed gives way to what is dragged.
    value_->setModified(false);
    set_message({});
    session_.edit(tr("change %1").arg(text_of(field_.label)), change, gesture());
    if (!within_gesture) end_gesture();
    refresh();
}

void NumberEditor::clear_value() {
    end_gesture();
    session_.edit(tr("leave out %1").arg(text_of(field_.label)), [this](Scenario& scenario) { field_.clear(scenario, index_); });
    refresh();
}

// One step of a key or a click beside the handle is at least the next value; whole numbers would not move by a thousandth.
void NumberEditor::step_slider(int action) {
    const bool up = action == QAbstractSlider::SliderSingleStepAdd || action == QAbstractSlider::SliderPageStepAdd;
    const bool page = action == QAbstractSlider::SliderPageStepAdd || action == QAbstractSlider::SliderPageStepSub;
    if (!up && !page && action != QAbstractSlider::SliderSingleStepSub) return;
    const double now = standing();
    double value = stepped(field_, now, up ? 1 : -1);
    if (page) {
        const int position = std::clamp(slider_position(field_, now) + (up ? kPage : -kPage), 0, kSliderSteps);
        const double paged = slider_value(field_, position);
        value = up ? std::max(value, paged) : std::min(value, paged);
    }
    {
        const QScopedValueRollback<bool> quiet(refreshing_, true);
        slider_->setSliderPosition(slider_position(field_, value));
    }
    apply(value, true);
}

bool NumberEditor::step_value(const QKeyEvent& key) {
    const bool up = key.key() == Qt::Key_Up || key.key() == Qt::Key_PageUp;
    if (!up && key.key() != Qt::Key_Down && key.key() != Qt::Key_PageDown) return false;
    const bool page = key.key() == Qt::Key_PageUp || key.key() == Qt::Key_PageDown;
    if (value_->isModified()) take_typed();
    if (!message().isEmpty()) return true;   // from what was typed there is no step
    apply(stepped(field_, standing(), up ? 1 : -1, page ? 10 : 1), true);
    return true;
}

void NumberEditor::take_typed() {
    if (!value_->isModified()) return;
    const std::string typed = value_->text().toStdString();
    if (typed.find_first_not_of(" \t") == std::string::npos && field_.clear) {
        value_->setModified(false);
        set_message({});
        return clear_value();
    }
    const auto value = read_number(field_, typed);
    if (!value) return set_message(text_of(value.error()));
    apply(*value, false);
}

void NumberEditor::give_back() {
    value_->setModified(false);
    set_message({});
    refresh();
    value_->selectAll();
}

bool NumberEditor::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyRelease && !static_cast<QKeyEvent*>(event)->isAutoRepeat()) end_gesture();
    if (watched == value_ && event->type() == QEvent::FontChange) fit_value();
    if (watched == value_ && leave_undo_to_window(*value_, event)) return true;
    if (watched == value_ && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Escape && (value_->isModified() || !message().isEmpty())) {
            give_back();
            return true;
        }
        if (step_value(*key)) return true;
    }
    return FieldEditor::eventFilter(watched, event);
}

void NumberEditor::refresh() {
    if (refreshing_) return;
    const QScopedValueRollback<bool> quiet(refreshing_, true);
    const Scenario& scenario = session_.scenario();
    const auto value = field_.get(scenario, index_);
    const auto fallback = !value && field_.fallback ? field_.fallback(scenario, session_.catalog(), index_) : std::nullopt;
    const bool there = value || fallback;
    set_there(there);
    if (there) show_value(value, fallback ? &*fallback : nullptr);
}

void NumberEditor::show_value(std::optional<double> value, const Fallback* fallback) {
    if (fallback) {
        fallback_ = fallback->value;
        const QString placeholder = text_of(fallback->text);
        if (value_->placeholderText() != placeholder) value_->setPlaceholderText(placeholder);
    }
    // A value changed elsewhere replaces nonsense left behind, not what is being typed.
    const bool typing = value_->isModified() && (value_->hasFocus() || shown_ == value);
    if (!typing) {
        const QString text = value ? text_of(show_number(field_, *value)) : QString();
        if (value_->text() != text) value_->setText(text);
        value_->setModified(false);
        value_->setCursorPosition(0);
        set_message({});
    }
    shown_ = value;
    if (slider_->isSliderDown() || slider_value(field_, slider_->value()) == standing()) return;
    slider_->setValue(slider_position(field_, standing()));
}

}  // namespace moeplan
