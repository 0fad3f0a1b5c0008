import { counted } from "../../simulator/answers.ts";
import { textOf } from "../../simulator/fields.ts";
import { family } from "../check.ts";
import { subject } from "../estate.ts";

/** Days between rotations that are still good. */
const longest = 90;

/** How Access signs the tokens that origins trust: `KEY-01`. */
export default family({
  id: "KEY-01",
  title: "Signing keys are rotated too seldom",
  severity: "medium",
  why: "Whoever gets hold of a key can sign tokens that every origin trusts, until the key is replaced.",
  reads: ["keys"],
  *find(estate) {
    for (const keys of estate.items("keys")) {
      const { key_rotation_interval_days: interval, days_until_next_rotation: left } = keys;
      const last = textOf(keys["last_key_rotation_at"]);
      if (typeof interval === "number" && interval > longest) {
        yield {
          subject: subject("keys", keys),
          says: `keys stay in use for ${interval} days, ${longest} are enough`,
          field: "key_rotation_interval_days",
          value: interval,
          fix: {
            steps: [{ operation: "update_key_configuration", arguments: { key_rotation_interval_days: longest } }],
          },
        };
      }
      if (typeof left === "number" && left < 0) {
        yield {
          subject: subject("keys", keys),
          says: `the rotation is ${counted(-left, "day")} late${last === "" ? "" : `, the last one was on ${last.slice(0, 10)}`}`,
          field: "days_until_next_rotation",
          value: left,
          fix: { steps: [{ operation: "rotate_keys", arguments: {} }] },
        };
      }
    }
  },
  remedy: "Rotate every 90 days or oftener, and rotate now where it is late.",
  falsePositive: "An origin that keeps a copy of the public key needs the new one first.",
  source: "the API's own fields of the key configuration",
  flagged: [
    { says: "a year between rotations", account: { keys: [{ key_rotation_interval_days: 365 }] } },
    {
      says: "a rotation that is late",
      account: {
        keys: [
          {
            key_rotation_interval_days: 42,
            days_until_next_rotation: -3,
            last_key_rotation_at: "2026-09-17T00:00:00Z",
          },
        ],
      },
    },
  ],
  clean: [
    {
      says: "rotated often and in time",
      account: { keys: [{ key_rotation_interval_days: 90, days_until_next_rotation: 0 }] },
    },
    { says: "nothing is said about it", account: { keys: [{}] } },
  ],
});
