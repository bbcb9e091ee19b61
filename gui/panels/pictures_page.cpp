#include "gui/panels/pictures_page.h"

namespace moeplan {

PicturesPage::PicturesPage(Session& session, QWidget* parent) : QWidget(parent), session_(session) {}

}  // namespace moeplan
