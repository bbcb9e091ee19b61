#include "cli/commands/model_sheet.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/columns.h"
#include "cli/fewest_gpus.h"
#include "core/memory/footprint.h"
#include "core/report/format.h"

namespace moeplan::cli {
namespace {

constexpr double kFitContext = 8192;

Precision precision_of(const ModelQuestion& q) {
    return q.precision ? precision_from(*q.precision, q.model) : native_precision(q.model);
}

std::string gb(Bytes bytes) { return format_value(bytes.value / kGB, "GB"); }

// Published totals and what ours differ by, where the catalog has one.
std::string published_text(const std::optional<double>& billion, double ours) {
    if (!billion || *billion <= 0) return {};
    return fmt::format("published {} ({:+.2f} %)", billions(*billion * 1e9),
                       100 * (ours / (*billion * 1e9) - 1));
}

// The published active count states no convention: the nearest of ours is it.
std::size_t nearest_convention(double published, const ParameterCount& c) {
    const double all[] = {c.active_all, c.active_no_input, c.active_no_embeddings};
    return static_cast<std::size_t>(
        std::ranges::min_element(all, {}, [&](double x) { return std::abs(x - published); }) - all);
}

std::string parameters_block(const ModelQuestion& q, const ParameterCount& c, const Console& console) {
    Columns columns({Align::left, Align::right, Align::left});
    const auto* published = q.entry ? &q.entry->published : nullptr;
    columns.add({"total", billions(c.total), published ? published_text(published->total_b, c.total) : ""});
    const std::pair<const char*, double> active[] = {{"active, with both embeddings", c.active_all},
                                                     {"active, without the input table", c.active_no_input},
                                                     {"active, without embeddings", c.active_no_embeddings}};
    const bool has_active = published && published->active_b;
    const std::size_t nearest = has_active ? nearest_convention(*published->active_b * 1e9, c) : 3;
    for (std::size_t i = 0; i < 3; ++i) {
        columns.add({active[i].first, billions(active[i].second),
                     i == nearest ? published_text(published->active_b, active[i].second) : ""});
    }
    std::string out = title("parameters", "per token active, by the three published conventions", console) +
                      columns.text(console);
    if (published && !published->note.empty()) out += paragraph(published->note, 2, console);
    return out;
}

std::string classes_block(const ParameterCount& c, const Console& console) {
    Columns columns({Align::left, Align::right, Align::right});
    const std::pair<const char*, double> classes[] = {{"routed experts", c.routed_experts},
                                                      {"dense and shared FFN", c.dense_ffn},
                                                      {"attention", c.attention},
                                                      {"input embedding", c.input_embedding},
                                                      {"head", c.head},
                                                      {"router", c.router},
                                                      {"norms and other", c.norms_and_other}};
    for (const auto& [name, count] : classes) {
        if (count > 0) columns.add({name, billions(count), format_value(count / c.total, "fraction")});
    }
    return title("where they are", "", console) + columns.text(console);
}

std::vector<double> contexts_of(const ModelQuestion& q) {
    std::vector<double> contexts{1024, 8192, 32768};
    if (q.context) contexts.push_back(*q.context);
    if (q.model.max_context > 0) {
        const auto longest = static_cast<double>(q.model.max_context);
        std::erase_if(contexts, [&](double c) { return c > longest && c != q.context; });
        contexts.push_back(longest);
    }
    std::ranges::sort(contexts);
    const auto rest = std::ranges::unique(contexts);
    contexts.erase(rest.begin(), rest.end());
    return contexts;
}

std::string cache_block(const ModelQuestion& q, const Console& console) {
    const NumberFormat kv = precision_of(q).kv;
    Columns columns({Align::right, Align::right, Align::right});
    columns.heading({"context", "KV cache of one sequence", "FLOP per output token"});
    for (const double context : contexts_of(q)) {
        columns.add({format_count(context), gb(kv_bytes_per_sequence(q.model, kv, context)),
                     format_value(flops_per_output_token(q.model, context).value, "FLOP")});
    }
    const auto per_token = format_value(kv_bytes_per_token(q.model, kv).value, "bytes");
    return title("KV cache", fmt::format("{} per token in {}", per_token, name_of(kv)), console) +
           columns.text(console);
}

// The formats people choose among; GGUF files know their own bytes.
std::vector<std::pair<std::string, Precision>> formats_shown(const ModelQuestion& q) {
    std::vector<std::pair<std::string, Precision>> shown;
    if (q.precision) shown.emplace_back(name_of(*q.precision), precision_from(*q.precision, q.model));
    const Precision native = native_precision(q.model);
    shown.emplace_back("as published: " + describe(native), native);
    if (q.model.measured) return shown;
    for (const auto format :
         {NumberFormat::bf16, NumberFormat::fp8, NumberFormat::int8, NumberFormat::q8_0, NumberFormat::q4_k_m,
          NumberFormat::int4_g128, NumberFormat::nvfp4, NumberFormat::mxfp4}) {
        const Precision precision = precision_from(format, q.model);
        if (precision != native && format != q.precision) shown.emplace_back(name_of(format), precision);
    }
    return shown;
}

std::string weights_block(const ModelQuestion& q, const Console& console) {
    Columns columns({Align::left, Align::right, Align::left});
    for (const auto& [name, precision] : formats_shown(q)) {
        const auto words = describe(precision);
        columns.add({name, gb(weight_bytes_per_gpu(q.model, precision, Layout{})),
                     words == name || name.ends_with(words) ? "" : words});
    }
    return title("weights by number format",
                 "decimal GB; embeddings, head and router stay bf16 except in GGUF", console) +
           columns.text(console);
}

std::string gpus_block(const ModelQuestion& q, const Catalog& catalog, const Console& console) {
    const EngineSpec* engine = catalog.engine("vllm");
    if (!engine) return {};
    std::vector<std::pair<std::string, Precision>> formats{
        {q.precision ? std::string(name_of(*q.precision)) : "as published", precision_of(q)}};
    if (!q.model.measured && !q.precision) {
        formats.emplace_back("fp8", precision_from(NumberFormat::fp8, q.model));
        formats.emplace_back("int4_g128", precision_from(NumberFormat::int4_g128, q.model));
    }
    Columns columns(std::vector<Align>(formats.size() + 2, Align::right));
    std::vector<std::string> heading{"GPU", "memory"};
    for (const auto& [name, precision] : formats) heading.push_back(name);
    columns.heading(heading);
    for (const auto& device : catalog.devices()) {
        std::vector<std::string> row{device.id, gb(device.memory)};
        for (const auto& [name, precision] : formats) {
            const auto gpus = fewest_gpus(q.model, precision, device, *engine, kFitContext);
            row.push_back(gpus ? std::to_string(*gpus) : fmt::format("> {}", kMostGpusTried));
        }
        columns.add(std::move(row));
    }
    return title("fewest GPUs",
                 fmt::format("that hold it and one sequence of {} tokens, with {}", format_count(kFitContext),
                             engine->name),
                 console) +
           columns.text(console);
}

std::string heading(const ModelQuestion& q, const Console& console) {
    const ModelSpec& m = q.model;
    std::string beside = fmt::format(
        "{} · {} layers · hidden {} · vocabulary {}", m.family.empty() ? "model" : m.family, m.layer_count(),
        format_count(static_cast<double>(m.hidden)), format_count(static_cast<double>(m.vocab)));
    if (m.max_context > 0)
        beside += fmt::format(" · context {}", format_count(static_cast<double>(m.max_context)));
    return title(m.id, beside, console);
}

}  // namespace

std::string billions(double parameters) {
    return parameters < 1e6 ? format_count(parameters) : format_value(parameters, "");
}

std::vector<Metric> model_metrics(const ModelQuestion& q) {
    const auto c = count_parameters(q.model);
    const auto precision = precision_of(q);
    const double context = q.context.value_or(kFitContext);
    const std::string counted = "counted from " + (q.model.source.empty() ? q.model.id : q.model.source);
    const std::string in_cache = fmt::format("{}; cache in {}", counted, name_of(precision.kv));
    const auto exact = [](double value) { return Estimate::exact(value); };
    return {{"params_total", exact(c.total), counted},
            {"params_active", exact(c.active_all), counted + ", both embeddings included"},
            {"params_active_no_input_table", exact(c.active_no_input), counted},
            {"params_active_no_embeddings", exact(c.active_no_embeddings), counted},
            {"flops_per_output_token", exact(flops_per_output_token(q.model, context).value),
             fmt::format("{}; context {}", counted, format_count(context))},
            {"kv_bytes_per_token", exact(kv_bytes_per_token(q.model, precision.kv).value), in_cache},
            {"weights_gb_per_gpu", exact(weight_bytes_per_gpu(q.model, precision, Layout{}).value / kGB),
             fmt::format("{}; {} on one GPU", counted, describe(precision))}};
}

std::string model_sheet(const ModelQuestion& q, const Catalog& catalog, const Console& console) {
    const auto count = count_parameters(q.model);
    std::string out = heading(q, console) + "\n" + title("layers", "", console);
    for (const auto& line : layer_lines(q.model)) {
        for (const auto& part : wrapped(line, console.style().width - 2))
            out += "  " + shown(part, console) + "\n";
    }
    out += "\n" + parameters_block(q, count, console) + "\n" + classes_block(count, console);
    if (q.model.mtp_parameters > 0)
        out += shown(fmt::format("  not counted: {} in multi-token-prediction layers",
                                 billions(q.model.mtp_parameters)),
                     console) +
               "\n";
    out += "\n" + cache_block(q, console) + "\n" + weights_block(q, console) + "\n" +
           gpus_block(q, catalog, console);
    if (!q.model.notes.empty()) out += "\n" + title("notes", "", console);
    Columns notes({Align::left});
    for (const auto& note : q.model.notes) notes.add({note});
    out += notes.text(console);
    if (q.entry && !q.entry->source.empty())
        out += "\n" + paragraph("source: " + q.entry->source, 0, console);
    return out;
}

}  // namespace moeplan::cli
