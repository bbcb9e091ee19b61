#include "core/calibrate/family_groups.h"
#include "core/calibrate/fitted_family.h"
#include "core/calibrate/read_kernel_table.h"

#include <sstream>

#include <fmt/format.h>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

const std::string kMoe =
    "framework,version,device,op_name,kernel_source,moe_dtype,num_tokens,hidden_size,inter_size,topk,num_experts,moe_tp_size,"
    "moe_ep_size,distribution,latency\n";
const std::string kGemm = "framework,version,device,op_name,kernel_source,gemm_dtype,m,n,k,latency\n";
const std::string kAttention =
    "framework,version,device,op_name,kernel_source,batch_size,isl,num_heads,num_key_value_heads,head_dim,attn_dtype,"
    "kv_cache_dtype,step,window_size,latency\n";
const std::string kLatent =
    "framework,version,device,op_name,kernel_source,mla_dtype,kv_cache_dtype,num_heads,batch_size,isl,step,latency\n";

const std::string kModule =
    "framework,version,device,op_name,kernel_source,architecture,mla_dtype,kv_cache_dtype,gemm_type,num_heads,batch_size,isl,step,latency\n";

Result<KernelTable> read(const std::string& text) {
    std::istringstream in(text);
    return read_kernel_table(in, "t.csv");
}

KernelTable table(const std::string& text) {
    auto t = read(text);
    if (!t) FAIL(to_text(t.error().front()));
    return *t;
}

Problems problems(const std::string& text) {
    const auto t = read(text);
    REQUIRE_FALSE(t);
    return t.error();
}

Measurement only(const std::string& text) {
    const KernelTable t = table(text);
    REQUIRE(t.set.rows.size() == 1);
    return t.set.rows[0];
}

}  // namespace

TEST_CASE("a row of a GEMM is read whole, with where it came from") {
    const KernelTable t = table(kGemm + "VLLM,0.24.0,NVIDIA H200,gemm,torch,fp8,64,6144,3584,0.0125\n");
    CHECK(t.set.device == "NVIDIA H200");
    CHECK(t.set.engine == "VLLM 0.24.0");
    const Measurement& m = t.set.rows.at(0);
    const auto& g = std::get<Gemm>(m.op);
    CHECK(g.m == 64);
    CHECK(g.n == 6144);
    CHECK(g.k == 3584);
    CHECK(g.weights == NumberFormat::fp8);
    CHECK(m.family == KernelFamily::gemm);
    CHECK(m.format == "fp8");
    CHECK(m.seconds == Approx(12.5e-6));
    CHECK(m.kernel == "torch");
    CHECK(m.source == "t.csv:2");
    CHECK(m.shape == "6144 x 3584");
}

TEST_CASE("an expert row becomes one rank's loads") {
    const Measurement m = only(kMoe + "VLLM,1,d,moe,vllm_fused_moe,bfloat16,64,4096,1024,8,256,2,8,balanced,0.5\n");
    const auto& f = std::get<ExpertFfn>(m.op);
    CHECK(f.tokens == 64);
    CHECK(f.experts == 256);
    CHECK(f.held == 32);
    CHECK(f.width == 512);
    CHECK(f.pairs == 64);
    CHECK(f.activated == 32);
    CHECK(f.hottest == 2);
    CHECK(f.gated);
    CHECK(m.shape == "4096 x 1024, top-8 of 256");
}

TEST_CASE("sizes no model or machine has are refused by column") {
    const auto told = [](const std::string& text) {
        std::istringstream stream(text);
        const auto table = read_kernel_table(stream, "t.csv");
        REQUIRE_FALSE(table);
        REQUIRE(table.error().size() == 1);
        return to_text(table.error().front());
    };
    CHECK_THAT(told(kMoe + "VLLM,1,d,moe,k,fp8,64,999999999999,1024,8,256,2,8,balanced,0.5\n"), ContainsSubstring("'hidden_size' is '999999999999'") && ContainsSubstring("at most 1048576"));
    CHECK_THAT(told(kMoe + "VLLM,1,d,moe,k,fp8,64,4096,1024,8,256,2,8,power_law_1e300,0.5\n"), ContainsSubstring("no exponent above 0 and at most 10"));
    CHECK_THAT(told("framework,version,device,op_name,num_gpus,message_size,latency\nNCCL,2,d,all_reduce,1000000000,4096,0.5\n"), ContainsSubstring("'num_gpus'"));
}

