#pragma once
// The pictures by tabs. Only the tab in sight is made and drawn; the others are when they are shown.

#include <memory>

#include <QWidget>

namespace moeplan {

class PicturePlot;
class Session;

class PicturesPage : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit PicturesPage(Session& session, QWidget* parent = nullptr);
    ~PicturesPage() override;

    // By the catalog's id; null when unknown.
    PicturePlot* picture_widget(const QString& id) const;
    // "Compare", "Memory", …; what is not a page changes nothing.
    void show_page(const QString& name);
    QString page() const;
    // One picture over the whole page, and back.
    void toggle_whole_page(const QString& id);

signals:
    void problem_found(const QString& what);   // a picture could not be exported

private:
    struct State;

    void refresh();

    Session& session_;
    std::unique_ptr<State> state_;
};

}  // namespace moeplan
