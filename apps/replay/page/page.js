// The page of a replay: the document in it, shown. Sections that have nothing to say are not there.
import * as charts from "./charts.js";
import {binsOf, carriedOf, dropKinds, endingsOf, highest, namesOf, packetsOf, sumsOf, talksOf} from "./data.js";
import {columnsOf, tableOf} from "./tables.js";
import {bytes, count, droppedOf, element, share, sum, time} from "./words.js";

const mostParties = 40;
const mostBins = 240;

const place = (id) => document.querySelector(`#${id} > .content`);
const remove = (id) => document.getElementById(id).remove();
const note = (words) => element("p", {class: "note"}, words);

// Charts are drawn for the width they have: again when it changes.
const drawn = [];
function draw(figure) {
  const width = Math.floor(figure.holder.clientWidth);
  if (width === 0 || width === figure.width) return;
  figure.width = width;
  figure.holder.replaceChildren(figure.chart(width));
}
function chart(id, title, make, keys = []) {
  const holder = element("div", {class: "chart wide"});
  const key = keys.map(({name, colour, line}) =>
    element("span", {class: "key"}, element("i", {class: line ? "line" : "box", style: `--colour: ${colour}`}), name));
  place(id).append(element("figure", {}, element("figcaption", {}, element("b", {}, title), ...key), holder));
  const figure = {holder, chart: make, width: 0};
  drawn.push(figure);
  draw(figure);
  return () => {
    figure.width = 0;
    draw(figure);
  };
}

function pairs(rows) {
  return element("dl", {class: "pairs"}, ...rows.flatMap(([name, value]) =>
    [element("div", {}, element("dt", {}, name), element("dd", {}, value))]));
}

// --- What it is about -----------------------------------------------------------------------------------------

function showHead(report) {
  const files = [...new Set(report.inputs.map(({name}) => (name === "-" ? "standard input" : name.split("/").pop())))];
  const names = files.slice(0, 4).join(", ") + (files.length > 4 ? ` and ${files.length - 4} more` : "");
  document.title = `vmlan replay: ${names}`;
  document.getElementById("title").textContent = names || "Replay";
  document.getElementById("about").textContent =
    `vmlan replay, version ${report.version}, seed ${report.seed}, ` +
    (report.partial ? "interrupted: a part of the trace" : "the whole trace");
  if (report.partial) document.getElementById("about").classList.add("partial");
  const {run} = report;
  const carried = carriedOf(report);
  const tiles = [
    [count(report.trace.records), "records"], [count(run.users), "users"], [count(carried.sent), "packets sent"],
    [count(carried.received), "received"], [count(droppedOf(carried)), "dropped"], [bytes(sum(report.lans.map(({sent_bytes}) => sent_bytes))), "sent"],
    [time(run.time_ns), `${report.options.clock} time`],
    ...(carried.latency.most_ns > 0
      ? [[time(carried.latency.p50_ns), "latency, median"], [time(carried.latency.p99_ns), "latency, 99 %"]] : []),
  ];
  document.getElementById("tiles").append(...tiles.map(([value, name]) =>
    element("div", {}, element("strong", {}, value), element("span", {}, name))));
}

function showList(id, lines) {
  if (lines.length === 0) return remove(id);
  place(id).append(element("ul", {}, ...lines.map((line) => element("li", {}, line))));
}

function showInputs(report) {
  const row = (input) => element("tr", {},
    element("td", {class: "text"}, input.name), element("td", {class: "number"}, bytes(input.bytes)),
    element("td", {class: "number"}, count(input.records)), element("td", {class: "text"}, input.links.join(", ")),
    element("td", {class: "digest"}, input.sha256 ?? "unknown"), element("td", {class: "text"}, input.damage || "none"));
  const heads = ["file", "size", "records", "link types", "SHA-256", "damage"].map((name) => element("th", {scope: "col"}, name));
  place("inputs").append(element("div", {class: "wide", tabindex: "0"}, element("table", {},
    element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...report.inputs.map(row)))));
}

function showOptions(report) {
  const rows = [];
  const add = (name, value) => {
    if (value === null || value === "" || value === false) return;
    if (typeof value === "object") return Object.entries(value).forEach(([part, of]) => add(`${name} ${part}`, of));
    const words = name.endsWith("_ns") ? time(value) : String(value);
    rows.push([name.replace(/_ns$/, "").replaceAll("_", " "), words === "true" ? "yes" : words]);
  };
  add("", report.options);
  if (report.interval_ns) add("interval_ns", report.interval_ns);
  place("options").append(pairs(rows.map(([name, value]) => [name.trim(), value])));
}

