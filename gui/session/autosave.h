#pragma once
// Unsaved edits on disk, one file for every open study, and what a program that was killed left of its own. A file belongs to
// whoever holds the lock beside it; the lock of a program that is gone can be taken, so two windows never take each other's.

#include <memory>
#include <optional>
#include <vector>

#include <QLockFile>
#include <QString>

namespace moeplan {

struct Unsaved {
    QString yaml;
    QString file;     // where it was to be saved; empty = nowhere yet
    QString anchor;   // the file its relative paths are relative to
};

class Autosave {
public:
    // `folder` is made when something is to be written.
    explicit Autosave(const QString& folder);
    // Removes its own file, unless it is to be kept; gives back the locks of what was left and not taken.
    ~Autosave();

    // Of this study. Whole or not at all; false when it cannot be written. From any one thread at a time.
    bool write(const Unsaved& unsaved);
    void remove();
    void keep();      // the file stays when this goes, and is found by the next start

    // Newest first: what programs that are gone have left. Held by this one from now on.
    void look_for_left_behind();
    std::optional<Unsaved> left_behind() const;
    void remove_left_behind();   // the one that left_behind() gives

private:
    struct Left { QString path; Unsaved unsaved; std::unique_ptr<QLockFile> lock; };
    bool lock_own();

    QString folder_, path_;
    std::unique_ptr<QLockFile> lock_;
    std::vector<Left> left_;
    bool keep_ = false;
};

}  // namespace moeplan
