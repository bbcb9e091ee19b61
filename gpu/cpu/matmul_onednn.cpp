#include <map>
#include <stdexcept>

#include <fmt/format.h>
#include <dnnl.hpp>

#include "core/base/require.h"
#include "gpu/cpu/matmul.h"

namespace moeplan::cpu {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;
using Type = memory::data_type;

const dnnl::engine& engine() {
    static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}

dnnl::stream& stream() {
    static dnnl::stream one(engine());
    return one;
}

Type type_of(NumberFormat format) {
    switch (format) {
        case NumberFormat::fp32: return Type::f32;
        case NumberFormat::bf16: return Type::bf16;
        case NumberFormat::int8: return Type::s8;
        default: throw std::runtime_error(fmt::format("no {} matrix product on this processor", name_of(format)));
    }
}

// oneDNN 3 dropped the operation descriptors of 2.
dnnl::matmul::primitive_desc describe(const memory::desc& a, const memory::desc& w, const memory::desc& c) {
#if DNNL_VERSION_MAJOR >= 3
    return {engine(), a, w, c};
#else
    return {dnnl::matmul::desc(a, w, c), engine()};
#endif
}

bool can_multiply(NumberFormat format) {
    try {
        Matmul(64, 64, format, 16).prepare(16);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace

std::string matmul_library() {
    const dnnl_version_t* v = dnnl_version();
    return fmt::format("oneDNN {}.{}.{}", v->major, v->minor, v->patch);
}

const std::vector<NumberFormat>& matmul_formats() {
    static const std::vector<NumberFormat> formats = [] {
        std::vector<NumberFormat> found;
        for (const NumberFormat format : {NumberFormat::fp32, NumberFormat::bf16, NumberFormat::int8}) {
            if (can_multiply(format)) found.push_back(format);
        }
        return found;
    }();
    return formats;
}

struct Matmul::Impl {
    struct Ready {
        dnnl::matmul primitive;
        memory a, w, c;
    };

    std::int64_t n, k;
    Type in, out;
    memory::desc layout;
    std::map<std::int64_t, Ready> ready;
    std::string implementation;

    memory::desc rows(std::int64_t m) const { return {{m, k}, in, Tag::ab}; }
    memory::desc result(std::int64_t m) const { return {{m, n}, out, Tag::ab}; }
};

Matmul::Matmul(std::int64_t n, std::int64_t k, NumberFormat format, std::int64_t typical_m, bool fp32_result)
    : impl_(new Impl{n, k, type_of(format), Type::f32, {}, {}, {}}) {
    if (format == NumberFormat::bf16 && !fp32_result) impl_->out = Type::bf16;
    try {
        const memory::desc any({k, n}, impl_->in, Tag::any);
        impl_->layout = describe(impl_->rows(typical_m), any, impl_->result(typical_m)).weights_desc();
    } catch (const dnnl::error& e) {
        throw std::runtime_error(fmt::format("oneDNN: {}", e.what()));
    }
}

Matmul::~Matmul() = default;
Matmul::Matmul(Matmul&&) noexcept = default;

std::size_t Matmul::packed_bytes() const { return impl_->layout.get_size(); }

void Matmul::pack(const void* plain, void* packed) const {
    try {
        memory from({{impl_->k, impl_->n}, impl_->in, Tag::ab}, engine(), const_cast<void*>(plain));
        memory to(impl_->layout, engine(), packed);
        dnnl::reorder(from, to).execute(stream(), from, to);
        stream().wait();
    } catch (const dnnl::error& e) {
        throw std::runtime_error(fmt::format("oneDNN: {}", e.what()));
    }
}

void Matmul::prepare(std::int64_t m) {
    require(m >= 1, "Matmul: no rows");
    if (impl_->ready.count(m)) return;
    try {
        const auto made = describe(impl_->rows(m), impl_->layout, impl_->result(m));
        impl_->implementation = made.impl_info_str();
        impl_->ready.emplace(
            m, Impl::Ready{dnnl::matmul(made), memory(impl_->rows(m), engine(), nullptr),
                           memory(impl_->layout, engine(), nullptr), memory(impl_->result(m), engine(), nullptr)});
    } catch (const dnnl::error& e) {
        throw std::runtime_error(fmt::format("oneDNN: {}", e.what()));
    }
}

void Matmul::run(std::int64_t m, const void* a, const void* packed, void* c) {
    const auto at = impl_->ready.find(m);
    require(at != impl_->ready.end(), "Matmul: run before prepare");
    Impl::Ready& r = at->second;
    try {
        r.a.set_data_handle(const_cast<void*>(a));
        r.w.set_data_handle(const_cast<void*>(packed));
        r.c.set_data_handle(c);
        r.primitive.execute(stream(), {{DNNL_ARG_SRC, r.a}, {DNNL_ARG_WEIGHTS, r.w}, {DNNL_ARG_DST, r.c}});
        stream().wait();
    } catch (const dnnl::error& e) {
        throw std::runtime_error(fmt::format("oneDNN: {}", e.what()));
    }
}

std::string Matmul::implementation() const { return "oneDNN " + impl_->implementation; }

}  // namespace moeplan::cpu