// --- Charts -----------------------------------------------------------------------------------------------

function showSums(report) {
  const {made, ended, difference} = sumsOf(report);
  const whole = sum(ended.map(({packets}) => packets));
  const side = (rows, sign) => rows.map(({name, packets}, index) => element("tr", {},
    element("td", {class: "sign"}, index === 0 ? sign : "+"), element("td", {class: "number"}, count(packets)),
    element("td", {class: "text"}, name), element("td", {class: "number share"}, share(packets, whole))));
  place("sums").append(
    element("table", {class: "sums"}, element("tbody", {}, ...side(made, "")), element("tbody", {}, ...side(ended, "="))),
    difference === 0 ? note("The sum holds: every record was received or has its name here.")
      : element("p", {class: "wrong"}, `The two sides differ by ${count(Math.abs(difference))}.`));
}

function showClosed({closed}) {
  if (!closed) return remove("closed");
  const rows = [
    ["TCP connections played", count(closed.connections)], ["ended as in the trace", count(closed.ended)],
    ["reset or given up", count(closed.reset_or_given_up)], ["stacks", count(closed.stacks)],
    ["bytes of streams", bytes(closed.bytes)], ["verified", bytes(closed.verified)],
    ["segments", count(closed.segments)], ["sent again", count(closed.sent_again)],
  ];
  for (const [name, duration] of [["duration", closed.duration], ["in the trace", closed.trace_duration]]) {
    if (duration.connections === 0) continue;
    rows.push([`${name}, median`, time(duration.p50_ns)], [`${name}, 99 %`, time(duration.p99_ns)]);
  }
  place("closed").append(pairs(rows));
  const left = Object.entries(closed.left);
  if (left.length > 0) {
    place("closed").append(note("Left to the open loop: " +
      left.map(([rule, of]) => `${count(of.connections)} ${rule} (${bytes(of.bytes)})`).join(", ") + "."));
  }
  place("closed").append(note("Their packets are those of the stacks, not of the trace: they are in all charts and tables, not in the sum above."));
}

function showTalks(report) {
  const talks = talksOf(report, mostParties);
  if (talks.cells.length === 0) return remove("talks");
  let key = "sent";
  const again = chart("talks", "Rows send, columns receive", (width) => charts.matrix(talks, key, width));
  const choice = element("div", {class: "choice", role: "group", "aria-label": "Colour by"});
  for (const [value, name] of [["sent", "packets"], ["sent_bytes", "bytes"]]) {
    const button = element("button", {type: "button", "aria-pressed": String(value === key)}, name);
    button.addEventListener("click", () => {
      key = value;
      for (const each of choice.children) each.setAttribute("aria-pressed", String(each === button));
      again();
    });
    choice.append(button);
  }
  place("talks").querySelector("figcaption").append(choice);
  const words = ["The stronger the colour, the more was sent."];
  if (talks.others) words.push(`The ${mostParties} with the most packets have a name here; all others are one.`);
  if (talks.without > 0) words.push(`${count(talks.without)} packets of flows that the report does not keep are not in it.`);
  place("talks").append(note(words.join(" ")));
}

const dropColours = ["--drop1", "--drop2", "--drop3", "--drop4", "--drop5"].map((name) => `var(${name})`);

function showRates(report, binned) {
  if (binned.bins.length === 0) return remove("rates");
  const kinds = [{name: "received", colour: "var(--received)"},
    ...dropKinds(carriedOf(report), dropColours.length).map((kind, index) => ({...kind, colour: dropColours[index]}))];
  const sent = {name: "sent", colour: "var(--sent)", line: true};
  chart("rates", "Packets a second", (width) => charts.packetRates(binned, kinds, width), [sent, ...kinds]);
  chart("rates", "Bits a second", (width) => charts.bitRates(binned, width), [sent, {...kinds[0], line: true}]);
  place("rates").append(note((binned.each > 1 ? `Means over ${binned.each} intervals of ${time(report.interval_ns)}.`
    : `Means over intervals of ${time(report.interval_ns)}.`) + " The last interval may reach beyond the end of the trace."));
}

