// Files: opened, saved, kept from being lost.
#include <utility>

#include <QFile>
#include <QFileInfo>

#include "core/base/write_file.h"
#include "gui/models/text.h"
#include "gui/session/new_study.h"
#include "gui/session/recent_files.h"
#include "gui/session/session_state.h"
#include "gui/session/study_text.h"

namespace moeplan {
namespace {

constexpr qint64 kMostBytes = 4 << 20;   // of a study; what reading YAML takes at most

std::optional<QByteArray> bytes_of(const QString& file) {
    QFile in(file);
    if (!QFileInfo(file).isFile() || !in.open(QIODevice::ReadOnly) || in.size() > kMostBytes) return std::nullopt;
    return in.readAll();
}

// Beside the file, under a name that is free or holds the same already. Problems when it cannot be written.
Result<QString> back_up(const QString& file, const QByteArray& bytes) {
    for (int n = 1;; ++n) {
        const QString name = file + (n == 1 ? QStringLiteral(".bak") : QStringLiteral(".bak%1").arg(n));
        if (QFileInfo::exists(name) && bytes_of(name) != bytes) continue;
        if (auto problems = write_file_atomically(name.toStdString(), bytes.toStdString()); !problems.empty())
            return fail(std::move(problems));
        return name;
    }
}

}  // namespace

bool Session::open(const QString& file) {
    const QString whole = QFileInfo(file).absoluteFilePath();
    const auto bytes = bytes_of(whole);
    auto read = bytes ? parse_scenario(bytes->toStdString(), whole.toStdString()) : load_scenario(whole.toStdString());
    if (!read) {
        refuse(std::move(read.error()), bytes ? std::optional(Draft{QString::fromUtf8(*bytes), whole}) : std::nullopt);
        return false;
    }
    adopt(std::move(*read), bytes ? text_of(leading_comment(bytes->toStdString())) : QString(), whole);
    state_->on_disk = bytes.value_or(QByteArray());
    remember_recent(whole);
    return true;
}

bool Session::open_example(const QString& file) {
    const QString whole = QFileInfo(file).absoluteFilePath();
    auto read = load_scenario(whole.toStdString());
    if (!read) {
        refuse(std::move(read.error()), std::nullopt);
        return false;
    }
    adopt(std::move(*read), text_of(leading_comment(bytes_of(whole).value_or(QByteArray()).toStdString())), {});
    return true;
}

void Session::start_new() { adopt(new_study(), {}, {}); }

bool Session::save() { return may_save() && !state_->file.isEmpty() && write_to(state_->file); }
bool Session::save_as(const QString& file) { return may_save() && write_to(QFileInfo(file).absoluteFilePath()); }

// What stands on the screen is a text that is no study; saving the study beneath it would not be what was meant.
bool Session::may_save() {
    if (!state_->draft) return true;
    const QString& from = state_->draft->file;
    emit told(from.isEmpty() ? tr("Not saved: what is typed in Study text cannot be read")
                             : tr("Not saved: %1 cannot be read as it is").arg(QFileInfo(from).fileName()));
    return false;
}

QString Session::title() const {
    return state_->file.isEmpty() ? text_of(state_->scenario->name) : QFileInfo(state_->file).fileName();
}

bool Session::write_to(const QString& file) {
    State& s = *state_;
    const bool from_example = s.file.isEmpty();
    Scenario moved = moved_to(*s.scenario, file.toStdString(), *s.catalog, from_example);
    const QByteArray text = s.comment.toUtf8() + QByteArray::fromStdString(save_scenario(moved));
    const auto there = file == s.file ? bytes_of(file) : std::nullopt;
    QString copy;
    if (there && *there != text && (*there != s.on_disk || has_inner_comments(there->toStdString()))) {
        auto backed_up = back_up(file, *there);
        if (!backed_up) return refuse(std::move(backed_up.error()), std::nullopt), false;
        copy = *backed_up;
    }
    if (auto problems = write_file_atomically(file.toStdString(), text.toStdString()); !problems.empty())
        return refuse(std::move(problems), std::nullopt), false;
    s.file = file;
    s.scenario = std::make_shared<const Scenario>(std::move(moved));
    is_as_on_disk(text);
    if (!s.text_problems.empty()) refuse({}, std::nullopt);   // of a place that could not be written
    remember_recent(file);
    emit file_changed();
    emit scenario_changed();   // the files it names may be named otherwise now
    emit told(copy.isEmpty() ? tr("Saved %1").arg(QFileInfo(file).fileName())
                             : tr("Saved %1. What saving would have lost of the old file is in %2")
                                   .arg(QFileInfo(file).fileName(), QFileInfo(copy).fileName()));
    return true;
}

// The study is what its file holds.
void Session::is_as_on_disk(const QByteArray& bytes) {
    State& s = *state_;
    s.on_disk = bytes;
    s.seen_on_disk.clear();
    s.watch.watch(s.file);
    s.undo.setClean();
    s.autosave_timer.stop();
    s.scribe.write([&autosave = s.autosave] { autosave.remove(); });
    emit disk_changed();
}

bool Session::changed_on_disk() const {
    const State& s = *state_;
    if (s.file.isEmpty() || s.on_disk.isNull()) return false;
    const auto there = bytes_of(s.file);
    return there && *there != s.on_disk;
}

void Session::look_at_disk() {
    State& s = *state_;
    const auto there = s.file.isEmpty() || s.on_disk.isNull() ? std::nullopt : bytes_of(s.file);
    if (!there || *there == (s.seen_on_disk.isNull() ? s.on_disk : s.seen_on_disk)) return;
    s.seen_on_disk = *there;
    emit disk_changed();
}

bool Session::reload() {
    State& s = *state_;
    const auto bytes = bytes_of(s.file);
    auto read = bytes ? parse_scenario(bytes->toStdString(), s.file.toStdString()) : load_scenario(s.file.toStdString());
    if (!read) {
        refuse(std::move(read.error()), bytes ? std::optional(Draft{QString::fromUtf8(*bytes), s.file}) : std::nullopt);
        return false;
    }
    Standing there{std::make_shared<const Scenario>(std::move(*read)), text_of(leading_comment(bytes->toStdString())), std::nullopt, {}};
    if (!(there == Standing{s.scenario, s.comment, s.draft, {}})) take_step(tr("reload"), {}, std::move(there));
    is_as_on_disk(*bytes);
    return true;
}

void Session::remember_recent(const QString& file) {
    State& s = *state_;
    s.recent.removeAll(file);
    s.recent.prepend(file);
    while (s.recent.size() > kMostRecentFiles) s.recent.removeLast();
    s.scribe.write([list = s.folder + "/recent.json", file] { add_recent_file(list, file); });
    emit recent_files_changed();
}

QStringList Session::recent_files() const { return existing_files(state_->recent); }

std::optional<Session::Recovered> Session::recovered() const {
    const auto left = state_->autosave.left_behind();
    return left ? std::optional(Recovered{left->yaml, left->file}) : std::nullopt;
}

void Session::take_recovered() {
    State& s = *state_;
    const auto left = s.autosave.left_behind();
    if (!left) return;
    auto read = read_study(left->yaml.toStdString(), (left->file.isEmpty() ? left->anchor : left->file).toStdString());
    if (!read) return refuse(std::move(read.error()), Draft{left->yaml, left->file});   // stays on disk until it is discarded
    adopt(std::move(*read), text_of(leading_comment(left->yaml.toStdString())), left->file);
    s.on_disk = bytes_of(s.file).value_or(QByteArray());
    s.undo.resetClean();
    // It is kept as this window's own before the other's is given up.
    s.scribe.write([&autosave = s.autosave, unsaved = *left] {
        if (autosave.write(unsaved)) autosave.remove_left_behind();
    });
    s.scribe.wait();
    emit file_changed();
    emit recovered_changed();
}

void Session::discard_recovered() {
    state_->scribe.write([&autosave = state_->autosave] { autosave.remove_left_behind(); });
    state_->scribe.wait();
    emit recovered_changed();
}

void Session::keep_for_next_time() {
    if (!is_modified()) return;
    autosave(true);
    state_->scribe.wait();
}

// A text that cannot be read as it was typed: it took somebody time.
void Session::autosave(bool and_keep) {
    State& s = *state_;
    Unsaved unsaved{text(), s.file, text_of(s.scenario->file)};
    if (s.draft) unsaved.yaml = s.draft->yaml;
    if (s.draft && !s.draft->file.isEmpty()) unsaved.file = s.draft->file;
    s.scribe.write([&autosave = s.autosave, unsaved = std::move(unsaved), and_keep] {
        autosave.write(unsaved);
        if (and_keep) autosave.keep();
    });
}

}  // namespace moeplan
