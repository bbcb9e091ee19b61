// Sliders, fields and choices of the left side, driven end to end.
#include <cmath>
#include <set>

#include <QComboBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QScrollArea>
#include <QSignalSpy>
#include <QSlider>

#include "gui/models/fields.h"
#include "gui/panels/field_editor.h"
#include "gui/panels/fold.h"
#include "tests/gui/panels/inputs_support.h"

using namespace moeplan;

class InputsTest : public QObject {
    Q_OBJECT

    static QStringList nonsense() {
        return {"abc", "1e999", "-5", "12 parsecs", QString(150, '9'), QStringLiteral("½ ünïcödé 😀"), QString::fromUtf8("1\0002", 3),
                "1,5", "nan"};
    }

    // Editors of numbers that apply, whether or not their fold is open.
    static QList<QSlider*> sliders(Inputs& in) {
        QList<QSlider*> all;
        for (auto* slider : in.window.findChildren<QSlider*>()) {
            auto* editor = qobject_cast<FieldEditor*>(slider->parentWidget());
            if (editor && editor->is_there()) all << slider;
        }
        return all;
    }

    static void undo_all(Inputs& in) {
        while (in.session.undo_stack()->canUndo()) in.session.undo_stack()->undo();
    }

private slots:
    void every_field_of_the_tables_has_an_editor() {
        Inputs in;
        std::set<std::string> shown;
        for (const auto* editor : in.window.findChildren<FieldEditor*>()) shown.insert(editor->id());
        for (const auto& section : field_sections()) {
            for (const auto& field : number_fields(section)) QVERIFY2(shown.count(field.id), field.id.c_str());
            for (const auto& field : choice_fields(section)) QVERIFY2(shown.count(field.id), field.id.c_str());
            for (const auto& field : text_fields(section)) QVERIFY2(shown.count(field.id), field.id.c_str());
        }
    }

    void every_control_has_a_name_and_an_accessible_name() {
        Inputs in;
        std::set<QString> names;
        for (auto* control : in.window.findChildren<QWidget*>()) {
            if (control->focusPolicy() == Qt::NoFocus || qobject_cast<QScrollArea*>(control) || control->objectName().startsWith("qt_"))
                continue;
            const bool ours = qobject_cast<QSlider*>(control) || qobject_cast<QComboBox*>(control) ||
                              (qobject_cast<QLineEdit*>(control) && !qobject_cast<QComboBox*>(control->parentWidget()));
            if (!ours) continue;
            QVERIFY2(!control->objectName().isEmpty() && names.insert(control->objectName()).second,
                     qPrintable("name: " + control->objectName()));
            QVERIFY2(!control->accessibleName().isEmpty(), qPrintable(control->objectName()));
        }
        QVERIFY(names.size() > 80);
    }

    void every_slider_goes_from_end_to_end_by_keyboard_and_back_by_undo() {
        for (const char* study : {"mixtral-vs-llama70b", "simulate-bursts"}) {
            Inputs in(starter(study));
            const Scenario before = in.session.scenario();
            for (auto* slider : sliders(in)) {
                const QString name = slider->objectName();
                const NumberField* field = find_number_field(qobject_cast<FieldEditor*>(slider->parentWidget())->id());
                const std::size_t index = name.startsWith("candidate[") ? name.mid(10).section(']', 0, 0).toULongLong() : 0;
                QTest::keyClick(slider, Qt::Key_End);
                if (slider->value() == kSliderSteps && field->get(in.session.scenario(), index))
                    QCOMPARE(slider_value(*field, slider->value()), std::min(*field->get(in.session.scenario(), index), field->most));
                QVERIFY2(in.not_saved().empty(), (name.toStdString() + " " + in.not_saved()).c_str());
                QTest::keyClick(slider, Qt::Key_Home);
                QCOMPARE(slider->value(), 0);
                QVERIFY2(in.not_saved().empty(), (name.toStdString() + " " + in.not_saved()).c_str());
                const double least = field->get(in.session.scenario(), index).value_or(field->least);
                QTest::keyClick(slider, Qt::Key_Right);
                QVERIFY2(*field->get(in.session.scenario(), index) > least, qPrintable(name));
                QTest::keyClick(slider, Qt::Key_PageUp);
                QTest::keyClick(slider, Qt::Key_Left);
                QVERIFY2(in.not_saved().empty(), (name.toStdString() + " " + in.not_saved()).c_str());
                undo_all(in);
                QVERIFY2(in.session.scenario() == before, qPrintable(name));
            }
        }
    }

