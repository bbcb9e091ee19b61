#pragma once
// A command of the program as data: what it is called with and what it does. Parsing, --help and the
// completion scripts all read this, so an option exists in one place.

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/console.h"

namespace moeplan::cli {

enum class Completes { nothing, files, models, gpus, engines };

struct Option {
    std::string name;     // "--output"
    std::string letter;   // "-o", or empty
    std::string value;    // what follows it, for people: "FILE|DIR"; empty = a flag
    std::string doc;
    std::vector<std::string> choices = {};   // the only values accepted; empty = any
    bool open = false;                       // the command checks them itself, beside its other checks
    bool many = false;                       // may be given several times
    Completes completes = Completes::nothing;
    bool writes = false;                     // its value is a file the command writes: never one that it reads
};

struct Positional {
    std::string name;   // "STUDY"
    std::string doc;
    std::size_t at_least = 0;
    std::size_t at_most = 1;
    Completes completes = Completes::nothing;
    std::vector<std::string> choices = {};   // the only words accepted first; empty = any
};

struct Command {
    std::string name;
    std::string summary;   // one line for the list of commands
    std::string doc;       // a paragraph for --help; may be empty
    std::vector<Positional> words;
    std::vector<Option> options;
    std::vector<std::string> examples;
    ExitCode (*run)(const Arguments& arguments, Console& console);
};

// --color, --catalog, --help: understood before and after every command.
const std::vector<Option>& common_options();

// Every command, in the order --help lists them. Defined in cli/commands/catalog.cpp.
const std::vector<Command>& all_commands();
const Command* find_command(std::string_view name);   // null when unknown

}  // namespace moeplan::cli
