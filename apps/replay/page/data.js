// What the document holds, as the charts want it. The document's members: docs/MANUAL.md, section 6.
import {droppedOf, sum} from "./words.js";

// Whose a packet is that is not received, in the order of the report: what was not sent, what was dropped.
export function endingsOf(report) {
  return [
    ...Object.entries(report.trace.not_sent).map(([name, packets]) => ({name: `not sent: ${name}`, packets})),
    ...Object.entries(report.run.dropped).map(([name, packets]) => ({name, packets})),
  ];
}

// What LANs and links carried: the packets of the trace, and those of users' stacks. Percentiles cannot be added
// up: those of whichever took longest.
export function carriedOf(report) {
  const accounts = [report.run, ...(report.closed?.packets ? [report.closed.packets] : [])];
  const dropped = {};
  for (const account of accounts) {
    for (const [name, packets] of Object.entries(account.dropped)) dropped[name] = (dropped[name] ?? 0) + packets;
  }
  const total = (key) => sum(accounts.map((account) => account[key]));
  const {latency} = accounts.reduce((one, other) => (other.latency.most_ns > one.latency.most_ns ? other : one));
  return {sent: total("sent"), received: total("received"), dropped, latency};
}

// "records + copies = received + names": both sides.
export function sumsOf(report) {
  const made = [
    {name: "records in the trace", packets: report.trace.records},
    {name: "more by cutting to the MTU", packets: report.trace.segments},
    {name: "copies, by links and for groups", packets: report.run.copies},
  ].filter(({packets}, index) => index === 0 || packets > 0);
  const ended = [{name: "received, as sent and in order", packets: report.run.received}, ...endingsOf(report)];
  const total = (side) => sum(side.map(({packets}) => packets));
  return {made, ended, difference: total(made) - total(ended)};
}

// A user that got its name from its number is known better by its address, if it has one of its own.
export function namesOf(users) {
  const owners = new Map();
  for (const user of users) {
    for (const address of user.addresses) owners.set(address, owners.has(address) ? null : user);
  }
  const ofUser = ({user, addresses}) =>
    /^R\d+$/.test(user) && addresses.length === 1 && owners.get(addresses[0]) !== null ? addresses[0] : user;
  const ofAddress = (address) => (owners.get(address) ? ofUser(owners.get(address)) : address);
  return {ofUser, ofAddress};
}

// Cells of a matrix: from whom to whom, the `most` biggest by their packets and "others". Flows that the page does
// not have are there as sums of pairs, in which whoever is small is "".
export function talksOf(report, most) {
  const nameOf = namesOf(report.users).ofAddress;
  const kept = report.flows.filter(({protocol}) => protocol !== "others");
  const talks = [...kept, ...(report.flows_left_out?.pairs ?? [])];
  const sizes = new Map();
  for (const talk of talks) {
    for (const address of [talk.source, talk.destination]) {
      const name = nameOf(address);
      if (name !== "") sizes.set(name, (sizes.get(name) ?? 0) + talk.sent);
    }
  }
  const ranked = [...sizes].sort((one, other) => other[1] - one[1]).map(([name]) => name);
  const biggest = ranked.slice(0, most).sort((one, other) => one.localeCompare(other, "en", {numeric: true}));
  const shown = new Set(biggest);
  const cells = new Map();
  for (const talk of talks) {
    const [from, to] = [talk.source, talk.destination].map((address) => {
      const name = nameOf(address);
      return shown.has(name) ? name : "others";
    });
    const key = JSON.stringify([from, to]);
    const cell = cells.get(key) ?? {from, to, sent: 0, sent_bytes: 0, flows: 0};
    cell.sent += talk.sent;
    cell.sent_bytes += talk.sent_bytes;
    cell.flows += talk.flows ?? 1;
    cells.set(key, cell);
  }
  const list = [...cells.values()];
  const others = list.some(({from, to}) => from === "others" || to === "others");
  return {
    cells: list,
    names: others ? [...biggest, "others"] : biggest,
    others,
    without: sum(report.flows.map(({protocol, sent}) => (protocol === "others" ? sent : 0))),
  };
}

// Intervals, several as one where there are more than `most`. Percentiles cannot be added up: the highest counts.
export function binsOf(report, most) {
  const each = Math.max(1, Math.ceil(report.intervals.length / most));
  const bins = [];
  for (let at = 0; at < report.intervals.length; at += each) {
    const part = report.intervals.slice(at, at + each);
    const heard = part.filter(({latency}) => latency.packets > 0).map(({latency}) => latency);
    const highest = (key) => (heard.length === 0 ? NaN : Math.max(...heard.map((latency) => latency[key])));
    const dropped = {};
    for (const interval of part) {
      for (const [name, packets] of Object.entries(interval.dropped)) dropped[name] = (dropped[name] ?? 0) + packets;
    }
    bins.push({
      from: part[0].from_ns / 1e9,
      to: (part[0].from_ns + part.length * report.interval_ns) / 1e9,
      sent: sum(part.map(({sent}) => sent)),
      sent_bytes: sum(part.map(({sent_bytes}) => sent_bytes)),
      received: sum(part.map(({received}) => received)),
      received_bytes: sum(part.map(({received_bytes}) => received_bytes)),
      dropped,
      p50: highest("p50_ns"), p90: highest("p90_ns"), p99: highest("p99_ns"), most: highest("most_ns"),
    });
  }
  return {bins, each};
}

// Names of drops, those with the most packets first: so many that each can have a colour of its own, then the rest.
export function dropKinds({dropped}, most) {
  const names = Object.entries(dropped).sort((one, other) => other[1] - one[1]).map(([name]) => name);
  const kept = names.length > most ? names.slice(0, most - 1) : names;
  const rest = names.slice(kept.length);
  return [...kept.map((name) => ({name, of: [name]})), ...(rest.length > 0 ? [{name: "other drops", of: rest}] : [])];
}

// The `most` rows with the highest value above 0, the highest first.
export const highest = (rows, valueOf, most) =>
  rows.filter((row) => valueOf(row) > 0).sort((one, other) => valueOf(other) - valueOf(one)).slice(0, most);

export const packetsOf = (account) => account.sent + account.received + droppedOf(account);
