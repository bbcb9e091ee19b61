#include "gpu/protocol/serve.h"

#include <string>

#include <fmt/format.h>

namespace moeplan {
namespace {

enum class Line { read, too_long, end };

// Byte by byte from the stream's buffer: a read for a whole block would wait for requests that come only after a reply.
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

bool blank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

ProbeReply refused(std::int64_t id, std::string why) {
    ProbeReply reply;
    reply.id = id;
    reply.status = ProbeStatus::failed;
    reply.message = std::move(why);
    return reply;
}

ProbeReply refused_line(const std::string& line, const Problems& problems) {
    std::string why;
    for (const Problem& problem : problems) why += (why.empty() ? "" : "; ") + to_text(problem);
    return refused(request_id(line).value_or(-1), std::move(why));
}

}  // namespace

bool serve(std::istream& in, std::ostream& out, const WorkerHello& hello, const std::function<Answer(const ProbeRequest&)>& answer) {
    out << write_hello(hello) << '\n' << std::flush;
    std::string line;
    while (out) {
        const Line state = next_line(in, line);
        if (state == Line::end) return true;
        Answer given;
        if (state == Line::too_long) {
            given.reply = refused(-1, fmt::format("a line of more than {} bytes", kLongestProbeLine));
        } else if (blank(line)) {
            continue;
        } else if (const auto request = read_request(line); !request) {
            given.reply = refused_line(line, request.error());
        } else if (!*request) {
            return true;
        } else {
            given = answer(**request);
        }
        out << write_reply(given.reply) << '\n' << std::flush;
        if (given.last) return false;
    }
    return true;
}

}  // namespace moeplan
