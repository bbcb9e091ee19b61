// GGUF headers written byte by byte.

#include <cstring>
#include <fstream>

#include "core/model/gguf_file.h"
#include "tests/model/support.h"

namespace moeplan {
namespace {

template <class T>
void put(std::string& out, T value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out.append(bytes, sizeof(T));
}

void put_text(std::string& out, const std::string& text) {
    put<std::uint64_t>(out, text.size());
    out += text;
}

constexpr std::uint32_t kF32 = 0, kF16 = 1, kQ8_0 = 8, kQ4_K = 12, kQ6_K = 14;

// Collects metadata and tensors, then writes the header.
class Gguf {
public:
    std::uint32_t version = 3;

    Gguf& number(const std::string& key, std::uint32_t value) {
        put_text(keys_, key);
        put<std::uint32_t>(keys_, 4);
        put(keys_, value);
        ++key_count_;
        return *this;
    }
    Gguf& text(const std::string& key, const std::string& value) {
        put_text(keys_, key);
        put<std::uint32_t>(keys_, 8);
        put_text(keys_, value);
        ++key_count_;
        return *this;
    }
    Gguf& list(const std::string& key, const std::vector<std::uint32_t>& values) {
        put_text(keys_, key);
        put<std::uint32_t>(keys_, 9);
        put<std::uint32_t>(keys_, 4);
        put<std::uint64_t>(keys_, values.size());
        for (const auto v : values) put(keys_, v);
        ++key_count_;
        return *this;
    }
    Gguf& tensor(const std::string& name, const std::vector<std::uint64_t>& shape, std::uint32_t type) {
        put_text(tensors_, name);
        put(tensors_, static_cast<std::uint32_t>(shape.size()));
        for (const auto n : shape) put(tensors_, n);
        put(tensors_, type);
        put<std::uint64_t>(tensors_, 0);
        ++tensor_count_;
        return *this;
    }
    std::string bytes() const {
        std::string out = "GGUF";
        put(out, version);
        put(out, tensor_count_);
        put(out, key_count_);
        return out + keys_ + tensors_;
    }

private:
    std::string keys_, tensors_;
    std::uint64_t key_count_ = 0, tensor_count_ = 0;
};

// A small Mixtral: hidden 256, 4 heads of 64 with 2 key-value heads, 4 experts of 512, 2 used, 2 layers.
Gguf small_mixtral() {
    Gguf f;
    f.text("general.architecture", "llama")
        .number("llama.block_count", 2)
        .number("llama.embedding_length", 256);
    f.number("llama.attention.head_count", 4).number("llama.attention.head_count_kv", 2);
    f.number("llama.context_length", 32768).number("llama.feed_forward_length", 512);
    f.number("llama.expert_count", 4).number("llama.expert_used_count", 2);
    f.tensor("token_embd.weight", {256, 1000}, kQ4_K).tensor("output.weight", {256, 1000}, kQ6_K);
    f.tensor("output_norm.weight", {256}, kF32);
    for (int i = 0; i < 2; ++i) {
        const std::string b = "blk." + std::to_string(i) + ".";
        f.tensor(b + "attn_norm.weight", {256}, kF32).tensor(b + "ffn_norm.weight", {256}, kF32);
        f.tensor(b + "attn_q.weight", {256, 256}, kQ4_K).tensor(b + "attn_k.weight", {256, 128}, kQ4_K);
        f.tensor(b + "attn_v.weight", {256, 128}, kQ6_K).tensor(b + "attn_output.weight", {256, 256}, kQ4_K);
        f.tensor(b + "ffn_gate_inp.weight", {256, 4}, kF32);
        f.tensor(b + "ffn_gate_exps.weight", {256, 512, 4}, kQ4_K)
            .tensor(b + "ffn_up_exps.weight", {256, 512, 4}, kQ4_K);
        f.tensor(b + "ffn_down_exps.weight", {512, 256, 4}, kQ6_K);
    }
    return f;
}

std::string gguf_refusal(const std::string& bytes) {
    const auto model = import_gguf_bytes(bytes, "m.gguf");
    REQUIRE_FALSE(model);
    return to_text(model.error());
}

}  // namespace

TEST_CASE("a Mixtral in GGUF has the sizes of its tensors") {
    const auto model = import_gguf_bytes(small_mixtral().bytes(), "m.gguf");
    REQUIRE(model);
    CHECK(model->hidden == 256);
    CHECK(model->vocab == 1000);
    CHECK_FALSE(model->tied_embeddings);
    CHECK(model->max_context == 32768);
    REQUIRE(model->layers.size() == 1);
    CHECK(model->layers[0].count == 2);
    CHECK(model->moe()->experts == 4);
    CHECK(model->moe()->top_k == 2);
    CHECK(model->moe()->width == 512);
    const auto c = count_parameters(*model);
    CHECK(c.total == 2 * 256000 + 256 + 2 * (512 + 2 * 256 * 256 + 2 * 256 * 128 + 1024 + 4 * 3 * 256 * 512));
    CHECK(kv_bytes_per_token(*model, NumberFormat::bf16).value == 2 * 2 * 64 * 2 * 2);
    CHECK(model->native == NumberFormat::q4_k_m);
    CHECK(model->native_experts == NumberFormat::q4_k_m);
}

TEST_CASE("GGUF bytes are exact per tensor class") {
    const auto model = import_gguf_bytes(small_mixtral().bytes(), "m.gguf");
    REQUIRE(model);
    REQUIRE(model->measured);
    const auto& w = *model->measured;
    // A Q4_K block of 256 weights takes 144 bytes, a Q6_K one 210. Source: ggml-common.h.
    CHECK(w.embedding.value == 1000 * 144);
    CHECK(w.head.value == 1000 * 210);
    CHECK(w.attention.value == 2 * ((256 + 128 + 256) * 144 + 128 * 210));
    CHECK(w.experts.value == 2 * (2 * 512 * 4 * 144 + 2 * 256 * 4 * 210));
    CHECK(w.router.value == 2 * 256 * 4 * 4);
    CHECK(w.other.value == (5 * 256) * 4);
    CHECK(w.dense_ffn.value == 0);
}

TEST_CASE("every ggml type has the bits of its block") {
    // Source: ggml-common.h, bits per weight of each block struct.
    const std::vector<std::pair<std::uint32_t, double>> bits = {
        {1, 16},    {8, 8.5},     {14, 6.5625}, {13, 5.5},    {7, 6},       {6, 5.5},
        {12, 4.5},  {3, 5},       {2, 4.5},     {11, 3.4375}, {10, 2.625},  {20, 4.5},
        {23, 4.25}, {21, 3.4375}, {18, 3.0625}, {22, 2.5625}, {17, 2.3125}, {16, 2.0625},
        {29, 1.75}, {19, 1.5625}, {34, 1.6875}, {35, 2.0625}, {39, 4.25},   {40, 4.5}};
    for (const auto& [id, expected] : bits) {
        const auto* type = ggml_type(id);
        REQUIRE(type);
        CHECK(8.0 * static_cast<double>(type->bytes) / static_cast<double>(type->elements) == expected);
    }
    CHECK(ggml_type(4) == nullptr);
    CHECK(ggml_type(999) == nullptr);
}

TEST_CASE("a dense model without an output tensor is tied, biases and norms are seen in the table") {
    Gguf f;
    f.text("general.architecture", "qwen2")
        .number("qwen2.block_count", 1)
        .number("qwen2.attention.head_count", 2);
    f.list("qwen2.attention.head_count_kv", {1});
    f.tensor("token_embd.weight", {64, 100}, kF16).tensor("output_norm.weight", {64}, kF32);
    f.tensor("blk.0.attn_norm.weight", {64}, kF32).tensor("blk.0.ffn_norm.weight", {64}, kF32);
    f.tensor("blk.0.attn_q.weight", {64, 64}, kF16).tensor("blk.0.attn_q.bias", {64}, kF32);
    f.tensor("blk.0.attn_k.weight", {64, 32}, kF16).tensor("blk.0.attn_k.bias", {32}, kF32);
    f.tensor("blk.0.attn_v.weight", {64, 32}, kF16).tensor("blk.0.attn_v.bias", {32}, kF32);
    f.tensor("blk.0.attn_output.weight", {64, 64}, kF16).tensor("blk.0.ffn_gate.weight", {64, 128}, kQ8_0);
    f.tensor("blk.0.ffn_up.weight", {64, 128}, kQ8_0).tensor("blk.0.ffn_down.weight", {128, 64}, kQ8_0);
    const auto model = import_gguf_bytes(f.bytes(), "q.gguf");
    REQUIRE(model);
    CHECK(model->tied_embeddings);
    const auto& a = std::get<SoftmaxAttention>(model->layers[0].mixer);
    CHECK(a.qkv_bias);
    CHECK(a.kv_heads == 1);
    const double layer = 2 * 64 + 2 * 64 * 64 + 2 * 64 * 32 + 64 + 32 + 32 + 3 * 64 * 128;
    CHECK(count_parameters(*model).total == 6400 + 64 + layer);
    CHECK(model->measured->dense_ffn.value == 3 * 64 * 128 / 32 * 34);
}

TEST_CASE("latent attention is read with its ranks") {
    Gguf f;
    f.text("general.architecture", "deepseek2").number("deepseek2.block_count", 1);
    f.number("deepseek2.attention.head_count", 4).number("deepseek2.attention.kv_lora_rank", 32);
    f.number("deepseek2.rope.dimension_count", 16).number("deepseek2.attention.key_length", 48);
    f.number("deepseek2.attention.value_length", 32);
    f.tensor("token_embd.weight", {64, 100}, kF16).tensor("output_norm.weight", {64}, kF32);
    f.tensor("blk.0.attn_q.weight", {64, 192}, kF16).tensor("blk.0.attn_kv_a_mqa.weight", {64, 48}, kF16);
    f.tensor("blk.0.attn_kv_a_norm.weight", {32}, kF32).tensor("blk.0.attn_kv_b.weight", {32, 256}, kF16);
    f.tensor("blk.0.attn_output.weight", {128, 64}, kF16).tensor("blk.0.attn_norm.weight", {64}, kF32);
    f.tensor("blk.0.ffn_norm.weight", {64}, kF32).tensor("blk.0.ffn_gate.weight", {64, 96}, kF16);
    f.tensor("blk.0.ffn_up.weight", {64, 96}, kF16).tensor("blk.0.ffn_down.weight", {96, 64}, kF16);
    const auto model = import_gguf_bytes(f.bytes(), "d.gguf");
    REQUIRE(model);
    const auto& a = std::get<LatentAttention>(model->layers[0].mixer);
    CHECK(a.nope_dim == 32);
    CHECK_FALSE(a.q_rank);
    const double attention = 64 * 192 + 64 * 48 + 32 + 32 * 256 + 128 * 64;
    CHECK(count_parameters(*model).attention == attention);
    CHECK(kv_bytes_per_token(*model, NumberFormat::bf16).value == (32 + 16) * 2);
}

TEST_CASE("a truncated GGUF says at which byte and what was being read") {
    const auto whole = small_mixtral().bytes();
    CHECK_THAT(gguf_refusal(whole.substr(0, 6)),
               ContainsSubstring("ends at byte 6") && ContainsSubstring("the version"));
    CHECK_THAT(gguf_refusal(whole.substr(0, 60)), ContainsSubstring("byte"));
    CHECK_THAT(gguf_refusal(whole.substr(0, whole.size() - 3)), ContainsSubstring("while reading tensor 22"));
    for (std::size_t n = 0; n < whole.size(); ++n)
        CHECK_FALSE(import_gguf_bytes(whole.substr(0, n), "m.gguf"));
}

TEST_CASE("absurd counts and lengths are refused before anything is allocated") {
    std::string bytes = small_mixtral().bytes();
    const auto with = [&](std::size_t at, std::uint64_t value) {
        std::string changed = bytes;
        std::memcpy(changed.data() + at, &value, 8);
        return gguf_refusal(changed);
    };
    CHECK_THAT(with(8, 1ULL << 60), ContainsSubstring("the tensor count is 1152921504606846976"));
    CHECK_THAT(with(16, 1ULL << 60), ContainsSubstring("the metadata count"));
    CHECK_THAT(with(24, 1ULL << 62), ContainsSubstring("metadata key 0 is 4611686018427387904 bytes long"));
    Gguf f;
    f.text("general.architecture", "llama").list("x", {1, 2, 3});
    bytes = f.bytes();
    CHECK_THAT(with(bytes.size() - 12 - 8, UINT64_MAX),
               ContainsSubstring("metadata 'x' has 18446744073709551615 elements"));
    Gguf wide;
    wide.text("general.architecture", "llama").tensor("token_embd.weight", {1ULL << 40, 1ULL << 40}, kF16);
    CHECK_THAT(gguf_refusal(wide.bytes()),
               ContainsSubstring("token_embd.weight") && ContainsSubstring("dimension"));
}

TEST_CASE("what is not a supported GGUF is named") {
    CHECK_THAT(gguf_refusal(""), ContainsSubstring("not GGUF"));
    CHECK_THAT(gguf_refusal("{\"hidden_size\": 1}"), ContainsSubstring("not GGUF"));
    Gguf old = small_mixtral();
    old.version = 1;
    CHECK_THAT(gguf_refusal(old.bytes()), ContainsSubstring("version 1, expected 2 or 3"));
    old.version = 0x03000000;
    CHECK_THAT(gguf_refusal(old.bytes()), ContainsSubstring("big-endian"));
    CHECK_THAT(gguf_refusal(Gguf().text("general.architecture", "llama").tensor("a", {33}, kQ8_0).bytes()),
               ContainsSubstring("multiple of Q8_0's 32"));
    CHECK_THAT(gguf_refusal(Gguf().tensor("a", {32}, 77).bytes()), ContainsSubstring("unknown type 77"));
}

TEST_CASE("tensors and sizes that are not understood are problems") {
    CHECK_THAT(gguf_refusal(Gguf().bytes()), ContainsSubstring("general.architecture"));
    CHECK_THAT(
        gguf_refusal(
            Gguf().text("general.architecture", "clip").tensor("v.patch_embd.weight", {8, 8}, kF16).bytes()),
        ContainsSubstring("clip.block_count") && ContainsSubstring("v.patch_embd.weight") &&
            ContainsSubstring("token_embd.weight"));
    CHECK_THAT(gguf_refusal(small_mixtral().tensor("blk.0.ssm_in.weight", {256, 512}, kF16).bytes()),
               ContainsSubstring("ssm_in.weight"));
    CHECK_THAT(gguf_refusal(small_mixtral().tensor("blk.0.attn_q.weight", {256, 256}, kF16).bytes()),
               ContainsSubstring("twice"));
    CHECK_THAT(gguf_refusal(small_mixtral().number("llama.attention.head_count", 3).bytes()),
               ContainsSubstring("divisor of the 3 heads"));
    CHECK_THAT(gguf_refusal(small_mixtral().number("llama.expert_used_count", 5).bytes()),
               ContainsSubstring("5 used"));
    CHECK_THAT(gguf_refusal(small_mixtral().number("split.count", 3).bytes()),
               ContainsSubstring("one of 3 parts"));
    CHECK_THAT(gguf_refusal(small_mixtral().number("llama.block_count", 3).bytes()),
               ContainsSubstring("layer 2"));
    CHECK_THAT(gguf_refusal(small_mixtral().number("llama.block_count", 4000000000U).bytes()),
               ContainsSubstring("block_count is 4000000000"));
}

TEST_CASE("version 2 and a file on disk are read alike") {
    Gguf f = small_mixtral();
    f.version = 2;
    const std::string path = std::string(MOEPLAN_BINARY_DIR) + "/small_mixtral_test.gguf";
    std::ofstream(path, std::ios::binary) << f.bytes();
    const auto from_file = import_gguf_file(path);
    std::remove(path.c_str());
    const auto from_bytes = import_gguf_bytes(f.bytes(), path);
    REQUIRE(from_file);
    REQUIRE(from_bytes);
    CHECK(*from_file == *from_bytes);
    CHECK_FALSE(import_gguf_file("/nowhere/m.gguf"));
}

TEST_CASE("no single wrong byte crashes the GGUF reader") {
    const auto whole = small_mixtral().bytes();
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (const char wrong : {'\0', '\x7f', '\xff'}) {
            std::string changed = whole;
            changed[i] = wrong;
            const auto model = import_gguf_bytes(changed, "m.gguf");
            if (model) CHECK(count_parameters(*model).total > 0);
        }
    }
}

}  // namespace moeplan
