#include "sim/request/request.h"

namespace moeplan {

std::string_view name_of(Ending ending) {
    switch (ending) {
        case Ending::completed: return "completed";
        case Ending::rejected: return "rejected";
        case Ending::timed_out: return "timed out";
        case Ending::unfinished: return "unfinished";
    }
    return "";
}

}  // namespace moeplan
