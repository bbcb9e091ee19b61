#include "cli/progress.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "core/report/format.h"
#include "core/report/text_width.h"

namespace moeplan::cli {

Progress::Progress(const Console& console) : unicode_(console.style().unicode), width_(console.style().width) {
    if (console.progress_wanted()) control_.progress = [this](double share) { show(share); };
}

Progress::~Progress() {
    if (visible_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(double share) {
    using std::chrono::milliseconds;
    const auto now = Clock::now();
    if (now - start_ < milliseconds(500) || (visible_ && now - shown_ < milliseconds(100))) return;
    visible_ = true;
    shown_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    std::string line = progress_line(share, seconds, unicode_);
    if (!beside_.empty()) line = shortened(line + "  " + without_controls(beside_), width_ - 1, unicode_);
    std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
    std::fflush(stderr);
}

std::string progress_line(double share, double seconds, bool unicode) {
    constexpr int kWidth = 30;
    share = std::clamp(share, 0.0, 1.0);
    const int full = static_cast<int>(share * kWidth);
    std::string line = repeated(unicode ? "█" : "#", full) + repeated(unicode ? "░" : ".", kWidth - full);
    line += fmt::format("  {:.0f} %", 100 * share);
    if (share <= 0 || seconds <= 0) return line;
    const double rate = share / seconds;
    return line + fmt::format("  {} %/s  {} left", format_number(100 * rate, 2),
                              format_value((1 - share) / rate, "s"));
}

}  // namespace moeplan::cli
