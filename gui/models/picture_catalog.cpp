#include <algorithm>

#include "gui/models/pictures.h"

namespace moeplan {

const std::vector<PictureEntry>& picture_catalog() {
    static const std::vector<PictureEntry> entries;
    return entries;
}

const PictureEntry* find_picture(std::string_view id) {
    const auto found = std::ranges::find(picture_catalog(), id, &PictureEntry::id);
    return found == picture_catalog().end() ? nullptr : &*found;
}

}  // namespace moeplan