    void a_drag_is_one_undo_step_and_a_second_drag_another() {
        Inputs in;
        const Scenario before = in.session.scenario();
        auto* slider = in.find<QSlider>("workload.users.slider");
        const int count = in.session.undo_stack()->count();
        for (int drag = 1; drag <= 2; ++drag) {
            const int y = slider->height() / 2;
            const auto at = [&](int position) { return QPoint(8 + position * (slider->width() - 16) / kSliderSteps, y); };
            QTest::mousePress(slider, Qt::LeftButton, {}, at(slider->value()));
            QVERIFY(slider->isSliderDown());
            QSignalSpy changed(&in.session, &Session::scenario_changed);
            for (int position = slider->value(); position < slider->value() + 1 && position <= 900; position += 40)
                QTest::mouseMove(slider, at(position));
            for (int position = 100; position <= 900; position += 100) QTest::mouseMove(slider, at(position));
            QTest::mouseMove(slider, at(drag == 1 ? 900 : 200));
            QVERIFY(changed.count() >= 5);
            QTest::mouseRelease(slider, Qt::LeftButton, {}, at(drag == 1 ? 900 : 200));
            QCOMPARE(in.session.undo_stack()->count(), count + drag);
        }
        in.session.undo_stack()->undo();
        in.session.undo_stack()->undo();
        QVERIFY(in.session.scenario() == before);
    }

    void a_drag_keeps_the_cards() {
        Inputs in;
        if (qEnvironmentVariableIsSet("MOEPLAN_TIME")) {
            QElapsedTimer timer;
            timer.start();
            for (int i = 0; i < 1000; ++i) emit in.session.scenario_changed();
            qWarning("one refresh of all panels: %g ms", static_cast<double>(timer.nsecsElapsed()) / 1e9);
            timer.restart();
            for (int i = 0; i < 200; ++i) in.find<QSlider>("workload.users.slider")->setValue(100 + i * 4);
            qWarning("one drag tick, the asking included: %g ms", static_cast<double>(timer.nsecsElapsed()) / 200e6);
        }
        auto* card = in.find<QWidget>("candidate[0]");
        auto* slider = in.find<QSlider>("candidate[0].count.slider");
        for (int position = 0; position <= kSliderSteps; position += 50) slider->setValue(position);
        QVERIFY(in.find<QWidget>("candidate[0]") == card);
        QCOMPARE(in.session.scenario().candidates[0].count, std::int64_t{64});
        QCOMPARE(in.find<QLineEdit>("candidate[0].count.value")->text(), QString("64 GPUs"));
    }

    void nonsense_is_marked_and_changes_nothing() {
        for (const char* study : {"mixtral-vs-llama70b", "simulate-bursts"}) {
            Inputs in(starter(study));
            const Scenario before = in.session.scenario();
            for (auto* slider : sliders(in)) {
                auto* editor = qobject_cast<FieldEditor*>(slider->parentWidget());
                auto* value = editor->findChild<QLineEdit*>();
                const QString was = value->text();
                for (const QString& text : nonsense()) {
                    value->setFocus();
                    value->selectAll();
                    QTest::keyClicks(value, "x");   // as typed: modified
                    value->setText(text);
                    value->setModified(true);
                    QTest::keyClick(value, Qt::Key_Return);
                    QVERIFY2(in.session.scenario() == before, qPrintable(editor->objectName() + " takes " + text));
                    QVERIFY2(editor->message().startsWith("expected"),
                             qPrintable(editor->objectName() + ": " + text + ": " + editor->message()));
                    QTest::keyClick(value, Qt::Key_Escape);
                    QCOMPARE(value->text(), was);
                    QVERIFY(editor->message().isEmpty());
                }
                QCOMPARE(in.session.undo_stack()->count(), 0);
            }
        }
    }

    void an_empty_field_leaves_out_what_may_be_left_out_only() {
        Inputs in;
        auto* limit = in.find<QLineEdit>("workload.slo_ttft.value");
        QCOMPARE(limit->text(), QString("1 s"));
        limit->setFocus();
        limit->selectAll();
        QTest::keyClick(limit, Qt::Key_Delete);
        QTest::keyClick(limit, Qt::Key_Return);
        QCOMPARE(in.session.scenario().workload.slo.size(), std::size_t{1});
        QCOMPARE(limit->placeholderText(), QString("no limit"));
        auto* input = in.find<QLineEdit>("workload.input.value");
        input->selectAll();
        QTest::keyClick(input, Qt::Key_Delete);
        QTest::keyClick(input, Qt::Key_Return);
        QVERIFY(!qobject_cast<FieldEditor*>(input->parentWidget())->message().isEmpty());
        QCOMPARE(std::get<FixedLengths>(in.session.scenario().workload.lengths).input, 1024.0);
    }