TEST_CASE("a skewed row times the busiest rank") {
    const std::string row = "VLLM,1,d,moe,k,fp8,512,4096,1024,8,256,1,8,";
    const auto even = std::get<ExpertFfn>(only(kMoe + row + "balanced,0.5\n").op);
    const auto skewed = std::get<ExpertFfn>(only(kMoe + row + "power_law_1.2,0.5\n").op);
    CHECK(skewed.pairs > even.pairs);
    CHECK(skewed.hottest > 2 * even.hottest);
}

TEST_CASE("DeepSeek-V3's shape goes through its grouped router where the engine's layer was timed, and only there") {
    const auto pairs = [](const std::string& kernel, double hidden) {
        const std::string row = fmt::format("VLLM,1,d,moe,{},fp8_block,320,{},2048,8,256,1,64,balanced,0.5\n", kernel, hidden);
        return std::get<ExpertFfn>(only(kMoe + row).op).pairs;
    };
    CHECK(pairs("vllm_fp8moe_flashinfer_cutlass_flashinferexperts", 7168) == 4 * 320);
    CHECK(pairs("vllm_fused_moe", 7168) == 40);
    CHECK(pairs("moe_torch_flow_cutlass", 7168) == 40);
    CHECK(pairs("vllm_fp8moe_flashinfer_cutlass_flashinferexperts", 6144) == 40);
}

TEST_CASE("Nemotron's experts have no gate") {
    CHECK_FALSE(std::get<ExpertFfn>(only(kMoe + "VLLM,1,d,moe,k,fp8,8,1024,2688,22,512,1,1,balanced,0.5\n").op).gated);
}

TEST_CASE("attention rows tell decode from prefill, the cache's format and the window") {
    const Measurement d = only(kAttention + "VLLM,1,d,generation_attention,k,512,1,8,4,128,bfloat16,fp8,2047,128,0.13\n");
    CHECK(d.family == KernelFamily::attention_decode);
    CHECK(d.format == "bf16, fp8 cache");
    const auto& a = std::get<Attention>(d.op);
    CHECK(a.decode);
    CHECK(a.context == 2047);
    CHECK(a.new_tokens == 1);
    CHECK(*a.window == 128);
    const Measurement p = only(kAttention + "VLLM,1,d,context_attention,k,2,1024,8,8,64,bfloat16,bfloat16,0,0,0.3\n");
    CHECK(p.family == KernelFamily::attention_prefill);
    CHECK(p.format == "bf16");
    CHECK_FALSE(std::get<Attention>(p.op).window);
    CHECK(std::get<Attention>(p.op).new_tokens == 1024);
}

TEST_CASE("latent attention is expanded in prefill and one shared head in decode") {
    const auto d = only(kLatent + "VLLM,1,d,generation_mla,k,bfloat16,bfloat16,16,4,1,1023,0.1\n");
    const auto& decode = std::get<Attention>(d.op);
    CHECK(decode.kv_heads == 1);
    CHECK(decode.qk_dim == 576);
    CHECK(decode.v_dim == 512);
    CHECK(decode.shared_key_value);
    CHECK(d.format == "bf16, latent");
    const auto prefill = std::get<Attention>(only(kLatent + "VLLM,1,d,context_mla,k,bfloat16,bfloat16,16,4,512,0,0.1\n").op);
    CHECK(prefill.kv_heads == 16);
    CHECK(prefill.qk_dim == 192);
    CHECK(prefill.v_dim == 128);
    CHECK_FALSE(prefill.shared_key_value);
}

