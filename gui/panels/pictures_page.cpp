#include "gui/panels/pictures_page.h"

#include <algorithm>
#include <vector>

#include <QScrollArea>
#include <QTabWidget>
#include <QVBoxLayout>

#include "gui/models/pictures.h"
#include "gui/models/text.h"
#include "gui/panels/picture_grid.h"
#include "gui/plots/picture_plot.h"
#include "gui/session/session.h"

namespace moeplan {

namespace {

// What is absent for one reason is said once, under all its titles; the grid shows the first of them only.
void name_absent_together(std::vector<Picture>& pictures) {
    for (auto first = pictures.begin(); first != pictures.end(); ++first) {
        const auto alike = [&](const Picture& p) { return p.empty() && p.nothing == first->nothing; };
        if (std::any_of(pictures.begin(), first, alike)) continue;
        for (auto other = first + 1; other != pictures.end(); ++other) {
            if (alike(*other)) first->title += " · " + other->title;
        }
    }
}

// Of half a simulation a picture cannot tell why it has nothing to show.
void name_missing(std::vector<Picture>& pictures, bool running) {
    for (Picture& picture : pictures) {
        if (picture.empty())
            picture.nothing = running ? "Known when the simulation is done." : "Not known: the simulation was stopped before its end.";
    }
}

}  // namespace

struct PicturesPage::State {
    struct Page {
        QString name;
        PictureGrid* grid = nullptr;
        bool stale = true;
        std::vector<std::pair<const PictureEntry*, PicturePlot*>> pictures;
    };
    QTabWidget* tabs = nullptr;
    std::vector<Page> pages;

    Page& page_of(std::string_view name) {
        const auto found = std::ranges::find(pages, text_of(name), &Page::name);
        return found == pages.end() ? pages.emplace_back(Page{text_of(name), nullptr, true, {}}) : *found;
    }
};

PicturesPage::PicturesPage(Session& session, QWidget* parent) : QWidget(parent), session_(session), state_(new State) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    state_->tabs = new QTabWidget(this);
    state_->tabs->setObjectName("tabs");
    state_->tabs->setAccessibleName(tr("Pictures"));
    state_->tabs->setDocumentMode(true);
    layout->addWidget(state_->tabs);
    for (const PictureEntry& entry : picture_catalog()) {
        State::Page& page = state_->page_of(entry.page);
        if (!page.grid) {
            page.grid = new PictureGrid;
            page.grid->setObjectName("page." + page.name);
            auto* scroll = new QScrollArea;
            scroll->setWidgetResizable(true);
            scroll->setFrameShape(QFrame::NoFrame);
            scroll->setFocusPolicy(Qt::NoFocus);
            scroll->setWidget(page.grid);
            state_->tabs->addTab(scroll, page.name);
        }
        auto* plot = new PicturePlot(page.grid);
        plot->setObjectName("picture." + text_of(entry.id));
        page.grid->add(plot);
        page.pictures.emplace_back(&entry, plot);
        connect(plot, &PicturePlot::maximise_requested, this, [this, id = text_of(entry.id)] { toggle_whole_page(id); });
        connect(plot, &PicturePlot::export_failed, this, &PicturesPage::problem_found);
    }
    const auto renew = [this] {
        for (State::Page& page : state_->pages) page.stale = true;
        refresh();
    };
    connect(&session_, &Session::answered, this, renew);
    connect(&session_, &Session::partly_answered, this, renew);
    connect(&session_, &Session::answering_changed, this, [this, renew] {
        if (session_.is_partial()) renew();   // it no longer runs, or runs again
    });
    connect(state_->tabs, &QTabWidget::currentChanged, this, &PicturesPage::refresh);
    refresh();
}

PicturesPage::~PicturesPage() = default;

void PicturesPage::refresh() {
    const auto index = static_cast<std::size_t>(state_->tabs->currentIndex());
    if (index >= state_->pages.size() || !state_->pages[index].stale) return;
    State::Page& page = state_->pages[index];
    page.stale = false;
    const auto report = session_.report();
    std::vector<Picture> pictures;
    for (const auto& [entry, plot] : page.pictures) {
        Picture& picture = pictures.emplace_back();
        if (report) {
            picture = entry->make(*report);
        } else {
            picture.id = entry->id;
            picture.title = entry->title;
            picture.nothing = "Nothing is answered yet.";
        }
    }
    if (session_.is_partial()) name_missing(pictures, session_.answering());
    name_absent_together(pictures);
    for (std::size_t i = 0; i < pictures.size(); ++i) page.pictures[i].second->show_picture(pictures[i]);
    page.grid->arrange();
}

PicturePlot* PicturesPage::picture_widget(const QString& id) const { return findChild<PicturePlot*>("picture." + id); }

void PicturesPage::show_page(const QString& name) {
    for (std::size_t i = 0; i < state_->pages.size(); ++i) {
        if (state_->pages[i].name == name) state_->tabs->setCurrentIndex(static_cast<int>(i));
    }
}

QString PicturesPage::page() const { return state_->tabs->tabText(state_->tabs->currentIndex()); }

void PicturesPage::toggle_whole_page(const QString& id) {
    PicturePlot* plot = picture_widget(id);
    if (!plot) return;
    for (State::Page& page : state_->pages) {
        if (std::ranges::any_of(page.pictures, [&](const auto& p) { return p.second == plot; })) page.grid->toggle_alone(plot);
    }
}

}  // namespace moeplan
