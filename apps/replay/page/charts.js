// The charts. Each is drawn for a width, so that letters keep their size on a narrow screen; colours are variables
// of page.css, which knows light, dark and paper.
import {barX, cell, dot, lineY, plot, rectY, ruleX, ruleY, text} from "@observablehq/plot";
import {bytes, count, sum, time, timeUnit} from "./words.js";

const style = {fontFamily: "inherit", fontSize: "12px", background: "none", overflow: "visible"};
const letter = 7.2;  // pixels, the mean of digits and letters at 12 pixels

const longest = (names) => Math.max(0, ...names.map((name) => name.length));
// Room for names beside a chart, and no more than 38 % of it.
const room = (names, width) => Math.min(longest(names) * letter + 14, width * 0.38);
const short = (name, pixels) => {
  const most = Math.max(4, Math.floor((pixels - 10) / letter));
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
};

// Steps, not slopes: nothing is known of what lies inside an interval.
function steps(bins, valueOf) {
  return bins.flatMap((bin) => {
    const value = valueOf(bin);
    return [{at: bin.from, value}, {at: bin.to, value}];
  });
}

export function matrix(talks, key, width) {
  const {names, cells} = talks;
  const margin = Math.min(longest(names) * letter + 14, 130);
  const full = Math.max(width, margin + names.length * 17 + 24);
  const side = Math.min(44, (full - margin - 24) / names.length);
  const words = key === "sent" ? count : bytes;
  const ofCell = (talk) =>
    `${talk.from} to ${talk.to}: ${count(talk.sent)} packets, ${bytes(talk.sent_bytes)}, ${count(talk.flows)} flows`;
  const tick = (name) => short(name, margin);
  // What others say among themselves may be most of all, and would leave no strength for the rest.
  const named = cells.filter(({from, to}) => from !== "others" || to !== "others");
  const strongest = Math.max(1, ...named.map((talk) => talk[key]));
  return plot({
    width: margin + side * names.length + 24, height: margin + side * names.length + 26,
    marginLeft: margin, marginTop: 18, marginBottom: margin, marginRight: 24, style,
    ariaLabel: "Who talks to whom",
    x: {domain: names, label: null, tickRotate: -90, tickFormat: tick, tickSize: 3},
    y: {domain: names, label: null, tickFormat: tick, tickSize: 3},
    // By one colour's strength: the smallest cell has to be seen on white and on black.
    opacity: {type: "sqrt", range: [0.12, 1], clamp: true, domain: [0, strongest]},
    marks: [
      cell(cells, {x: "to", y: "from", fill: "var(--received)", fillOpacity: key, inset: 0.5, title: ofCell}),
      side < 40 ? null : text(cells, {
        x: "to", y: "from", text: (talk) => words(talk[key]).replace(",", "\u2009"), fontSize: 10,
        fill: "currentColor", stroke: "var(--back)", strokeWidth: 3, pointerEvents: "none"}),
    ],
  });
}

export function packetRates({bins}, kinds, width) {
  const rows = bins.flatMap((bin) => kinds.map(({name, of, colour}) => {
    const packets = of ? sum(of.map((each) => bin.dropped[each] ?? 0)) : bin.received;
    return {from: bin.from, to: bin.to, name, colour, packets, rate: packets / (bin.to - bin.from)};
  }));
  return plot({
    width, height: 240, marginLeft: 56, marginBottom: 40, marginRight: 24, style, ariaLabel: "Packets a second over time",
    x: {label: "seconds since the first packet", labelAnchor: "center", labelArrow: "none"},
    y: {label: null, grid: true, nice: true, tickFormat: "~s"},
    color: {type: "identity"},
    marks: [
      rectY(rows, {
        x1: "from", x2: "to", y: "rate", fill: "colour", z: "name", inset: 0,
        title: (row) => `${row.from} to ${row.to} s: ${count(row.packets)} ${row.name}`}),
      lineY(steps(bins, (bin) => bin.sent / (bin.to - bin.from)), {x: "at", y: "value", stroke: "var(--sent)", strokeWidth: 1.5}),
      ruleY([0]),
    ],
  });
}

