#include <cstring>
#include <stdexcept>

#include <fmt/format.h>
#include <Eigen/Core>

#include "core/base/require.h"
#include "gpu/cpu/matmul.h"

namespace moeplan::cpu {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

std::string matmul_library() {
    return fmt::format("Eigen {}.{}.{} (built without oneDNN)", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION,
                       EIGEN_MINOR_VERSION);
}

const std::vector<NumberFormat>& matmul_formats() {
    static const std::vector<NumberFormat> only{NumberFormat::fp32};
    return only;
}

struct Matmul::Impl {
    std::int64_t n, k;
};

Matmul::Matmul(std::int64_t n, std::int64_t k, NumberFormat format, std::int64_t, bool) : impl_(new Impl{n, k}) {
    if (format != NumberFormat::fp32)
        throw std::runtime_error(fmt::format("no {} matrix product without oneDNN", name_of(format)));
}

Matmul::~Matmul() = default;
Matmul::Matmul(Matmul&&) noexcept = default;

std::size_t Matmul::packed_bytes() const { return static_cast<std::size_t>(impl_->n * impl_->k) * sizeof(float); }

void Matmul::pack(const void* plain, void* packed) const { std::memcpy(packed, plain, packed_bytes()); }

void Matmul::prepare(std::int64_t m) { require(m >= 1, "Matmul: no rows"); }

void Matmul::run(std::int64_t m, const void* a, const void* packed, void* c) {
    const Eigen::Map<const Matrix> left(static_cast<const float*>(a), m, impl_->k);
    const Eigen::Map<const Matrix> right(static_cast<const float*>(packed), impl_->k, impl_->n);
    Eigen::Map<Matrix>(static_cast<float*>(c), m, impl_->n).noalias() = left * right;
}

std::string Matmul::implementation() const { return "Eigen"; }

}  // namespace moeplan::cpu
