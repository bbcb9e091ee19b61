#include "gui/window/look.h"

#include <algorithm>

#include <QApplication>
#include <QFont>
#include <QToolTip>

namespace moeplan {
namespace {

// As the desktop had them before anything was chosen here.
struct Desktop {
    QPalette palette = QApplication::palette();
    int points = QApplication::font().pointSize();
};
const Desktop& desktop() {
    static const Desktop first;
    return first;
}

QString& current() {
    static QString choice = QStringLiteral("desktop");
    return choice;
}

struct Shades { const char *window, *base, *alternate, *button, *text, *muted, *highlight, *highlighted, *link; };
constexpr Shades kLight{"#f3f4f6", "#ffffff", "#f3f5f8", "#e9ebef", "#1b1f24", "#6a7079", "#0b6bb5", "#ffffff", "#0b5fa5"};
constexpr Shades kDark{"#24272b", "#1b1d20", "#222529", "#30343a", "#e6e8eb", "#9aa1aa", "#3d8fd1", "#0f1113", "#7cbcf0"};

}  // namespace

QPalette palette_of(Look look) {
    const Shades& s = look == Look::dark ? kDark : kLight;
    QPalette palette{QColor(s.button), QColor(s.window)};
    const auto set = [&](QPalette::ColorRole role, const char* colour) { palette.setColor(role, QColor(colour)); };
    set(QPalette::Window, s.window);
    set(QPalette::Base, s.base);
    set(QPalette::AlternateBase, s.alternate);
    set(QPalette::Button, s.button);
    set(QPalette::ToolTipBase, s.base);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText, QPalette::BrightText})
        set(role, s.text);
    set(QPalette::PlaceholderText, s.muted);
    set(QPalette::Highlight, s.highlight);
    set(QPalette::HighlightedText, s.highlighted);
    set(QPalette::Link, s.link);
    set(QPalette::LinkVisited, s.link);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, QColor(s.muted));
    return palette;
}

void apply_look(const QString& choice) {
    const QPalette own = desktop().palette;
    current() = choice == "light" || choice == "dark" ? choice : QStringLiteral("desktop");
    const QPalette palette = current() == "desktop" ? own : palette_of(current() == "dark" ? Look::dark : Look::light);
    QApplication::setPalette(palette);
    QToolTip::setPalette(palette);
}

QString look_choice() { return current(); }

void zoom_text(int steps) {
    (void)desktop();
    QFont font = QApplication::font();
    font.setPointSize(std::clamp(font.pointSize() + steps, 7, 24));
    QApplication::setFont(font);
}

void reset_text_zoom() {
    QFont font = QApplication::font();
    font.setPointSize(desktop().points);
    QApplication::setFont(font);
}

}  // namespace moeplan
