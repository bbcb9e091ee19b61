#pragma once
// A number as a slider and an exact field. A drag is one undo step; what cannot be read is marked and leaves the study as it
// is. Keys: arrows and page keys on the slider, up and down in the field, Enter takes, Escape gives back.

#include <optional>

#include "gui/models/fields.h"
#include "gui/panels/field_editor.h"

class QKeyEvent;
class QLineEdit;
class QSlider;

namespace moeplan {

class NumberEditor : public FieldEditor {
    Q_OBJECT

public:
    // `field` outlives it.
    NumberEditor(Session& session, const NumberField& field, std::size_t index, QWidget* parent = nullptr);

    void refresh() override;
    void take_typed() override;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void make_slider();
    void make_value();
    void fit_value();   // to the size of letters
    void apply(double value, bool within_gesture);
    void clear_value();
    void give_back();
    void step_slider(int action);
    bool step_value(const QKeyEvent& key);
    void show_value(std::optional<double> value, const Fallback* fallback);
    // Where the slider stands: the value, or what stands for it.
    double standing() const;

    const NumberField& field_;
    QSlider* slider_ = nullptr;
    QLineEdit* value_ = nullptr;
    std::optional<double> shown_;
    double fallback_ = 0;
    bool refreshing_ = false;
};

}  // namespace moeplan
