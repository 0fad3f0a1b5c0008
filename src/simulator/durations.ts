const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Less than this, in milliseconds, is of no use to anybody: a session or token that ends at once. */
export const leastDuration = 60_000;

/** Milliseconds of a Go-style duration such as `2h45m`; NaN for anything else. */
export function milliseconds(duration: string): number {
  if (duration === "") return Number.NaN;
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== duration) return Number.NaN;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ""] ?? 0), 0);
}