    void typed_numbers_apply_on_enter_and_keys_step_them() {
        Inputs in;
        auto* users = in.find<QLineEdit>("workload.users.value");
        users->setFocus();
        users->selectAll();
        QTest::keyClicks(users, "1,000");
        QCOMPARE(std::get<ClosedLoop>(in.session.scenario().workload.load).concurrency, 32.0);
        QTest::keyClick(users, Qt::Key_Return);
        QCOMPARE(std::get<ClosedLoop>(in.session.scenario().workload.load).concurrency, 1000.0);
        QCOMPARE(users->text(), QString("1,000 users"));
        QTest::keyClick(users, Qt::Key_Up);
        QVERIFY(std::get<ClosedLoop>(in.session.scenario().workload.load).concurrency > 1000);
        QTest::keyClick(users, Qt::Key_PageDown);
        QVERIFY(std::get<ClosedLoop>(in.session.scenario().workload.load).concurrency < 1000);
    }

    void what_is_being_typed_is_left_alone_by_edits_elsewhere() {
        Inputs in;
        auto* output = in.find<QLineEdit>("workload.output.value");
        output->setFocus();
        output->selectAll();
        QTest::keyClicks(output, "51");
        in.session.edit("elsewhere", [](Scenario& s) { s.money.utilisation = 0.5; });
        in.session.edit("elsewhere", [](Scenario& s) { std::get<FixedLengths>(s.workload.lengths).output = 100; });
        QCOMPARE(output->text(), QString("51"));
        QCOMPARE(output->cursorPosition(), 2);
        QTest::keyClicks(output, "2");
        QTest::keyClick(output, Qt::Key_Return);
        QCOMPARE(std::get<FixedLengths>(in.session.scenario().workload.lengths).output, 512.0);
        QCOMPARE(in.find<QLineEdit>("money.utilisation.value")->text(), QString("50 %"));
    }

    void every_choice_can_be_taken_and_undone() {
        Inputs in;
        const Scenario before = in.session.scenario();
        QStringList names;
        for (auto* box : in.window.findChildren<QComboBox*>()) {
            if (box->objectName().endsWith(".choice")) names << box->objectName();
        }
        QVERIFY(names.size() > 20);
        for (const QString& name : names) {
            auto* box = in.find<QComboBox>(name);
            auto* editor = qobject_cast<FieldEditor*>(box->parentWidget());
            if (!editor->is_there()) continue;
            QFocusEvent focus(QEvent::FocusIn);
            QApplication::sendEvent(box, &focus);   // options are looked up when somebody is about to choose
            for (int row = 0; row < std::min(box->count(), 12); ++row) {
                const QString label = box->itemText(row);
                box->setCurrentIndex(row);
                QVERIFY2(box->currentText() == label, qPrintable(name + ": " + label + " became " + box->currentText()));
                QVERIFY2(in.not_saved().empty(), (name.toStdString() + " " + in.not_saved()).c_str());
            }
            undo_all(in);
            QVERIFY2(in.session.scenario() == before, qPrintable(name));
        }
    }

    void a_layout_is_worded_anew_when_its_gpus_are_fewer() {
        Inputs in;
        in.session.edit("eight", [](Scenario& s) {
            s.candidates[0].count = 8;
            s.candidates[0].layout = Layout{.tp = 2, .ep = 2};
        });
        auto* box = in.find<QComboBox>("candidate[0].layout.choice");
        QVERIFY2(box->currentText().contains("4 replicas"), qPrintable(box->currentText()));
        in.session.edit("two", [](Scenario& s) { s.candidates[0].count = 2; });
        QVERIFY2(!box->currentText().contains("replicas"), qPrintable(box->currentText()));
        QVERIFY(box->currentIndex() >= 0);
    }

    void a_gpu_shows_what_it_is_rented_for() {
        Inputs in;
        auto* box = in.find<QComboBox>("candidate[0].gpu.choice");
        const QString on_demand = box->currentText();
        QVERIFY2(on_demand.contains("/h"), qPrintable(on_demand));
        in.session.edit("spot", [](Scenario& s) { s.money.price = RentedPrice{"spot"}; });
        QVERIFY2(box->currentText().endsWith("/h spot"), qPrintable(box->currentText()));
        in.session.edit("given", [](Scenario& s) { s.money.price = GivenPrice{3}; });
        QVERIFY2(!box->currentText().contains("/h"), qPrintable(box->currentText()));
    }

