#pragma once
// The studies that come with the program, as the start page lists them. Only the first lines of each file are read. Links no
// Widgets.

#include <vector>

#include <QString>

namespace moeplan {

struct Example {
    QString file;
    QString group;    // "For an application team"
    QString name;     // of the study, or the number and text of a claim
    QString line;     // what it asks, or was found; may be empty
    int claim = 0;    // its number; 0 = a starter study
};

// Of `folder`/studies, grouped by who asks, then of `folder`/claims by number. What cannot be read is left out.
std::vector<Example> read_examples(const QString& folder);

}  // namespace moeplan