export function bitRates({bins}, width) {
  const line = (key, colour, options) =>
    lineY(steps(bins, (bin) => (bin[key] * 8) / (bin.to - bin.from)), {x: "at", y: "value", stroke: colour, ...options});
  return plot({
    width, height: 180, marginLeft: 56, marginBottom: 40, marginRight: 24, style, ariaLabel: "Bits a second over time",
    x: {label: "seconds since the first packet", labelAnchor: "center", labelArrow: "none"},
    y: {label: null, grid: true, nice: true, zero: true, tickFormat: "~s"},
    marks: [
      line("received_bytes", "var(--received)", {strokeWidth: 2.5}), line("sent_bytes", "var(--sent)", {strokeWidth: 1.2}),
      ruleY([0])],
  });
}

export function latencies({bins}, lines, width) {
  const unit = timeUnit(Math.max(...bins.map(({most}) => most || 0)));
  return plot({
    width, height: 228, marginTop: 30, marginLeft: 56, marginBottom: 40, marginRight: 24, style, ariaLabel: "Latency over time",
    x: {label: "seconds since the first packet", labelAnchor: "center", labelArrow: "none"},
    y: {label: unit.name, labelArrow: "none", grid: true, nice: true, zero: true},
    marks: [
      ...lines.map(({key, colour, dash}) =>
        lineY(steps(bins, (bin) => bin[key] / unit.length),
          {x: "at", y: "value", stroke: colour, strokeWidth: 1.8, strokeDasharray: dash})),
      ruleY([0])],
  });
}

function beside(names, width, options) {
  const margin = room(names, width);
  return {
    width, height: names.length * 20 + 56, marginLeft: margin, marginRight: 70, marginTop: 8, marginBottom: 42, style,
    ...options,
    y: {domain: names, label: null, tickSize: 0, tickFormat: (name) => short(name, margin)},
  };
}

export function latencyByUser(users, nameOf, width) {
  const unit = timeUnit(Math.max(...users.map(({latency}) => latency.p99_ns)));
  const of = (key) => (user) => user.latency[key] / unit.length;
  return plot(beside(users.map(nameOf), width, {
    ariaLabel: "Latency by user",
    x: {label: unit.name, labelAnchor: "center", labelArrow: "none", grid: true, zero: true},
    marks: [
      ruleY(users, {y: nameOf, x1: of("p50_ns"), x2: of("p99_ns"), stroke: "var(--p90)", strokeWidth: 3}),
      dot(users, {y: nameOf, x: of("p50_ns"), fill: "var(--p50)", r: 4}),
      dot(users, {y: nameOf, x: of("p99_ns"), fill: "var(--p99)", r: 4}),
      text(users, {y: nameOf, x: of("p99_ns"), text: ({latency}) => time(latency.p99_ns), dx: 8, textAnchor: "start"}),
      ruleX([0]),
    ],
  }));
}

// One bar for each row, its words at its end; a second, `mark`, is a point on it.
export function bars(rows, {name, value, words, mark, colour, label, unit}, width) {
  const ticks = Math.max(1, Math.min(width / 110, Math.max(...rows.map(value))));  // whole numbers only
  return plot(beside(rows.map(name), width, {
    ariaLabel: label,
    x: {label: unit, labelAnchor: "center", labelArrow: "none", grid: true, zero: true, nice: true, tickFormat: "~s", ticks},
    marks: [
      barX(rows, {y: name, x: value, fill: colour, insetTop: 2, insetBottom: 2, title: (row) => `${name(row)}: ${words(row)}`}),
      mark ? dot(rows, {y: name, x: mark, fill: "var(--back)", stroke: "currentColor", r: 3}) : null,
      text(rows, {y: name, x: value, text: words, dx: 6, textAnchor: "start"}),
      ruleX([0]),
    ],
  }));
}
