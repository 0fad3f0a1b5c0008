import { textOf } from "../../../simulator/fields.ts";
import { type Check, family } from "../../check.ts";
import { subject } from "../../estate.ts";
import { day } from "../shared/history.ts";
import { acceptedUnnamed, endingInUse, forMany } from "./reach.ts";
import { atMostLow, call, change, date, isUsable, source, timeOf, token } from "./tokens.ts";

const lasting: Check = {
  id: "TOK-01",
  title: "Service token that lasts for more than a year",
  severity: "high",
  why: "A secret that leaks unnoticed stays good for as long as the token lives.",
  reads: ["service_tokens"],
  *find(estate) {
    for (const item of estate.items("service_tokens")) {
      const { duration, expires_at } = item;
      const isForever = duration === "forever";
      const left = (timeOf(item, "expires_at") - estate.now) / day;
      if (!isForever && !(left > 366)) continue;
      yield {
        subject: subject("service_tokens", item),
        says: isForever ? "it never expires" : `it lives for another ${Math.floor(left)} days`,
        ...(isForever ? { field: "duration", value: duration } : { field: "expires_at", value: expires_at }),
        ...atMostLow(estate, item),
        fix: change(item, { duration: "8760h" }),
      };
    }
  },
  remedy: "Give it a lifetime of a year at most, and renew it before it ends.",
  falsePositive: "A machine that nobody can reach to give it another secret.",
  source,
  flagged: [
    { says: "it never ends", account: { service_tokens: [token({ duration: "forever", expires_at: undefined })] } },
    {
      says: "turned off, and more than a year is left",
      account: {
        service_tokens: [token({ duration: "17520h", expires_at: "2028-01-01T00:00:00Z", enabled: false })],
      },
    },
  ],
  clean: [{ says: "a year", account: { service_tokens: [token({ expires_at: "2027-11-01T00:00:00Z" })] } }],
};

const unused: Check = {
  id: "TOK-03",
  title: "Service token that nobody uses",
  severity: "medium",
  why: "A secret that lies about opens the door without anybody missing it.",
  reads: ["service_tokens"],
  *find(estate) {
    for (const item of estate.items("service_tokens")) {
      const { last_seen_at, created_at } = item;
      const isSeen = textOf(last_seen_at) !== "";
      const since = isSeen ? timeOf(item, "last_seen_at") : timeOf(item, "created_at");
      if (!(since < estate.now - (isSeen ? 90 : 30) * day)) continue;
      yield {
        subject: subject("service_tokens", item),
        says: isSeen
          ? `it was last seen on ${date(textOf(last_seen_at))}`
          : `made on ${date(textOf(created_at))}, it is not known ever to have been used`,
        ...(isSeen ? { field: "last_seen_at", value: last_seen_at } : { field: "created_at", value: created_at }),
        ...atMostLow(estate, item),
        // Not every answer tells when a token was last seen.
        certain: isSeen,
        fix: isUsable(estate, item) ? change(item, { enabled: false }) : call("delete_service_token", item),
      };
    }
  },
  remedy: "Turn it off, and delete it when nobody complained for a month.",
  falsePositive: "It is used once a year; or the API did not tell when it was last seen.",
  source: "the API's own field last_seen_at, and Cloudflare's rule for inactive tokens",
  flagged: [
    {
      says: "four months ago",
      account: { service_tokens: [token({ last_seen_at: "2026-07-01T00:00:00Z" })] },
    },
    { says: "never", account: { service_tokens: [token({ last_seen_at: null })] } },
    {
      says: "never, and it has ended",
      account: { service_tokens: [token({ last_seen_at: undefined, expires_at: "2026-10-01T00:00:00Z" })] },
    },
  ],
  clean: [
    { says: "seen yesterday", account: { service_tokens: [token()] } },
    {
      says: "made a week ago",
      account: { service_tokens: [token({ last_seen_at: null, created_at: "2026-10-25T00:00:00Z" })] },
    },
  ],
};

const twoSecrets: Check = {
  id: "TOK-05",
  title: "Replaced secret that stays good for long",
  severity: "medium",
  why: "Whoever has the old secret of a rotated token still gets in.",
  reads: ["service_tokens"],
  *find(estate) {
    for (const item of estate.items("service_tokens")) {
      const until = item["previous_client_secret_expires_at"];
      const left = (timeOf(item, "previous_client_secret_expires_at") - estate.now) / day;
      if (item["enabled"] === false || !(left > 7)) continue;
      yield {
        subject: subject("service_tokens", item),
        says: `the secret before this one works for another ${Math.floor(left)} days`,
        field: "previous_client_secret_expires_at",
        value: until,
        fix: change(item, { previous_client_secret_expires_at: new Date(estate.now).toISOString() }),
      };
    }
  },
  remedy: "End it as soon as the machines have the new secret.",
  falsePositive: "A rotation under way; up to 30 days are common.",
  source,
  flagged: [
    {
      says: "two weeks",
      account: { service_tokens: [token({ previous_client_secret_expires_at: "2026-11-15T00:00:00Z" })] },
    },
  ],
  clean: [
    {
      says: "a week, or it is off",
      account: {
        service_tokens: [
          token({ previous_client_secret_expires_at: "2026-11-08T00:00:00Z" }),
          token({ id: "off", enabled: false, previous_client_secret_expires_at: "2026-12-01T00:00:00Z" }),
        ],
      },
    },
  ],
};

/** What may be wrong with service tokens: `TOK-01` to `TOK-06`. */
export default family(lasting, endingInUse, unused, acceptedUnnamed, twoSecrets, forMany);
