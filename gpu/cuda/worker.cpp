#include "gpu/cuda/worker.h"

#include <istream>
#include <ostream>

#include "core/base/line_reader.h"
#include "gpu/cuda/probes.h"

namespace moeplan::cuda {

bool serve(Session& session, std::istream& in, std::ostream& out, std::ostream& errors) {
    out << write_hello(greeting(session)) << std::endl;
    LineReader lines(in);
    std::string_view line;
    while (lines.next(line)) {
        if (line.empty()) continue;
        const Result<std::optional<ProbeRequest>> request = read_request(line);
        if (!request) {
            for (const Problem& problem : request.error()) errors << "moeplan-probe-cuda: line " << lines.number() << ": " << to_text(problem) << std::endl;
            continue;
        }
        if (!*request) return true;
        bool lost = false;
        out << write_reply(answer(session, **request, lost)) << std::endl;
        if (lost) return false;
    }
    return true;
}

}  // namespace moeplan::cuda
