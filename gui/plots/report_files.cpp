#include "gui/plots/report_files.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <QFile>
#include <nlohmann/json.hpp>

#include "core/base/nearest.h"
#include "core/base/write_file.h"
#include "core/report/json_reader.h"
#include "gui/models/pictures.h"
#include "gui/models/text.h"
#include "gui/plots/picture_file.h"
#include "gui/plots/report_document.h"

namespace moeplan {
namespace {

const std::vector<std::string> kFormats{"svg", "png", "pdf", "csv"}, kLooks{"light", "dark", "both"};

struct Plan {
    std::vector<const PictureEntry*> pictures;
    PictureFileOptions options;
};

void check_word(Problems& problems, const std::string& option, const std::string& word, const std::vector<std::string>& words) {
    if (std::ranges::find(words, word) == words.end()) problems.push_back({option, {}, "'" + word + "' is not known; expected " + one_of(words), did_you_mean(word, words)});
}

// "800x480"
std::optional<QSize> size_of(const std::string& text) {
    const QStringList sides = text_of(text).split('x');
    bool wide = false, high = false;
    const QSize size = sides.size() == 2 ? QSize(sides[0].toInt(&wide), sides[1].toInt(&high)) : QSize();
    return wide && high ? std::optional(size) : std::nullopt;
}

Problems plan_of(const PlotRequest& request, std::size_t reports, Plan& plan) {
    Problems problems;
    plan.options.title = request.titles;
    if (reports != 1) problems.push_back({{}, {}, "expected one REPORT.json, got " + std::to_string(reports), "write one with: moeplan run STUDY.yaml --format json"});
    if (request.folder.empty() && request.pdf_report.empty()) problems.push_back({{}, {}, "nothing to write; expected --out FOLDER or --pdf-report FILE.pdf", {}});
    check_word(problems, "--format", request.format, kFormats);
    check_word(problems, "--look", request.look, kLooks);
    const auto size = size_of(request.size);
    if (size) plan.options.size = *size;
    else problems.push_back({"--size", {}, "'" + request.size + "' is not a size; expected WIDTHxHEIGHT, such as 800x480", {}});
    bool is_number = false;
    plan.options.scale = text_of(request.scale).toDouble(&is_number);
    if (!is_number) problems.push_back({"--scale", {}, "'" + request.scale + "' is not a number", {}});
    std::vector<std::string> ids;
    for (const PictureEntry& entry : picture_catalog()) ids.emplace_back(entry.id);
    for (const std::string& id : request.pictures) check_word(problems, "--picture", id, ids);
    for (const PictureEntry& entry : picture_catalog()) {
        if (request.pictures.empty() || std::ranges::find(request.pictures, entry.id) != request.pictures.end()) plan.pictures.push_back(&entry);
    }
    // Sizes and scales out of range are told before anything is read.
    if (size && is_number) {
        Picture probe;
        probe.nothing = "probe";
        if (const auto bytes = picture_bytes(probe, "csv", plan.options); !bytes) append(problems, bytes.error());
    }
    return problems;
}

Result<Report> read_report(const std::string& name) {
    QFile file(text_of(name));
    if (!file.open(QIODevice::ReadOnly)) return fail({name, {}, "cannot be read: " + file.errorString().toStdString(), {}});
    const QByteArray bytes = file.readAll();
    return read_report_json(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())), name);
}

Problems write_bytes(const std::string& path, const QByteArray& bytes) {
    return write_file_atomically(path, std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
}

Problems write_looks(const Picture& picture, const PlotRequest& request, PictureFileOptions options, nlohmann::ordered_json& files) {
    const bool numbers = request.format == "csv";
    for (const auto& [look, name] : {std::pair{Look::light, "light"}, {Look::dark, "dark"}}) {
        if (request.look != "both" && request.look != name) continue;
        options.look = look;
        const std::string file = picture.id + (numbers ? "" : std::string("-") + name) + "." + request.format;
        files[name] = file;
        const auto bytes = picture_bytes(picture, request.format, options);
        if (!bytes) return bytes.error();
        if (Problems problems = write_bytes((std::filesystem::path(request.folder) / file).string(), *bytes); !problems.empty()) return problems;
    }
    return {};
}

Problems write_folder(const Report& report, const PlotRequest& request, const Plan& plan) {
    std::error_code error;
    std::filesystem::create_directories(request.folder, error);
    if (error) return {{request.folder, {}, "cannot be made: " + error.message(), {}}};
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const PictureEntry* entry : plan.pictures) {
        const Picture picture = entry->make(report);
        nlohmann::ordered_json item{{"id", entry->id}, {"title", picture.title}, {"meaning", picture.meaning}, {"page", entry->page}};
        if (picture.empty()) {
            item["nothing"] = picture.nothing;
        } else if (Problems problems = write_looks(picture, request, plan.options, item["files"]); !problems.empty()) {
            return problems;
        }
        list.push_back(std::move(item));
    }
    const std::string text = list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    return write_file_atomically((std::filesystem::path(request.folder) / "pictures.json").string(), text);
}

}  // namespace

Problems plot_report(const PlotRequest& request, std::size_t reports) {
    Plan plan;
    if (Problems problems = plan_of(request, reports, plan); !problems.empty()) return problems;
    const auto report = read_report(request.report);
    if (!report) return report.error();
    if (!request.folder.empty()) {
        if (Problems problems = write_folder(*report, request, plan); !problems.empty()) return problems;
    }
    if (request.pdf_report.empty()) return {};
    return write_bytes(request.pdf_report, report_pdf(*report));
}

}  // namespace moeplan
