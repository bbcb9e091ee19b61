#include "gpu/cpu/attention.h"
#include "gpu/cpu/buffer.h"
#include "gpu/cpu/probe.h"
#include "gpu/cpu/refresh.h"

namespace moeplan::cpu {
namespace {

template <class T>
class AttentionProbe final : public CpuProbe {
public:
    explicit AttentionProbe(const AttentionKernel& k)
        : k_(k),
          rows_(k.sequences * k.kv_heads * kept_keys(k)),
          copies_(rotating_copies(rows_ * (k.qk_dim + k.v_dim) * static_cast<std::int64_t>(sizeof(T)))),
          keys_(random_buffer<T>(count(copies_ * rows_ * k.qk_dim), 1.0F, 1)),
          values_(random_buffer<T>(count(copies_ * rows_ * k.v_dim), 1.0F, 2)),
          source_(random_buffer<T>(count(k.sequences * k.new_tokens * k.heads * k.qk_dim), 1.0F, 3)),
          queries_(source_.bytes()),
          output_(count(k.sequences * k.new_tokens * k.heads * k.v_dim) * sizeof(T)) {}

    void prepare() override {
        turn_ = (turn_ + 1) % copies_;
        refresh(queries_, source_);
    }
    void run() override {
        const AttentionData data{queries_.data(), keys_.as<T>() + turn_ * rows_ * k_.qk_dim,
                                 values_.as<T>() + turn_ * rows_ * k_.v_dim, output_.data()};
        if (k_.decode) decode_attention(k_, data);
        else prefill_attention(k_, data);
    }
    std::string implementation() const override {
        return k_.decode ? "moeplan decode attention" : "moeplan prefill attention";
    }

private:
    static std::size_t count(std::int64_t value) { return static_cast<std::size_t>(value); }

    AttentionKernel k_;
    std::int64_t rows_, copies_, turn_ = 0;
    Buffer keys_, values_, source_, queries_, output_;
};

}  // namespace

std::unique_ptr<CpuProbe> make_attention_probe(const AttentionKernel& k) {
    if (k.format == NumberFormat::fp32) return std::make_unique<AttentionProbe<float>>(k);
    return std::make_unique<AttentionProbe<Bf16>>(k);
}

}  // namespace moeplan::cpu