function showLatency(report, binned) {
  if (carriedOf(report).latency.most_ns === 0) {
    place("latency").append(note("Every packet arrived at the time it left: nothing on its way takes time " +
      "(--link, --lan-link and --service-time would)."));
    return;
  }
  const lines = [{key: "p50", name: "median", colour: "var(--p50)"}, {key: "p90", name: "90 %", colour: "var(--p90)"},
    {key: "p99", name: "99 %", colour: "var(--p99)"}, {key: "most", name: "longest", colour: "var(--p99)", dash: "2,3"}];
  const keys = lines.map((line) => ({...line, line: true, name: line.dash ? `${line.name} (dotted)` : line.name}));
  if (binned.bins.length > 0) {
    chart("latency", "Over time", (width) => charts.latencies(binned, lines, width), keys);
    if (binned.each > 1) place("latency").append(note(`Each step is the highest of ${binned.each} intervals.`));
  }
  const users = highest(report.users, ({latency}) => latency.p99_ns, mostParties);
  if (users.length === 0) return;
  chart("latency", "By receiving user", (width) => charts.latencyByUser(users, namesOf(report.users).ofUser, width),
    [{name: "median", colour: "var(--p50)"}, {name: "99 %", colour: "var(--p99)"}]);
  if (report.users.length > users.length) {
    place("latency").append(note(`The ${users.length} users with the highest 99 %, of ${count(report.run.users)}.`));
  }
}

function showQueues(report) {
  const name = namesOf(report.users).ofUser;
  const waited = highest(report.users, ({queue}) => queue.most, mostParties);
  if (waited.length > 0) {
    chart("queues", "Packets that waited at a user's own way to its LAN", (width) => charts.bars(waited, {
      name, value: ({queue}) => queue.most, mark: ({queue}) => queue.mean, colour: "var(--queue)",
      words: ({queue}) => count(queue.most), label: "Queues", unit: "packets"}, width),
    [{name: "most", colour: "var(--queue)"}, {name: "mean (ring)", colour: "var(--back)"}]);
  } else {
    place("queues").append(note("No packet waited on its way to a LAN."));
  }
  const filled = highest(report.users, (user) => user.input_buffers_most, mostParties);
  if (filled.length === 0) return;
  chart("queues", `Input buffers in use at once, of ${report.options.buffers}`, (width) => charts.bars(filled, {
    name, value: (user) => user.input_buffers_most, colour: "var(--received)",
    words: (user) => count(user.input_buffers_most), label: "Input buffers", unit: "buffers"}, width));
  if (report.users.length > mostParties) {
    place("queues").append(note(`The ${mostParties} users with the most, of ${count(report.run.users)}.`));
  }
}

function showDrops(report) {
  const {dropped} = carriedOf(report);
  const endings = endingsOf({trace: report.trace, run: {dropped}})
    .filter(({name}) => name !== "not sent: played by stacks").sort((one, other) => other.packets - one.packets);
  if (endings.length === 0) return remove("drops");
  chart("drops", "Packets by the name under which they ended", (width) => charts.bars(endings, {
    name: ({name}) => name, value: ({packets}) => packets, words: ({packets}) => count(packets),
    colour: "var(--drop1)", label: "Drops by name", unit: "packets"}, width));
}

function showTables(report) {
  for (const id of ["lans", "vlans", "users", "flows"]) {
    const rows = report[id].filter((row) => packetsOf(row) > 0 || id === "users");
    if (rows.length < (id === "vlans" ? 2 : 1)) {
      remove(id);
      continue;
    }
    place(id).append(tableOf(rows, columnsOf[id](rows), report[`${id}_left_out`]?.rows));
  }
}

function show(report) {
  showHead(report);
  showList("faults", report.faults);
  showList("notes", report.notes);
  const binned = binsOf(report, mostBins);
  showSums(report);
  showClosed(report);
  showDrops(report);
  showTalks(report);
  showRates(report, binned);
  showLatency(report, binned);
  showQueues(report);
  showTables(report);
  showInputs(report);
  showOptions(report);
}

try {
  show(JSON.parse(document.getElementById("document").textContent));
  document.body.dataset.state = "shown";
} catch (fault) {
  document.body.dataset.state = "failed";
  document.getElementById("about").textContent = `This page cannot show its report: ${fault.message}`;
  throw fault;
}
new ResizeObserver(() => drawn.forEach(draw)).observe(document.querySelector("main"));
