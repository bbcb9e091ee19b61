#include "gui/panels/model_picker.h"

#include <algorithm>

#include <QAbstractItemView>
#include <QCompleter>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QToolButton>
#include <QUrl>

#include "gui/models/model_lookup.h"
#include "gui/models/model_search.h"
#include "gui/models/text.h"
#include "gui/panels/message_line.h"
#include "gui/session/session.h"

namespace moeplan {

QString model_message(const Problems& problems) {
    if (problems.empty()) return {};
    const Problem& first = problems.front();
    QString text = text_of(first.what);
    if (!first.hint.empty()) text += "; " + text_of(first.hint);
    if (problems.size() > 1) text += QObject::tr(" (and %1 more)").arg(problems.size() - 1);
    return text;
}

QString dropped_model(const QMimeData& data) {
    for (const QUrl& url : data.urls()) {
        const QFileInfo file(url.toLocalFile());
        const bool model = file.isDir() ? QFileInfo::exists(file.filePath() + "/config.json")
                                        : file.suffix().compare("json", Qt::CaseInsensitive) == 0 ||
                                              file.suffix().compare("gguf", Qt::CaseInsensitive) == 0;
        if (url.isLocalFile() && model) return file.filePath();
    }
    return {};
}

ModelPicker::ModelPicker(Session& session, const QString& name, QWidget* parent)
    : QWidget(parent),
      session_(session),
      search_(new ModelSearch(session.catalog(), this)),
      text_(new QLineEdit(this)),
      completer_(new QCompleter(search_, this)),
      message_(new MessageLine(MessageLine::Kind::wrong, this)) {
    setObjectName(name);
    text_->setObjectName(name + ".text");
    text_->setAccessibleName(tr("model"));
    text_->setPlaceholderText(tr("search a model, or type a path"));
    text_->setToolTip(
        tr("<qt>Any words of a name: 'mixtral 8x7', 'qwen 235'. Or the path of a config.json, its folder or a .gguf; files can be "
           "dropped here.</qt>"));
    text_->setMaxLength(4096);
    text_->setAcceptDrops(false);
    text_->installEventFilter(this);
    message_->setObjectName(name + ".message");
    completer_->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    completer_->setCompletionRole(Qt::EditRole);
    completer_->setMaxVisibleItems(12);
    completer_->setWidget(text_);
    completer_->popup()->setTextElideMode(Qt::ElideMiddle);
    auto* file = new QToolButton(this);
    file->setText(QStringLiteral("…"));
    file->setObjectName(name + ".file");
    file->setAccessibleName(tr("choose a model's file"));
    file->setToolTip(tr("Choose a config.json or a .gguf"));
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(2);
    grid->addWidget(text_, 0, 0);
    grid->addWidget(file, 0, 1);
    grid->addWidget(message_, 1, 0, 1, 2);
    grid->setColumnStretch(0, 1);
    connect(file, &QToolButton::clicked, this, &ModelPicker::choose_file);
    connect(text_, &QLineEdit::textEdited, this, &ModelPicker::offer);
    connect(text_, &QLineEdit::returnPressed, this, [this] { take(text_->text()); });
    connect(completer_, qOverload<const QString&>(&QCompleter::activated), this, [this](const QString& id) { take(id); });
}

void ModelPicker::offer(const QString& typed) {
    message_->say({});
    search_->set_study(session_.scenario());
    search_->set_query(typed.toStdString());
    QRect place = text_->rect();
    place.setWidth(std::max(place.width(), 380));
    if (search_->rowCount() > 0) completer_->complete(place);
    else completer_->popup()->hide();
}

void ModelPicker::start_search() {
    text_->setFocus();
    text_->selectAll();
    offer({});
}

void ModelPicker::show_model(const QString& model) {
    const bool typing = text_->isModified() && text_->hasFocus();
    if (model == shown_ && (typing || text_->text() == model)) return;
    shown_ = model;
    if (!typing) give_back();
}

bool ModelPicker::take(const QString& model) {
    const QString wanted = model.trimmed();
    completer_->popup()->hide();
    if (wanted == shown_) {
        give_back();
        return false;
    }
    const Problems problems = model_problems(session_.catalog(), session_.scenario(), wanted.toStdString());
    if (!problems.empty()) {
        message_->say(model_message(problems));
        return false;
    }
    shown_ = wanted;
    give_back();
    emit picked(wanted);
    return true;
}

QString ModelPicker::message() const { return message_->text(); }

void ModelPicker::give_back() {
    text_->setText(shown_);
    text_->setModified(false);
    text_->setCursorPosition(0);
    message_->say({});
}

void ModelPicker::choose_file() {
    auto* dialog = new QFileDialog(this, tr("Choose a model"), QFileInfo(session_.file()).absolutePath(),
                                   tr("Models (config.json *.json *.gguf);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &ModelPicker::take);
    dialog->open();
}

bool ModelPicker::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Escape && (text_->isModified() || !message().isEmpty())) {
            give_back();
            return true;
        }
        if (key == Qt::Key_Down) {
            offer(text_->isModified() ? text_->text() : QString());
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace moeplan
