#pragma once
// Every control of the calibration window has a name for tests and one for screen readers.

#include <QWidget>

namespace moeplan {

template <class Widget>
Widget* named(Widget* widget, const char* object_name, const QString& accessible_name) {
    widget->setObjectName(QLatin1String(object_name));
    widget->setAccessibleName(accessible_name);
    return widget;
}

}  // namespace moeplan
