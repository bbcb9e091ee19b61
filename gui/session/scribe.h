#pragma once
// Does small jobs of writing one after the other in a thread of its own: a slow disk does not hold up the window.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace moeplan {

class Scribe {
public:
    Scribe();
    ~Scribe();   // when the last job is done
    Scribe(const Scribe&) = delete;
    Scribe& operator=(const Scribe&) = delete;

    void write(std::function<void()> job);
    void wait();   // until all jobs given so far are done

private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_;
    bool busy_ = false, ending_ = false;
    std::thread thread_;
};

}  // namespace moeplan