    void what_was_taken_by_enter_is_undone_by_the_key() {
        Inputs in;
        auto* value = in.find<QLineEdit>("workload.users.value");
        const QString before = value->text();
        auto* undo = in.session.undo_stack()->createUndoAction(&in.window);
        undo->setShortcut(QKeySequence::Undo);
        in.window.addAction(undo);
        value->setFocus();
        value->selectAll();
        QTest::keyClicks(value, "77");
        QTest::keyClick(value, Qt::Key_Return);
        QVERIFY(in.session.undo_stack()->canUndo());
        QTest::keyClick(value, Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(!in.session.undo_stack()->canUndo());
        QCOMPARE(value->text(), before);
        // What is still being typed is the field's own to take back.
        QTest::keyClicks(value, "5");
        QTest::keyClick(value, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(value->text(), before);
    }

    void fields_grow_with_their_letters() {
        Inputs in;
        auto* value = in.find<QLineEdit>("workload.users.value");
        const int before = value->width();
        QFont large = value->font();
        large.setPointSizeF(large.pointSizeF() * 2);
        in.window.setFont(large);
        QTRY_VERIFY(value->minimumWidth() > before * 3 / 2);
    }

    void long_lists_are_searched_by_typing() {
        Inputs in;
        auto* box = in.find<QComboBox>("candidate[0].gpu.choice");
        QVERIFY(box->isEditable());
        box->lineEdit()->setFocus();
        box->lineEdit()->selectAll();
        QTest::keyClicks(box->lineEdit(), "mi300x");
        QTest::keyClick(box->lineEdit(), Qt::Key_Return);
        QCOMPARE(in.session.scenario().candidates[0].gpu, std::string("mi300x"));
        box->lineEdit()->selectAll();
        QTest::keyClicks(box->lineEdit(), "a gpu nobody has");
        QTest::keyClick(box->lineEdit(), Qt::Key_Return);
        QCOMPARE(in.session.scenario().candidates[0].gpu, std::string("mi300x"));
        QVERIFY(qobject_cast<FieldEditor*>(box->parentWidget())->message().startsWith("expected"));
        QTest::keyClick(box->lineEdit(), Qt::Key_Escape);
        QVERIFY(qobject_cast<FieldEditor*>(box->parentWidget())->message().isEmpty());
    }

    void panels_fit_a_dock_300_wide() {
        Inputs in;
        for (auto* area : in.window.findChildren<QScrollArea*>()) {
            if (!area->widget()) continue;
            QVERIFY2(
                area->widget()->minimumSizeHint().width() <= 296,
                qPrintable(area->parentWidget()->objectName() + " needs " + QString::number(area->widget()->minimumSizeHint().width())));
        }
    }

    void every_fold_opens_and_the_dark_palette_is_followed() {
        const QPalette light = QApplication::palette();
        for (const char* study : {"mixtral-vs-llama70b", "simulate-bursts", "simulate-recorded-trace"}) {
            Inputs in(starter(study));
            QTRY_VERIFY_WITH_TIMEOUT(in.session.report() || !in.session.problems().empty(), 60000);
            in.look(QString("inputs-%1").arg(study));
            for (auto* fold : in.window.findChildren<Fold*>()) fold->set_open(true);
            auto* count = in.find<QLineEdit>("candidate[0].count.value");
            count->setText("12 parsecs");
            count->setModified(true);
            QTest::keyClick(count, Qt::Key_Return);
            QPalette dark;
            for (const auto role : {QPalette::Window, QPalette::Button}) dark.setColor(role, QColor(45, 47, 51));
            for (const auto role : {QPalette::Base, QPalette::ToolTipBase}) dark.setColor(role, QColor(32, 34, 37));
            for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText})
                dark.setColor(role, QColor(232, 232, 232));
            dark.setColor(QPalette::PlaceholderText, QColor(150, 150, 150));
            QApplication::setPalette(dark);
            in.look(QString("inputs-%1-dark").arg(study));
            for (auto* area : in.window.findChildren<QScrollArea*>()) {
                if (area->widget()) QVERIFY(area->widget()->minimumSizeHint().width() <= 296);
            }
            QTRY_COMPARE(in.candidates->palette().color(QPalette::Window), QColor(45, 47, 51));
            QApplication::setPalette(light);
        }
    }
};

QTEST_MAIN(InputsTest)
#include "inputs_test.moc"
