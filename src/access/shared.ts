import { z } from "zod";

/**
 * An id that becomes one path segment: letters, digits, `.`, `_`, `~`, `-`; never `.` or `..`.
 * Cloudflare uses UUIDs, 32 hex digits and slugs side by side.
 */
export const Id = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[\w.~-]{1,128}$/,
    "an id of 1 to 128 letters, digits, '-', '_', '.' or '~'; take it from the list tool",
  );

/** A name that becomes one path segment, percent-encoded; any text but empty, `.` and `..`, without control characters. */
export const PathName = z
  .string()
  .min(1)
  .max(255)
  .refine((name) => name !== "." && name !== ".." && !/\p{Cc}/u.test(name) && name.isWellFormed(), {
    error: "a name without control characters, not '.' or '..'",
  });

/** A point in time, RFC 3339 with a zone: `2026-01-31T12:00:00Z`. */
export const Time = z.iso.datetime({ offset: true, error: "a time like 2026-01-31T12:00:00Z" });

/** A Go-style duration: `30m`, `24h`, `2h45m`; units ns, us, ms, s, m, h. */
export const Duration = z
  .string()
  .regex(/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/, "a duration like 30m, 24h or 2h45m");

/** A multi-factor session: `0m` to `720h`, minutes or hours only. */
export const MfaDuration = z.string().regex(/^\d+[mh]$/, "minutes or hours, like 30m or 24h (0m to 720h)");

/** What most deletes answer. */
export const Deleted = z.looseObject({ id: z.string().optional() });
