// Times, names and numbers as people read them. Times of the API are seconds since 1970.

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function now(): number {
  return Math.floor(Date.now() / 1000);
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const dayAndMonth = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const date = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
});
const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** How many midnights lie between now and then, in local time. */
function calendarDaysUntil(seconds: number): number {
  const midnight = (time: number) => startOfDay(dayOf(time));
  // Rounded, since the days on which clocks are changed are shorter or longer.
  return Math.round((midnight(seconds) - midnight(now())) / DAY);
}

/** "3 minutes ago", "in 6 days"; a date where that says more. */
export function formatRelative(seconds: number): string {
  const difference = seconds - now();
  if (Math.abs(difference) < MINUTE) {
    return difference > 0 ? 'in a moment' : 'just now';
  }
  const minutes = Math.round(difference / MINUTE);
  if (Math.abs(minutes) < 60) {
    return relative.format(minutes, 'minute');
  }
  const hours = Math.round(difference / HOUR);
  if (Math.abs(hours) < 24) {
    return relative.format(hours, 'hour');
  }
  const days = calendarDaysUntil(seconds);
  return Math.abs(days) < 30 ? relative.format(days, 'day') : formatDate(seconds);
}

export function formatDate(seconds: number): string {
  const then = new Date(seconds * 1000);
  const isThisYear = then.getFullYear() === new Date().getFullYear();
  return (isThisYear ? dayAndMonth : date).format(then);
}

export function formatFullDate(seconds: number): string {
  return date.format(new Date(seconds * 1000));
}

export function formatExact(seconds: number): string {
  return exact.format(new Date(seconds * 1000));
}

export function formatClock(seconds: number): string {
  return clock.format(new Date(seconds * 1000));
}

export function formatISO(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000', '');
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** "45 seconds", "2 minutes": how long to wait, rounded up. */
export function formatWait(seconds: number): string {
  return seconds < 90 ? plural(seconds, 'second') : plural(Math.ceil(seconds / MINUTE), 'minute');
}

/** The last second of a day of the form 2026-11-22, in local time. */
export function endOfDay(day: string): number {
  return Math.floor(new Date(`${day}T23:59:59`).getTime() / 1000);
}

export function startOfDay(day: string): number {
  return Math.floor(new Date(`${day}T00:00:00`).getTime() / 1000);
}

/** The local day of a time, as date inputs have it. */
export function dayOf(seconds: number): string {
  const then = new Date(seconds * 1000);
  const twoDigits = (number: number) => String(number).padStart(2, '0');
  return `${then.getFullYear()}-${twoDigits(then.getMonth() + 1)}-${twoDigits(then.getDate())}`;
}

export function initialsOf(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  const first = Array.from(words[0] ?? '?')[0] ?? '?';
  const second = words.length > 1 ? Array.from(words[1] as string)[0] : '';
  return (first + (second ?? '')).toUpperCase();
}

const BROWSERS: [string, RegExp][] = [
  ['Edge', /Edg\//],
  ['Opera', /OPR\//],
  ['Firefox', /Firefox\//],
  ['Chromium', /HeadlessChrome\/|Chromium\//],
  ['Chrome', /Chrome\//],
  ['Safari', /Safari\//],
  ['curl', /^curl\//],
  ['Python', /python/i],
];

const SYSTEMS: [string, RegExp][] = [
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Android', /Android/],
  ['macOS', /Mac OS X|Macintosh/],
  ['Windows', /Windows/],
  ['Linux', /Linux/],
];

/** "Firefox on Linux". */
export function describeUserAgent(userAgent: string | null): string {
  if (!userAgent) {
    return 'Unknown program';
  }
  const find = (table: [string, RegExp][]) =>
    table.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const browser = find(BROWSERS) ?? userAgent.slice(0, 40);
  const system = find(SYSTEMS);
  return system ? `${browser} on ${system}` : browser;
}
