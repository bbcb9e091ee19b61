#pragma once
// The one window: docks of what a study says on the left, pictures in the middle, their meaning on the right.

#include <functional>
#include <memory>

#include <QMainWindow>

#include "core/catalog/catalog.h"
#include "gui/window/docks.h"

class QStackedWidget;
class QTabWidget;

namespace moeplan {

class CalibrationDialog;
class NoticeBar;
class PicturesPage;
class Session;
class StartPage;

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    // `catalog` outlives it. `state_folder`: where layout, recent files and unsaved edits are kept; empty = the desktop's own.
    explicit MainWindow(const Catalog& catalog, const QString& state_folder = {}, QWidget* parent = nullptr);
    ~MainWindow() override;

    Session& session() { return *session_; }
    const Docks& docks() const { return docks_; }
    QTabWidget* picture_tabs() const;   // null while pictures have none

    void open_study(const QString& file);
    // What a file dropped on the window, or chosen, is: a study is opened, a model becomes a candidate, a trace the workload.
    void take_file(const QString& file);

    enum class Leaving { save, discard, stay };
    // Asked when the window is closed with unsaved changes; by a dialogue unless a test sets it.
    std::function<Leaving()> ask_leaving;
    // Where to write, given a wish, and whether to replace what is there under the name with its ending; likewise.
    std::function<QString(const QString& wish)> ask_where;
    std::function<bool(const QString& file)> ask_replacing;
    enum class Saving { replace, elsewhere, stay };
    // Asked when somebody else has changed the file that is to be saved; likewise.
    std::function<Saving()> ask_saving;

    // Applies what stands in fields and in the text and was not yet taken: before it is saved, exported or left.
    void take_typed();

public slots:
    void show_start_page();
    void show_pictures();
    void start_new_study();
    void open_example(const QString& file);
    void choose_study();
    void open_recent(const QString& file);   // a study, whatever its ending: it was one before
    bool save_study();
    bool save_study_as();
    void reset_layout();
    void step_picture_tab(int by);
    void set_method_of_study(bool simulate);
    void show_problem_places();
    CalibrationDialog& open_calibration();
    void choose_candidate();

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    bool may_leave_study();       // the study open now: asks when it has changes
    Leaving ask_by_dialogue();
    Saving ask_saving_by_dialogue();
    bool ready_to_save();
    void build_centre();
    void connect_session();
    void show_title();
    void show_problems();
    void show_disk();
    void offer_recovered();
    void take_recovered();
    void remember_layout();
    void restore_layout();

    Session* session_;
    QStackedWidget* centre_ = nullptr;
    StartPage* start_ = nullptr;
    PicturesPage* pictures_ = nullptr;
    NoticeBar* problem_bar_ = nullptr;
    NoticeBar* recovery_bar_ = nullptr;
    NoticeBar* disk_bar_ = nullptr;
    CalibrationDialog* calibration_ = nullptr;
    Docks docks_;
};

}  // namespace moeplan
