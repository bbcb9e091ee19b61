#include "cli/commands/gpu_sheet.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/columns.h"
#include "cli/commands/sources.h"
#include "core/report/format.h"
#include "core/report/report_writer.h"

namespace moeplan::cli {
namespace {

// A figure of the data sheet: how people read it, and the bare number with its unit for machines.
struct Figure {
    std::string field;   // as `sources` names it
    std::string label;
    std::string text;
    Estimate value;
    std::string unit;
};

std::string rate(double per_second) { return format_value(per_second / kGB, "GB") + "/s"; }
std::string tera(double flops) { return format_number(flops / 1e12) + " TFLOP/s"; }

void add_peaks(std::vector<Figure>& figures, const DeviceSpec& d) {
    const std::pair<const char*, FlopsPerSecond> peaks[] = {{"fp32", d.peak.fp32}, {"bf16", d.peak.bf16},
                                                            {"fp16", d.peak.fp16}, {"fp8", d.peak.fp8},
                                                            {"fp4", d.peak.fp4},   {"int8", d.peak.int8}};
    for (const auto& [name, peak] : peaks) {
        if (peak.value > 0)
            figures.push_back({"peak", fmt::format("dense peak, {}", name), tera(peak.value),
                               Estimate::exact(peak.value), "FLOP/s"});
    }
}

std::vector<Figure> figures_of(const DeviceSpec& d) {
    const auto exact = [](double value) { return Estimate::exact(value); };
    std::vector<Figure> figures{
        {"memory", "memory", format_value(d.memory.value / kGB, "GB"), exact(d.memory.value), "bytes"}};
    if (d.visible.value > 0) {
        figures.push_back({"visible", "memory software can see", format_value(d.visible.value / kGB, "GB"),
                           exact(d.visible.value), "bytes"});
    }
    figures.push_back(
        {"bandwidth", "memory bandwidth", rate(d.bandwidth.value), exact(d.bandwidth.value), "bytes/s"});
    add_peaks(figures, d);
    const auto fraction = [&](const char* field, const char* label, const Estimate& e) {
        figures.push_back({field, label, format_estimate(e, "fraction"), e, "fraction"});
    };
    fraction("bandwidth_fraction", "bandwidth reached", d.bandwidth_fraction);
    fraction("compute_fraction", "compute reached, bf16", d.compute_fraction);
    fraction("compute_fraction_fp8", "compute reached, fp8 and fp4", d.compute_fraction_fp8);
    if (d.link.value > 0) {
        figures.push_back(
            {"link", "link to other GPUs, one way", rate(d.link.value), exact(d.link.value), "bytes/s"});
        fraction("link_fraction", "link reached", d.link_fraction);
        figures.push_back({"link_domain", "GPUs on that link", std::to_string(d.link_domain),
                           exact(static_cast<double>(d.link_domain)), "GPUs"});
    }
    if (d.pcie.value > 0)
        figures.push_back(
            {"pcie", "link to the host, one way", rate(d.pcie.value), exact(d.pcie.value), "bytes/s"});
    if (d.network.value > 0)
        figures.push_back(
            {"network", "network, one way", rate(d.network.value), exact(d.network.value), "bytes/s"});
    if (d.power)
        figures.push_back(
            {"power", "board power", format_number(d.power->value) + " W", exact(d.power->value), "W"});
    if (d.l2_mb)
        figures.push_back(
            {"l2", "L2 cache", format_number(*d.l2_mb) + " MB", exact(*d.l2_mb * 1e6), "bytes"});
    if (d.sm_count)
        figures.push_back({"sm_count", "multiprocessors", std::to_string(*d.sm_count),
                           exact(static_cast<double>(*d.sm_count)), ""});
    return figures;
}

std::vector<const RentalPrice*> prices_of(const DeviceSpec& device, const Catalog& catalog) {
    std::vector<const RentalPrice*> prices;
    for (const auto& price : catalog.prices()) {
        if (price.gpu == device.id) prices.push_back(&price);
    }
    return prices;
}

std::string hour(const RentalPrice* price) { return price ? format_value(price->median_usd, "USD") : "-"; }

Document estimate_document(const Estimate& e, const std::string& unit) {
    return Document::Map{{"value", e.value}, {"low", e.low}, {"high", e.high}, {"unit", unit}};
}

Document device_document(const DeviceSpec& d, const Catalog& catalog) {
    Document::Map figures;
    for (const auto& f : figures_of(d)) {
        std::string key = f.field;
        if (f.field == "peak") key += "_" + f.label.substr(f.label.rfind(' ') + 1);
        figures.emplace_back(key, estimate_document(f.value, f.unit));
    }
    Document::List prices, sources;
    for (const auto* p : prices_of(d, catalog)) {
        prices.push_back(Document::Map{
            {"tier", p->tier},
            {"usd_per_hour", estimate_document({p->median_usd, p->low_usd, p->high_usd}, "USD/h")},
            {"offers", p->offers},
            {"date", p->date},
            {"source", p->source}});
    }
    for (const auto& datum : d.sources)
        sources.push_back(Document::Map{{"of", datum.field}, {"source", datum.source}, {"note", datum.note}});
    return Document::Map{{"id", d.id},         {"name", d.name},   {"arch", d.arch},
                         {"figures", figures}, {"prices", prices}, {"sources", sources}};
}

std::string sources_block(const DeviceSpec& d, const Console& console) {
    std::string out = title("sources", "", console);
    for (const auto& [figures, source] : sources_by_figures(d.sources)) {
        out += "  " + shown(figures, console) + "\n" + paragraph(source, 6, console);
    }
    return out;
}

}  // namespace

std::string gpus_table(const Catalog& catalog, const Console& console) {
    Columns columns(
        {Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right});
    columns.heading({"GPU", "memory", "GB/s", "bf16 TF/s", "fp8 TF/s", "W", "USD/h"});
    const auto number = [](double value) { return value > 0 ? format_count(value) : std::string("-"); };
    for (const auto& d : catalog.devices()) {
        columns.add({d.id, format_value(d.memory.value / kGB, "GB"), number(d.bandwidth.value / kGB),
                     number(d.peak.bf16.value / 1e12), number(d.peak.fp8.value / 1e12),
                     d.power ? number(d.power->value) : "-", hour(catalog.price(d.id, "on_demand"))});
    }
    return columns.text(console) +
           console.dim(
               "  dense peaks; the median on-demand price of an hour; `moeplan gpu NAME` has the sources") +
           "\n";
}

std::string gpus_json(const Catalog& catalog) {
    Document::List list;
    for (const auto& device : catalog.devices()) list.push_back(device_document(device, catalog));
    return write_document_json(Document::Map{{"gpus", list}});
}

std::string gpu_json(const DeviceSpec& device, const Catalog& catalog) {
    return write_document_json(device_document(device, catalog));
}

std::string gpu_sheet(const DeviceSpec& device, const Catalog& catalog, const Console& console) {
    Columns figures({Align::left, Align::left});
    for (const auto& f : figures_of(device)) figures.add({f.label, f.text});
    std::string out = title(device.name, device.id + " · " + device.arch, console) + figures.text(console);
    const auto prices = prices_of(device, catalog);
    if (!prices.empty()) {
        Columns columns({Align::left, Align::right, Align::left});
        for (const auto* p : prices) {
            columns.add({p->tier, format_estimate({p->median_usd, p->low_usd, p->high_usd}, "USD"),
                         fmt::format("{} {}, {}: {}", p->offers, p->offers == 1 ? "offer" : "offers", p->date,
                                     p->source)});
        }
        out += "\n" + title("an hour of one GPU", "median (10th to 90th percentile of providers)", console) +
               columns.text(console);
    }
    return out + "\n" + sources_block(device, console);
}

}  // namespace moeplan::cli
