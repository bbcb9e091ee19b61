// Lines of the probe protocol: whatever the bytes are, a value or problems; what is accepted is written and read back as
// the same value, and a kernel that is accepted can be described and priced.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gpu/protocol/protocol.h"
#include "gpu/protocol/step.h"

namespace {

void must(bool holds) {
    if (!holds) std::abort();
}

void check(const moeplan::Kernel& kernel) {
    must(moeplan::check_kernel(kernel).empty());
    must(moeplan::memory_of(kernel).value >= 0);
    must(moeplan::work_of(moeplan::op_of(kernel)).bytes.value >= 0);
    must(!moeplan::to_text(kernel).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    (void)moeplan::request_id(line);
    if (const auto hello = moeplan::read_hello(line)) must(moeplan::read_hello(moeplan::write_hello(*hello)) == *hello);
    if (const auto request = moeplan::read_request(line); request && *request) {
        check((*request)->kernel);
        const auto again = moeplan::read_request(moeplan::write_request(**request));
        must(again && *again && **again == **request);
    }
    if (const auto reply = moeplan::read_reply(line)) must(moeplan::read_reply(moeplan::write_reply(*reply)) == *reply);
    if (const auto step = moeplan::read_step(line)) {
        for (const auto& one : step->kernels) check(one.kernel);
        must(moeplan::read_step(moeplan::write_step(*step)) == *step);
    }
    return 0;
}