TEST_CASE("an attention module comes with the products that were timed with it") {
    const Measurement d = only(kModule + "VLLM,1,d,mla_generation_module,k,DeepseekV3ForCausalLM,bfloat16,fp8,fp8_block,16,4,1,1023,0.1\n");
    CHECK(d.format == "bf16, fp8 cache, latent");
    CHECK(std::get<Attention>(d.op).context == 1023);
    double elements = 0;
    int in_16_bits = 0;
    for (const OpKind& op : d.beside) {
        const auto* g = std::get_if<Gemm>(&op);
        if (!g) continue;
        CHECK(g->m == 4);
        elements += g->n * g->k;
        in_16_bits += g->weights == NumberFormat::bf16;
    }
    // q_a and kv_a, q_b, kv_b once for keys and once for values, o.
    CHECK(elements == 7168 * (1536 + 576) + 1536 * 16 * 192 + 512 * 16 * 256 + 7168 * 16 * 128);
    CHECK(in_16_bits == 2);
    const Measurement p = only(kModule + "VLLM,1,d,mla_context_module,FLASH_ATTN,,bfloat16,fp8,bfloat16,16,2,512,0,0.1\n");
    CHECK(p.format == "bf16, expanded");
    CHECK(std::get<Gemm>(p.beside.back()).m == 1024);
}

TEST_CASE("modules of other architectures and prompts through the decode kernel are counted, not read") {
    const KernelTable t = table(kModule + "VLLM,1,d,mla_generation_module,k,SomeOtherForCausalLM,bfloat16,bfloat16,bfloat16,16,4,1,64,0.1\n" +
                                "VLLM,1,d,mla_context_module,FLASHMLA,,bfloat16,bfloat16,bfloat16,16,4,16,0,0.1\n" +
                                "VLLM,1,d,mla_context_module,FLASH_ATTN,,bfloat16,bfloat16,bfloat16,16,4,1,0,0.1\n");
    CHECK(t.set.rows.empty());
    REQUIRE(t.skipped.size() == 2);
    CHECK_THAT(t.skipped[0].reason, ContainsSubstring("SomeOtherForCausalLM"));
    CHECK(t.skipped[1].n == 2);
}

TEST_CASE("collectives count elements: of 16 bits, or single bytes") {
    const std::string head = "framework,version,device,op_name,kernel_source,num_gpus,message_size,latency\n";
    const auto reduce = std::get<Collective>(only(head + "VLLM,1,d,all_reduce,k,8,1024,0.02\n").op);
    CHECK(reduce.kind == CollectiveKind::all_reduce);
    CHECK(reduce.bytes.value == 2048);
    CHECK(reduce.ranks == 8);
    const std::string typed = "framework,version,device,op_name,kernel_source,nccl_dtype,num_gpus,message_size,latency\n";
    for (const auto& [type, bytes] : {std::pair("fp8", 1.0), std::pair("BF16", 2.0), std::pair("int32", 4.0), std::pair("double", 8.0)}) {
        CHECK(std::get<Collective>(only(typed + "TRTLLM,1,d,all_reduce,NCCL," + type + ",8,1024,0.05\n").op).bytes.value == 1024 * bytes);
    }
    CHECK_THAT(table(typed + "TRTLLM,1,d,all_reduce,NCCL,nonsense,8,1024,0.05\n").skipped.at(0).reason, ContainsSubstring("data type 'nonsense' is not known"));
    CHECK(std::get<Collective>(only(typed + "NCCL,1,d,alltoall,k,int8,4,1024,0.02\n").op).bytes.value == 1024);
}

TEST_CASE("rows that cannot be used are counted by reason, and the rest is read") {
    const KernelTable t = table(kGemm + "VLLM,1,d,gemm,k,fp8,64,64,64,0.01\n" + "VLLM,1,d,gemm,k,quaternion,64,64,64,0.01\n" +
                                "VLLM,1,d,gemm,k,fp8,64,64,64,0\n" + "VLLM,1,d,dsa_context_module,k,fp8,64,64,64,0.01\n" +
                                "VLLM,1,d,dsa_context_module,k,fp8,64,64,64,0.01\n");
    CHECK(t.set.rows.size() == 1);
    REQUIRE(t.skipped.size() == 3);
    std::uint64_t all = 0;
    bool named = false;
    for (const SkippedRows& s : t.skipped) {
        all += s.n;
        named = named || s.reason.find("quaternion") != std::string::npos;
    }
    CHECK(all == 4);
    CHECK(named);
}

