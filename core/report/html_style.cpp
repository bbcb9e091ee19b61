#include "core/report/html_style.h"

namespace moeplan {

std::string_view html_style() {
    return R"css(
:root { color-scheme: light dark;
  --paper: #ffffff; --sheet: #f6f7f9; --ink: #1c2430; --soft: #5b6675; --line: #dde2e9; --accent: #0b62b8;
  --good: #1b7a3d; --warn: #8f5b00; --bad: #b3261e; --good-sheet: #e9f5ed; --warn-sheet: #fdf3df; --bad-sheet: #fbe9e7;
  --c0: #0072b2; --c1: #e69f00; --c2: #009e73; --c3: #d55e00; --c4: #cc79a7; --c5: #56b4e9; --free: #e4e8ee; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #12161c; --sheet: #1a2028; --ink: #e4e9f0; --soft: #9aa6b5; --line: #2e3743; --accent: #6db3ff;
  --good: #63c986; --warn: #e8b04b; --bad: #ff8a80; --good-sheet: #17291e; --warn-sheet: #2c2413; --bad-sheet: #321b1a;
  --c0: #3f9fdc; --c1: #e69f00; --c2: #1dbf91; --c3: #f0743a; --c4: #d992b9; --c5: #8acbf2; --free: #2a323d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 24px 48px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 36px 0 10px; }
h3 { font-size: 15px; margin: 0 0 6px; overflow-wrap: anywhere; }
p { margin: 4px 0; }
small, .soft { color: var(--soft); }
a { color: var(--accent); text-decoration: none; }
.verdict { margin: 20px 0; padding: 16px 20px; border-left: 5px solid var(--good); background: var(--good-sheet); border-radius: 6px; overflow-wrap: anywhere; }
.verdict.open { border-color: var(--warn); background: var(--warn-sheet); }
.verdict strong { font-size: 18px; }
.verdict ul { margin: 8px 0 0; padding-left: 20px; }
.warn { color: var(--warn); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(290px, 1fr)); gap: 16px; }
.card { background: var(--sheet); border: 1px solid var(--line); border-top: 4px solid var(--c0); border-radius: 8px; padding: 14px 18px; min-width: 0; }
.card .facts { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
.card dl { display: grid; grid-template-columns: 1fr auto; gap: 2px 12px; margin: 10px 0 0; }
.card dt { color: var(--soft); } .card dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.badge { display: inline-block; padding: 0 8px; border-radius: 10px; font-size: 12px; font-weight: 600; vertical-align: 1px; }
.badge.yes { color: var(--good); background: var(--good-sheet); } .badge.no { color: var(--bad); background: var(--bad-sheet); }
.badge.maybe { color: var(--warn); background: var(--warn-sheet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); overflow-wrap: anywhere; }
tbody th { font-weight: 400; }
tr.group th { font-weight: 600; color: var(--accent); padding-top: 16px; }
td.n, th.n { text-align: right; }
td[title] { cursor: help; }
td.best { font-weight: 600; color: var(--good); }
td.best small { font-weight: 400; }
tr.turn td, tr.turn th { background: var(--warn-sheet); }
td small { white-space: nowrap; }
sup { font-size: 11px; line-height: 0; } sup a { padding: 0 1px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr)); gap: 20px; }
@media (max-width: 540px) { .charts { grid-template-columns: 1fr; } }
figure { margin: 0; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; min-width: 0; }
figcaption { font-weight: 600; margin-bottom: 4px; }
.pictures { display: grid; gap: 20px; margin-bottom: 12px; }
.picture { display: grid; grid-template-columns: minmax(0, 1fr) 236px; gap: 4px 24px; align-items: center; }
@media (max-width: 860px) { .picture { grid-template-columns: 1fr; } }
.picture figcaption p { font-weight: 400; font-size: 14px; margin-top: 4px; }
.drawing { display: block; width: 100%; height: auto; }
.look.dark { display: none; }
@media (prefers-color-scheme: dark) { .look.light { display: none; } .look.dark { display: block; } }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px; color: var(--soft); }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
.chart { width: 100%; height: auto; display: block; }
.chart text { font-size: 12px; fill: var(--soft); } .chart .name { fill: var(--ink); } .chart .marked { fill: var(--warn); }
.chart .grid { stroke: var(--line); } .chart .axis { stroke: var(--soft); }
.chart .mark { stroke: var(--warn); stroke-dasharray: 4 4; }
.chart polyline { fill: none; stroke-width: 2.2; stroke-linejoin: round; } .chart polygon { opacity: .18; stroke: none; }
.l0 { stroke: var(--c0); } .l1 { stroke: var(--c1); } .l2 { stroke: var(--c2); } .l3 { stroke: var(--c3); } .l4 { stroke: var(--c4); } .l5 { stroke: var(--c5); }
.b0, .d0 { fill: var(--c0); } .b1, .d1 { fill: var(--c1); } .b2, .d2 { fill: var(--c2); } .b3, .d3 { fill: var(--c3); } .b4, .d4 { fill: var(--c4); } .b5, .d5 { fill: var(--c5); }
.f0 { background: var(--c0); } .f1 { background: var(--c1); } .f2 { background: var(--c2); } .f3 { background: var(--c3); } .f4 { background: var(--c4); } .f5 { background: var(--c5); }
.t0 { border-top-color: var(--c0); } .t1 { border-top-color: var(--c1); } .t2 { border-top-color: var(--c2); } .t3 { border-top-color: var(--c3); } .t4 { border-top-color: var(--c4); } .t5 { border-top-color: var(--c5); }
.stack { position: relative; display: flex; height: 22px; border-radius: 4px; overflow: hidden; background: var(--free); margin: 6px 0; }
.stack span { display: block; height: 100%; }
.stack b { position: absolute; top: 0; bottom: 0; width: 2px; background: var(--bad); }
.bars { display: grid; grid-template-columns: minmax(90px, auto) auto auto 1fr auto; gap: 3px 12px; align-items: center; font-variant-numeric: tabular-nums; font-size: 14px; }
.bars .n { text-align: right; white-space: nowrap; } .bars .track { background: var(--free); border-radius: 3px; height: 11px; min-width: 24px; }
.bars .track span { display: block; height: 100%; border-radius: 3px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr)); gap: 20px; }
@media (max-width: 540px) { .pair { grid-template-columns: 1fr; } }
.panel { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; min-width: 0; }
.ranks { display: flex; align-items: flex-end; gap: 1px; height: 56px; } .ranks span { flex: 1 1 0; min-width: 1px; }
pre { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; overflow-x: auto; font-size: 13px; }
summary { cursor: pointer; color: var(--accent); margin: 12px 0; }
ol.sources { padding-left: 26px; } li { overflow-wrap: anywhere; }
li:target { background: var(--warn-sheet); }
footer { margin-top: 40px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; }
@media print { main { max-width: none; padding: 0; } .card, figure, .panel, tr { break-inside: avoid; } }
)css";
}

}  // namespace moeplan
