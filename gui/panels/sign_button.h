#pragma once
// A flat button with a sign that is drawn in the palette's colours: no font has to have it.

#include <cstdint>

#include <QToolButton>

namespace moeplan {

class SignButton : public QToolButton {
    Q_OBJECT

public:
    enum class Sign : std::uint8_t { duplicate, up, down, remove };
    explicit SignButton(Sign sign, QWidget* parent = nullptr);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Sign sign_;
};

}  // namespace moeplan