TEST_CASE("a table without its two columns is refused, both named") {
    const Problems p = problems("m,n,k\n1,2,3\n");
    REQUIRE(p.size() == 2);
    CHECK_THAT(p[0].what, ContainsSubstring("'op_name'"));
    CHECK_THAT(p[1].what, ContainsSubstring("'latency'"));
    CHECK(p[0].where == "t.csv");
    CHECK(problems("").size() == 2);
}

TEST_CASE("every bad cell is named with its line, its column and what was expected") {
    const Problems p = problems(kGemm + "VLLM,1,d,gemm,k,fp8,64,64,64,0.01\n" + "VLLM,1,d,gemm,k,fp8,0,x,,-1\n");
    REQUIRE(p.size() == 4);
    for (const Problem& one : p) CHECK(one.where == "t.csv:3");
    CHECK(p[0].path == "latency");
    CHECK_THAT(p[0].what, ContainsSubstring("'-1'"));
    CHECK(p[1].path == "m");
    CHECK_THAT(p[1].what, ContainsSubstring("expected a number of at least 1"));
    CHECK(p[2].path == "n");
    CHECK_THAT(p[2].what, ContainsSubstring("'x'"));
    CHECK_THAT(p[3].what, ContainsSubstring("'k' is missing"));
}

TEST_CASE("a column that rows need and the header lacks is told once") {
    const Problems p = problems("op_name,gemm_dtype,m,n,latency\nnorm,,,,1\ngemm,fp8,1,64,0.1\ngemm,fp8,2,64,0.1\ngemm,fp8,0,64,0.1\n");
    REQUIRE(p.size() == 2);
    CHECK(p[0].where == "t.csv:1");
    CHECK(p[0].path == "k");
    CHECK_THAT(p[0].what, ContainsSubstring("no column 'k', which rows of 'gemm' need (the first in line 3)"));
    CHECK(p[1].where == "t.csv:5");
}

TEST_CASE("sizes that overflow, are not finite or not whole are refused") {
    for (const char* m : {"1e13", "inf", "nan", "1e400", "2.5"}) {
        INFO(m);
        const Problems p = problems(kGemm + "VLLM,1,d,gemm,k,fp8," + m + ",64,64,0.01\n");
        CHECK(p.front().path == "m");
    }
}

TEST_CASE("layers that cannot be are refused") {
    const auto what = [](const std::string& row) { return problems(kMoe + "VLLM,1,d,moe,k,fp8," + row + "\n").front().what; };
    CHECK_THAT(what("64,4096,1024,9,8,1,1,balanced,0.5"), ContainsSubstring("top-9 of 8 experts"));
    CHECK_THAT(what("64,4096,1024,2,8,1,3,balanced,0.5"), ContainsSubstring("8 experts cannot be split over 3 ranks"));
    CHECK_THAT(what("64,4096,1024,2,8,1,1,power_law_x,0.5"), ContainsSubstring("no exponent"));
    CHECK_THAT(what("100000000,4096,1024,2,8,1,1,balanced,0.5"), ContainsSubstring("too large"));
    CHECK(table(kMoe + "VLLM,1,d,moe,k,fp8,64,4096,1024,2,8,1,1,zipf,0.5\n").skipped.at(0).reason ==
          "distribution 'zipf' is not known");
}

TEST_CASE("no more than twenty problems are told, and that there may be others") {
    std::string text = kGemm;
    for (int i = 0; i < 100; ++i) text += "VLLM,1,d,gemm,k,fp8,0,64,64,0.01\n";
    REQUIRE(problems(text).size() == 21);
    CHECK_THAT(problems(text).back().what, ContainsSubstring("20 problems are told; there may be more"));
}

