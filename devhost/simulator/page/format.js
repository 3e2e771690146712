// Numbers, times and names as text.

const pad = (n, width = 2) => String(n).padStart(width, "0");

export function clock(time) {
  const t = new Date(time);
  return `${pad(t.getHours())}:${pad(t.getMinutes())}:${pad(t.getSeconds())}`;
}

export function clockExact(time) {
  return `${clock(time)}.${pad(new Date(time).getMilliseconds(), 3)}`;
}

export function date(time) {
  const t = new Date(time);
  return `${t.getFullYear()}-${pad(t.getMonth() + 1)}-${pad(t.getDate())}`;
}

// moment returns the day of the week and the time.
export function moment(time) {
  return `${new Intl.DateTimeFormat("en", { weekday: "short" }).format(new Date(time))} ${clock(time).slice(0, 5)}`;
}

// exact returns a time in milliseconds, with the digits that a Date loses.
function exact(time) {
  const fraction = /\.(\d+)/.exec(String(time))?.[1] ?? "";
  const whole = new Date(time);
  return fraction.length > 3 ? whole.setMilliseconds(0) + Number(`0.${fraction}`) * 1000 : whole.getTime();
}

// since returns the milliseconds between two times.
export const since = (from, to) => exact(to) - exact(from);

// later adds milliseconds to a time.
export function later(time, milliseconds) {
  const t = exact(time) + milliseconds;
  const fraction = String(Math.round((t % 1000) * 1000)).padStart(6, "0");
  return new Date(t).toISOString().replace(/\.\d+Z/, `.${fraction}Z`);
}

export function duration(milliseconds) {
  if (milliseconds < 10) return `${Math.max(0, milliseconds).toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return long(milliseconds / 1000);
}

// long returns a pause as text: 10 s, 5 min, 3 h.
export function long(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${trim(seconds)} s`;
  if (seconds < 3600) return `${trim(seconds / 60)} min`;
  return `${trim(seconds / 3600)} h`;
}

const trim = (n) => String(Math.round(n * 10) / 10);

export function bytes(n) {
  if (n < 1024) return `${n} B`;
  if (n < 1 << 20) return `${trim(n / 1024)} KiB`;
  return `${trim(n / (1 << 20))} MiB`;
}

export function count(n, noun, plural = `${noun}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? noun : plural}`;
}

export const number = (n) => n.toLocaleString("en");

// person returns the phone number or BSUID.
export function person(who) {
  if (who?.phone) return `+${who.phone}`;
  return who?.bsuid || "unknown";
}

export const lastPart = (text) => text?.slice((text.lastIndexOf(".") ?? -1) + 1) ?? "";
