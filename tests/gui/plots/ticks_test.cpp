#include <QTest>

#include "gui/plots/ticks.h"

using namespace moeplan;

namespace {

PictureAxis axis_in(const std::string& unit, bool powers = false, bool whole = false) {
    PictureAxis axis;
    axis.label = "speed";
    axis.unit = unit;
    axis.powers_of_two = powers;
    axis.whole = whole;
    return axis;
}

}  // namespace

class TicksTest : public QObject {
    Q_OBJECT

private slots:
    void batches_are_told_in_powers_of_two() {
        QCOMPARE(tick_places(0.8, 1200, 600, 30, axis_in("", true), true), (QVector<double>{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}));
    }

    void decades_are_divided_as_far_as_there_is_room() {
        QCOMPARE(tick_places(1, 100, 600, 60, axis_in("ms"), true), (QVector<double>{1, 2, 5, 10, 20, 50, 100}));
        QCOMPARE(tick_places(1, 1e6, 300, 45, axis_in("ms"), true), (QVector<double>{1, 10, 100, 1e3, 1e4, 1e5, 1e6}));
        QCOMPARE(tick_places(1, 1e6, 200, 45, axis_in("ms"), true), (QVector<double>{1, 100, 1e4, 1e6}));
    }

    void whole_things_get_whole_numbers() {
        QCOMPARE(tick_places(0, 2.1, 400, 40, axis_in("", false, true), false), (QVector<double>{0, 1, 2}));
        QCOMPARE(tick_places(0, 1, 400, 80, axis_in(""), false).size(), 6);
    }

    void nothing_is_between_ends_that_are_no_range() {
        QVERIFY(tick_places(1, 1, 400, 40, axis_in(""), false).isEmpty());
        QVERIFY(tick_places(0, INFINITY, 400, 40, axis_in(""), false).isEmpty());
    }

    void numbers_are_short_and_carry_their_unit_where_the_label_does_not() {
        QCOMPARE(tick_text(20000, 5000, axis_in("tok/s"), false, 40000), QString("20k"));
        QCOMPARE(tick_text(1500, 500, axis_in("tok/s"), false, 3000), QString("1,500"));
        QCOMPARE(tick_text(0.4, 0.2, axis_in("fraction"), false, 1), QString("40 %"));
        QCOMPARE(tick_text(0.5, 0.5, axis_in("USD/Mtok"), false, 2), QString("$0.5"));
        QCOMPARE(tick_text(0.0015, 0.0005, axis_in("USD"), false, 0.002), QString::fromUtf8("0.15 ¢"));
        QCOMPARE(tick_text(10000, 0, axis_in("ms"), true, 1e5), QString("10 s"));
        QCOMPARE(tick_text(0.5, 0, axis_in("ms"), true, 1e5), QString::fromUtf8("500 µs"));
        QCOMPARE(tick_text(0, 0.2, axis_in("x"), false, 1), QString::fromUtf8("0×"));
    }

    void labels_name_the_unit_unless_the_numbers_do() {
        QCOMPARE(axis_title(axis_in("ms"), false), QString("speed, ms"));
        QCOMPARE(axis_title(axis_in("ms"), true), QString("speed"));
        QCOMPARE(axis_title(axis_in("USD"), false), QString("speed"));
    }
};

QTEST_GUILESS_MAIN(TicksTest)
#include "ticks_test.moc"