TEST_CASE("a table is of one device") {
    const Problems p = problems(kGemm + "VLLM,1,NVIDIA H100,gemm,k,fp8,64,64,64,0.01\n" + "VLLM,1,NVIDIA H200,gemm,k,fp8,64,64,64,0.01\n" +
                                "VLLM,1,NVIDIA H200,gemm,k,fp8,128,64,64,0.01\n");
    REQUIRE(p.size() == 1);   // told once
    CHECK(p[0].where == "t.csv:3");
    CHECK_THAT(p[0].what, ContainsSubstring("this row is of 'NVIDIA H200', those before of 'NVIDIA H100'"));
    CHECK(table(kGemm + "VLLM,1,,gemm,k,fp8,64,64,64,0.01\n" + "VLLM,1,d,gemm,k,fp8,64,64,64,0.01\n").set.device == "d");
}

TEST_CASE("a time is between a picosecond and eleven days, or there is none") {
    for (const char* time : {"1e-10", "1e10", "1e300", "1e-300", "inf", "nan", "soon", ""}) {
        INFO(time);
        const Problems p = problems(kGemm + "VLLM,1,d,gemm,k,fp8,64,64,64," + time + "\n");
        REQUIRE(p.size() == 1);
        CHECK_THAT(p[0].what, ContainsSubstring("expected milliseconds from 1e-09 to 1e+09"));
    }
    CHECK(table(kGemm + "VLLM,1,d,gemm,k,fp8,64,64,64,0\n").skipped.at(0).reason == "no time");
}

TEST_CASE("experts need to say how they were spread") {
    const std::string row = "VLLM,1,d,moe,k,fp8,64,4096,1024,2,8,2,4,balanced,0.5\n";
    REQUIRE(table(kMoe + row).set.rows.size() == 1);
    for (const char* column : {"moe_tp_size", "moe_ep_size", "distribution"}) {
        std::string without = kMoe;
        without.replace(without.find(column), std::string(column).size(), "x");
        const Problems p = problems(without + row);
        REQUIRE(p.size() == 1);
        CHECK_THAT(p[0].what, ContainsSubstring(std::string("there is no column '") + column + "'"));
    }
}

TEST_CASE("a file that is not there is refused by name") {
    const auto t = read_kernel_table(std::string("no/such/table.csv"));
    REQUIRE_FALSE(t);
    CHECK(t.error().front().where == "no/such/table.csv");
}

TEST_CASE("benchmarks' names of formats are known beside our own") {
    CHECK(benchmark_format("bfloat16") == NumberFormat::bf16);
    CHECK(benchmark_format("int4_wo") == NumberFormat::int4_g128);
    CHECK(benchmark_format("w4a16_mxfp4") == NumberFormat::mxfp4);
    CHECK(benchmark_format("fp8_block") == NumberFormat::fp8_block);
    CHECK(benchmark_format("w4a8_mxfp4_mxfp8") == NumberFormat::mxfp4);
    CHECK(benchmark_format("w4afp8") == NumberFormat::int4_g128);
    CHECK(benchmark_format("sq") == NumberFormat::int8);
    CHECK_FALSE(benchmark_format("quaternion"));
}

TEST_CASE("kernels that multiply the same weights in another arithmetic are families of their own") {
    const std::string plain = "VLLM,1,d,gemm,k,fp8,16,64,64,0.01\n", scaled = "VLLM,1,d,gemm,k,fp8_static,16,64,64,0.008\n";
    const auto formats = [](const std::string& rows) {
        std::istringstream stream("framework,version,device,op_name,kernel_source,gemm_dtype,m,n,k,latency\n" + rows);
        const auto table = read_kernel_table(stream, "t.csv");
        REQUIRE(table);
        std::vector<std::string> names;
        for (const FamilyRows& family : by_family(table->set.rows)) names.push_back(family.format);
        return names;
    };
    CHECK(formats(plain + scaled + plain) == std::vector<std::string>{"fp8", "fp8, scaled beforehand"});
    // Where a format has no other rows it is what that format runs as.
    CHECK(formats(scaled) == std::vector<std::string>{"fp8"});
    const std::string other = "VLLM,1,d,gemm,k,fp8_ootb,16,64,64,0.009\n";
    CHECK(formats(scaled + other) == std::vector<std::string>{"fp8, out of the box", "fp8, scaled beforehand"});
}

