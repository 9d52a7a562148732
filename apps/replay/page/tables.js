// Tables that are sorted by a click on the head of a column; the first 200 rows are shown.
import {bytes, count, droppedOf, element, time} from "./words.js";

const mostRows = 200;

// Columns: name, the value that is shown and sorted by, its words.
const number = (name, value, words = count) => ({name, value, words, isNumber: true});
const text = (name, value) => ({name, value, words: (words) => words, isNumber: false});

function accountColumns(rows) {
  const late = rows.some(({latency}) => latency.most_ns > 0);
  const copied = rows.some(({copies}) => copies > 0);
  return [
    number("sent", (row) => row.sent), number("bytes sent", (row) => row.sent_bytes, bytes),
    ...(copied ? [number("copies", (row) => row.copies)] : []),
    number("received", (row) => row.received), number("bytes received", (row) => row.received_bytes, bytes),
    number("dropped", droppedOf),
    ...(late ? [number("latency p50", (row) => row.latency.p50_ns, time), number("p99", (row) => row.latency.p99_ns, time)] : []),
  ];
}

function queueColumns(rows) {
  return rows.some(({queue}) => queue.most > 0)
    ? [number("queue, most", (row) => row.queue.most), number("mean", (row) => row.queue.mean, (mean) => mean.toFixed(2))]
    : [];
}

const party = (address, port) => (port === 0 ? address : address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`);

export const columnsOf = {
  lans: (rows) => [text("LAN", ({lan}) => lan), ...accountColumns(rows), ...queueColumns(rows)],
  vlans: (rows) => [number("VLAN", ({vlan}) => vlan, (vlan) => (vlan === 0 ? "untagged" : String(vlan))), ...accountColumns(rows)],
  users: (rows) => [
    text("user", ({user}) => user), text("LAN", ({lan}) => lan), text("addresses", ({addresses}) => addresses.join(" ")),
    ...accountColumns(rows), ...queueColumns(rows), number("input buffers, most", (row) => row.input_buffers_most)],
  flows: (rows) => [
    text("protocol", ({protocol}) => protocol), text("from", (row) => party(row.source, row.source_port)),
    text("to", (row) => party(row.destination, row.destination_port)),
    ...(rows.some(({vlan}) => vlan > 0) ? [number("VLAN", ({vlan}) => vlan, String)] : []), ...accountColumns(rows)],
};

function compare(column, up) {
  const way = up ? 1 : -1;
  return (one, other) => {
    const [left, right] = [column.value(one), column.value(other)];
    return way * (column.isNumber ? left - right : left.localeCompare(right, "en", {numeric: true}));
  };
}

// `leftOut`: rows that the document does not have.
export function tableOf(rows, columns, leftOut = 0) {
  let sorted = columns.find(({name}) => name === "sent");
  let up = false;
  const body = element("tbody");
  const heads = columns.map((column) => {
    const button = element("button", {type: "button"}, column.name);
    button.addEventListener("click", () => {
      up = sorted === column ? !up : !column.isNumber;
      sorted = column;
      show();
    });
    return element("th", {scope: "col", class: column.isNumber ? "number" : "text"}, button);
  });
  function show() {
    columns.forEach((column, index) =>
      heads[index].setAttribute("aria-sort", column !== sorted ? "none" : up ? "ascending" : "descending"));
    const first = [...rows].sort(compare(sorted, up)).slice(0, mostRows);
    body.replaceChildren(...first.map((row) => element("tr", {}, ...columns.map((column) =>
      element("td", {class: column.isNumber ? "number" : "text"}, column.words(column.value(row)))))));
  }
  show();
  const all = rows.length + leftOut;
  const shown = Math.min(rows.length, mostRows);
  const more = element("p", {class: "note"}, all > shown
    ? `${count(shown)} of ${count(all)} rows: the first ones in this order.` +
      (leftOut > 0 ? ` The page has the ${count(rows.length)} with the most packets sent;` : "") +
      " --csv and --json write all of them."
    : "");
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
  return element("div", {}, element("div", {class: "wide", tabindex: "0"}, table), ...(all > shown ? [more] : []));
}
