// Numbers as people read them, and elements with text in them. Text comes from traces and command lines: it is
// only ever set as text, never as HTML.

export const count = (number) => Math.round(number).toLocaleString("en-US");

export function bytes(number) {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let power = 0;
  while (number >= 1000 && power + 1 < units.length) {
    number /= 1000;
    ++power;
  }
  return `${power === 0 ? number : number.toPrecision(3)} ${units[power]}`;
}

const timeUnits = [[1, "ns"], [1e3, "µs"], [1e6, "ms"], [1e9, "s"]];

// For an axis up to `most` nanoseconds.
export function timeUnit(most) {
  const [length, name] = [...timeUnits].reverse().find(([length]) => most >= length) ?? timeUnits[0];
  return {length, name};
}

export function time(nanoseconds) {
  if (nanoseconds === 0) return "0";
  const {length, name} = timeUnit(Math.abs(nanoseconds));
  return `${Number((nanoseconds / length).toPrecision(4))} ${name}`;
}

export const share = (part, whole) => (whole === 0 ? "" : `${Number(((100 * part) / whole).toPrecision(3))} %`);

export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

export const droppedOf = (account) => sum(Object.values(account.dropped));

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
