#pragma once
// Starter studies, the claims, recent files: one click each.

#include <QWidget>

class QListWidget;
class QTreeWidget;
class QTreeWidgetItem;

namespace moeplan {

class Session;

class StartPage : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it. Examples are read when the page is first shown.
    explicit StartPage(Session& session, QWidget* parent = nullptr);

    void fill_examples();

signals:
    void new_wanted();
    void open_wanted();
    void example_wanted(const QString& file);   // opened as a copy
    void file_wanted(const QString& file);

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* make_actions();
    void fill_recent();
    void choose(const QTreeWidgetItem* item);

    Session& session_;
    QTreeWidget* examples_;
    QListWidget* recent_;
    bool filled_ = false;
};

}  // namespace moeplan
