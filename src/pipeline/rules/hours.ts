/** Days as rules call them, in the order of the week. */
export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof days)[number];

/** When writes are allowed. A window that ends before it starts goes on past midnight; its day is the one it starts on. */
export interface Hours {
  /** Every day when absent. */
  readonly days?: readonly Day[] | undefined;
  /** `09:00`, included. */
  readonly from: string;
  /** `17:30`, not included; `24:00` is the end of the day. */
  readonly to: string;
  /** IANA name; that of the file when absent. */
  readonly zone?: string | undefined;
  readonly because?: string | undefined;
}

/** Days without any write, both ends included: `2026-12-20`. */
export interface Freeze {
  readonly from: string;
  readonly to: string;
  readonly zone?: string | undefined;
  readonly because?: string | undefined;
}

/** What calendar and clock show somewhere. */
export interface LocalTime {
  readonly date: string;
  readonly day: Day;
  /** `13:05` */
  readonly clock: string;
}

/** What calendar and clock show in a time zone; throws a RangeError for a zone that does not exist. */
export function localTime(now: Date, zone: string): LocalTime {
  const parts = new Intl.DateTimeFormat("en-US-u-ca-iso8601-nu-latn", {
    timeZone: zone,
    hourCycle: "h23",
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(now);
  const part = (wanted: Intl.DateTimeFormatPartTypes) => parts.find(({ type }) => type === wanted)?.value ?? "";
  return {
    date: `${part("year")}-${part("month")}-${part("day")}`,
    day: part("weekday").toLowerCase() as Day,
    clock: `${part("hour")}:${part("minute")}`,
  };
}

/** Whether a window is open; on the clock of its zone, so that a change to summer time moves it with the people. */
export function isOpen({ days: on = days, from, to }: Hours, { day, clock }: LocalTime): boolean {
  const eve = days.at(days.indexOf(day) - 1) ?? "sun";
  if (from < to) return on.includes(day) && clock >= from && clock < to;
  return (on.includes(day) && clock >= from) || (on.includes(eve) && clock < to);
}

export const isFrozen = ({ from, to }: Freeze, { date }: LocalTime): boolean => date >= from && date <= to;

/** A window in words: `mon, tue 09:00-17:30 Europe/Berlin`. */
export const hoursText = ({ days: on, from, to }: Hours, zone: string): string =>
  `${on === undefined ? "every day" : on.join(", ")} ${from}-${to} ${zone}`;
