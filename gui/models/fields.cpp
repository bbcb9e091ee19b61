#include "gui/models/fields.h"

namespace moeplan {

const std::vector<NumberField>& number_fields(std::string_view) {
    static const std::vector<NumberField> none;
    return none;
}

const std::vector<ChoiceField>& choice_fields(std::string_view) {
    static const std::vector<ChoiceField> none;
    return none;
}

}  // namespace moeplan
