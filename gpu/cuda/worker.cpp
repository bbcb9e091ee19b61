#include "gpu/cuda/worker.h"

#include "gpu/cuda/probes.h"
#include "gpu/protocol/serve.h"

namespace moeplan::cuda {

bool serve(Session& session, std::istream& in, std::ostream& out) {
    return moeplan::serve(in, out, greeting(session), [&session](const ProbeRequest& request) {
        Answer given;
        given.reply = answer(session, request, given.last);
        return given;
    });
}

}  // namespace moeplan::cuda
