import { invalid } from "../envelope.ts";
import { type Row, textOf } from "../store.ts";
import { type Question, type Quirks, type Resource, timestamp } from "../world.ts";

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a Go-style duration. */
export function milliseconds(duration: string): number {
  let total = 0;
  for (const [, amount, unit] of duration.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (units[unit ?? ""] ?? 0);
  }
  return total;
}

/** The last moment that a date can name. */
const endOfTime = 8_640_000_000_000_000;

/** When a token of this duration ends, counted from now; never, for `forever`. */
function expiry(duration: unknown, { world }: Question): Row {
  if (duration === "forever") return {};
  const end = world.now().getTime() + milliseconds(textOf(duration));
  return { expires_at: new Date(Math.min(end, endOfTime)).toISOString() };
}

/** A new secret: the version goes up, and the old secret lives on until the time given, if any. */
function rotate(token: Row, until: unknown, question: Question): Row {
  const { previous_client_secret_expires_at: _, ...rest } = token;
  return {
    ...rest,
    client_secret_version: Number(token["client_secret_version"] ?? 1) + 1,
    ...(until !== undefined && { previous_client_secret_expires_at: until }),
    updated_at: timestamp(question.world),
  };
}

const write: Resource["write"] = (draft, question, before) => {
  const { world, body } = question;
  if (before === undefined) {
    const { previous_client_secret_expires_at: _, ...sent } = draft;
    const token = { duration: "8760h", enabled: true, client_secret_version: 1, ...sent };
    return { ...token, client_id: `${world.random.hex(32)}.access`, ...expiry(token.duration, question) };
  }
  const [asked, present] = [Number(body["client_secret_version"] ?? 0), Number(before["client_secret_version"] ?? 1)];
  if (body["client_secret_version"] !== undefined && asked < present) {
    throw invalid("client_secret_version cannot be lower than the current version");
  }
  const { expires_at, ...token } = draft;
  const ends =
    body["duration"] === undefined
      ? { ...(expires_at !== undefined && { expires_at }) }
      : expiry(body["duration"], question);
  const renewed = { ...token, ...ends };
  return asked > present
    ? { ...rotate(renewed, body["previous_client_secret_expires_at"], question), client_secret_version: asked }
    : renewed;
};

const collection = "access/service_tokens";

function change(question: Question, next: (token: Row) => Row): Row {
  const { world, scope, ids } = question;
  const id = ids["service_token_id"] ?? "";
  return world.store.keep(`${scope}/${collection}`, id, next(world.store.find(`${scope}/${collection}`, id) ?? {}));
}

export const serviceTokenQuirks: Quirks = {
  resources: {
    [collection]: {
      deleted: 200,
      write,
      reveal: (_, { world }, before) => (before === undefined ? { client_secret: world.random.hex(64) } : {}),
    },
  },
  operations: {
    refresh_service_token: (question) => ({
      result: change(question, (token) => ({
        ...token,
        ...expiry(token["duration"], question),
        updated_at: timestamp(question.world),
      })),
    }),
    rotate_service_token: (question) => {
      const token = change(question, (before) =>
        rotate(before, question.body["previous_client_secret_expires_at"], question),
      );
      return { result: { ...token, client_secret: question.world.random.hex(64) } };
    },
  },
};
