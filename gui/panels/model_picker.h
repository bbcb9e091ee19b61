#pragma once
// A model by searching the catalog, by typing a path, or by choosing a file.

#include <QWidget>

#include "core/base/result.h"

class QCompleter;
class QLineEdit;
class QMimeData;

namespace moeplan {

class MessageLine;
class ModelSearch;
class Session;

class ModelPicker : public QWidget {
    Q_OBJECT

public:
    // `session` outlives it. `name`: object name; parts are NAME.text, NAME.file, NAME.message.
    ModelPicker(Session& session, const QString& name, QWidget* parent = nullptr);

    void show_model(const QString& model);   // what is chosen now; text being typed stays
    // A name or path; problems are said in place. True when it was a model and picked() went out.
    bool take(const QString& model);
    QString message() const;
    void start_search();

signals:
    void picked(const QString& model);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void offer(const QString& typed);
    void give_back();
    void choose_file();

    Session& session_;
    ModelSearch* search_;
    QLineEdit* text_;
    QCompleter* completer_;
    MessageLine* message_;
    QString shown_;
};

// One line of what is wrong with a model.
QString model_message(const Problems& problems);
// A local file or folder a model can be read from, in what is dragged; empty when there is none.
QString dropped_model(const QMimeData& data);

}  // namespace moeplan