namespace {

std::string expert_rows(const std::string& kernel, int hidden, int rows, int from = 1) {
    std::string out;
    for (int i = 0; i < rows; ++i) out += fmt::format("VLLM,1,d,moe,{},nvfp4,{},{},1024,8,128,1,1,balanced,0.{}\n", kernel, from + i, hidden, 100 + i);
    return out;
}

std::vector<std::pair<std::string, std::size_t>> expert_groups(const std::string& rows) {
    std::istringstream stream(
        "framework,version,device,op_name,kernel_source,moe_dtype,num_tokens,hidden_size,inter_size,topk,num_experts,moe_tp_size,moe_ep_size,distribution,latency\n" + rows);
    const auto table = read_kernel_table(stream, "t.csv");
    REQUIRE(table);
    std::vector<std::pair<std::string, std::size_t>> groups;
    for (const FamilyRows& family : by_family(table->set.rows)) groups.emplace_back(family.format, family.rows.size());
    return groups;
}

}  // namespace

TEST_CASE("experts that always ran by another kernel than the rest are a family of their own") {
    using Groups = std::vector<std::pair<std::string, std::size_t>>;
    const std::string usual = expert_rows("vllm_a4_flashinfer_trtllm_monolithic", 2048, 30) + expert_rows("vllm_a4_flashinfer_trtllm_monolithic", 4096, 30);
    CHECK(expert_groups(usual) == Groups{{"nvfp4", 60}});
    CHECK(expert_groups(usual + expert_rows("vllm_a4_flashinfer_cutlass_experts", 6144, 25)) == Groups{{"nvfp4", 60}, {"nvfp4, by cutlass_experts", 25}});
    CHECK(expert_groups(expert_rows("vllm_b4_marlin_marlinexperts", 6144, 25) + usual) == Groups{{"nvfp4", 60}, {"nvfp4, by marlin_marlinexperts", 25}});
    CHECK(expert_groups(usual + expert_rows("nongated", 6144, 25)) == Groups{{"nvfp4", 60}, {"nvfp4, by nongated", 25}});
    // Too few rows to say so, no name, or layers that ran by either: the sizes and the layout decide.
    CHECK(expert_groups(usual + expert_rows("vllm_a4_flashinfer_cutlass_experts", 6144, 15)) == Groups{{"nvfp4", 75}});
    CHECK(expert_groups(usual + expert_rows("", 6144, 25)) == Groups{{"nvfp4", 85}});
    CHECK(expert_groups(usual + expert_rows("vllm_a4_triton_experts", 4096, 40, 100) + expert_rows("vllm_a4_triton_experts", 6144, 40)) == Groups{{"nvfp4", 140}});
}

TEST_CASE("probes of a format are shared out by rows among its kernels") {
    const auto family = [](const std::string& format, std::size_t rows, KernelFamily kind = KernelFamily::moe_ffn) {
        return FamilyRows{kind, format, std::vector<Measurement>(rows), false};
    };
    const std::vector<FamilyRows> families{family("nvfp4", 900), family("nvfp4, by cutlass", 100), family("bf16", 70), family("nvfp4", 50, KernelFamily::gemm)};
    CHECK(share_of_probes(families, families[0], 500) == 450);
    CHECK(share_of_probes(families, families[1], 500) == 50);
    CHECK(share_of_probes(families, families[1], 20) == kFewestRows);
    CHECK(share_of_probes(families, families[2], 500) == 500);
    CHECK(share_of_probes(families, families[3], 500) == 500);
}

TEST_CASE("a published excerpt is read whole") {
    const auto t = read_kernel_table(std::string(MOEPLAN_SOURCE_DIR) + "/tests/data/calibrate/h100_gemm_excerpt.csv");
    REQUIRE(t);
    CHECK(t->set.rows.size() > 200);
    CHECK(t->skipped.empty());
    CHECK(t->set.device == "NVIDIA H100 80GB HBM3");
}
