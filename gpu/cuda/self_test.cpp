#include "gpu/cuda/self_test.h"

#include <fmt/format.h>

#include <ostream>

#include "gpu/cuda/matmul.h"

namespace moeplan::cuda {

namespace {

constexpr int kRounds = 12;

class Table {
public:
    explicit Table(std::ostream& out) : out_(out) { line("kernel", "shape", "worst", "allowed", ""); }

    void add(const std::string& kernel, const Comparison& c) {
        ++compared_;
        if (!c.ok()) ++wrong_;
        line(kernel, c.shape, fmt::format("{:.3g}", c.worst), fmt::format("{:.3g}", c.allowed),
             c.ok() ? "ok" : "WRONG " + c.wrong);
    }
    void skip(const std::string& kernel, const std::string& why) { line(kernel, "-", "-", "-", "not here: " + why); }
    void fail(const std::string& kernel, const std::string& why) {
        ++compared_;
        ++wrong_;
        line(kernel, "-", "-", "-", "FAILED " + why);
    }
    bool finish() const {
        out_ << compared_ << " comparisons, " << wrong_ << " wrong" << std::endl;
        return wrong_ == 0 && compared_ > 0;
    }

private:
    void line(const std::string& kernel, const std::string& shape, const std::string& worst, const std::string& allowed,
              const std::string& verdict) {
        out_ << fmt::format("{:<36} {:<84} {:>10} {:>10}  {}", kernel, shape, worst, allowed, verdict) << std::endl;
    }
    std::ostream& out_;
    int compared_ = 0, wrong_ = 0;
};

// Only what the greeting offers is compared, so that "unsupported" is wrong too. False when nothing more can run.
template <class Run>
bool compare(Session& session, Table& table, const std::string& kernel, Run run) {
    for (int round = 0; round < kRounds; ++round) {
        try {
            table.add(kernel, run());
        } catch (const DeviceError& error) {
            table.fail(kernel, error.what());
            if (!session.recover()) return false;
        }
    }
    return true;
}

bool compare_kernels(Session& session, Table& table, CheckRandom& random, CheckSize size) {
    for (const KernelCheck& check : kernel_checks()) {
        const auto one = [&] { return check.run(random, size); };
        if (!compare(session, table, check.kernel, one)) return false;
    }
    return true;
}

bool compare_products(Session& session, Table& table, CheckRandom& random) {
    for (const NumberFormat format :
         {NumberFormat::bf16, NumberFormat::fp16, NumberFormat::fp8, NumberFormat::fp8_block}) {
        const std::string name = "GEMM " + std::string(name_of(format));
        if (const std::string missing = matmul_missing(session, format); !missing.empty()) table.skip(name, missing);
        else if (!compare(session, table, name, [&] { return check_matmul(session, format, random); })) return false;
    }
    for (const NumberFormat format : {NumberFormat::bf16, NumberFormat::fp16, NumberFormat::fp8}) {
        const std::string name = "expert layer " + std::string(name_of(format));
        if (const std::string missing = matmul_missing(session, format); !missing.empty()) table.skip(name, missing);
        else if (!compare(session, table, name, [&] { return check_expert_layer(session, format, random); }))
            return false;
    }
    return true;
}

}  // namespace

bool self_test(Session& session, std::uint64_t seed, CheckSize size, std::ostream& out) {
    out << session.device_name() << ", compute capability " << session.properties().major << "." << session.properties().minor
        << ", seed " << seed << std::endl;
    Table table(out);
    CheckRandom random(seed);
    const bool alive = compare_kernels(session, table, random, size) && compare_products(session, table, random);
    if (!alive) out << "the GPU runs nothing more for this process" << std::endl;
    return table.finish() && alive;
}

}  // namespace moeplan::cuda
