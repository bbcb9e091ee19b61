#include "gpu/cuda/worker.h"

#include <istream>
#include <ostream>
#include <string>

#include "gpu/cuda/probes.h"

namespace moeplan::cuda {

namespace {

enum class Line { read, too_long, end };

// Byte by byte from the stream's buffer: asking for a whole block would wait for requests that come only after a reply.
Line next_line(std::istream& in, std::string& line) {
    line.clear();
    bool too_long = false, any = false;
    std::streambuf& buffer = *in.rdbuf();
    for (int c = buffer.sbumpc(); c != std::char_traits<char>::eof(); c = buffer.sbumpc()) {
        any = true;
        if (c == '\n') break;
        too_long = too_long || line.size() >= kLongestProbeLine;
        if (!too_long) line.push_back(static_cast<char>(c));
    }
    return !any ? Line::end : too_long ? Line::too_long : Line::read;
}

ProbeReply refuse(const std::string& line, const Problems& problems) {
    ProbeReply reply;
    reply.id = request_id(line).value_or(-1);
    reply.status = ProbeStatus::failed;
    for (const Problem& problem : problems) reply.message += (reply.message.empty() ? "" : "; ") + to_text(problem);
    return reply;
}

}  // namespace

bool serve(Session& session, std::istream& in, std::ostream& out) {
    out << write_hello(greeting(session)) << std::endl;
    std::string line;
    bool lost = false;
    for (Line state = next_line(in, line); state != Line::end && !lost && out; state = next_line(in, line)) {
        if (state == Line::too_long) {
            out << write_reply(refuse(
                       "", {{"", "", "a line of more than " + std::to_string(kLongestProbeLine) + " bytes", "", {}}}))
                << std::endl;
            continue;
        }
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        const Result<std::optional<ProbeRequest>> request = read_request(line);
        if (request && !*request) return true;
        out << write_reply(request ? answer(session, **request, lost) : refuse(line, request.error())) << std::endl;
        if (lost) return false;
    }
    return true;
}

}  // namespace moeplan::cuda
