import { BlockList, isIPv4 } from "node:net";
import { invalid, type Reply } from "../envelope.ts";
import { type Row, rowOf, rowsOf, textOf } from "../store.ts";
import { type Filter, inAccount, type Question, type Quirks, timestamp } from "../world.ts";

const targets = "infrastructure/targets";
const empty: Reply = { result: null, shape: "empty" };

const addresses = (row: Row) => ["ipv4", "ipv6"].map((family) => rowOf(rowOf(row["ip"])[family]));
const ips = (row: Row) => addresses(row).flatMap(({ ip_addr }) => (typeof ip_addr === "string" ? [ip_addr] : []));

/** Addresses have many spellings; this compares what they mean. */
function within(address: string, start: string, end: string): boolean {
  const family = isIPv4(start) ? "ipv4" : "ipv6";
  const range = new BlockList();
  try {
    range.addRange(start, end, family);
  } catch {
    throw invalid(`${start} to ${end} is no range of addresses`);
  }
  return (isIPv4(address) ? "ipv4" : "ipv6") === family && range.check(address, family);
}

const hasAddress: Filter = (row, wanted: string) => ips(row).some((ip) => ip === wanted || within(ip, wanted, wanted));

/** A range needs both ends; the first one does the work, so that it is done once. */
const range =
  (family: "ipv4" | "ipv6"): Filter =>
  (row, start: string, { query }) => {
    const end = query[`${family}_end`];
    if (end === undefined) throw invalid(`${family}_start: needs ${family}_end`);
    return ips(row).some((ip) => within(ip, start, textOf(end)));
  };
const endOf =
  (family: "ipv4" | "ipv6"): Filter =>
  (_, __, { query }) => {
    if (query[`${family}_start`] === undefined) throw invalid(`${family}_end: needs ${family}_start`);
    return true;
  };

const like: Filter = (row, pattern: string) => {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[^\w:]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`, "i");
  return ips(row).some((ip) => expression.test(ip));
};

const time =
  (field: string, sign: 1 | -1): Filter =>
  (row, wanted: string) =>
    sign * (Date.parse(textOf(row[field])) - Date.parse(wanted)) >= 0;

const same = (left: unknown, right: string) => textOf(left).toLowerCase() === right.toLowerCase();

const filters: Record<string, Filter> = {
  hostname: (row, name: string) => same(row["hostname"], name),
  hostname_contains: (row, part: string) => textOf(row["hostname"]).toLowerCase().includes(part.toLowerCase()),
  ip_like: like,
  ip_v4: hasAddress,
  ip_v6: hasAddress,
  ips: (row, wanted: readonly string[], question) => wanted.some((ip) => hasAddress(row, ip as never, question)),
  ipv4_start: range("ipv4"),
  ipv4_end: endOf("ipv4"),
  ipv6_start: range("ipv6"),
  ipv6_end: endOf("ipv6"),
  created_after: time("created_at", 1),
  created_before: time("created_at", -1),
  modified_after: time("modified_at", 1),
  modified_before: time("modified_at", -1),
  tag: (row, pairs: readonly string[]) =>
    pairs.every((pair) => {
      const [key = "", ...value] = pair.split(":");
      return rowOf(row["tags"])[key] === value.join(":");
    }),
  target_ids: (row, ids: readonly string[]) => ids.includes(textOf(row["id"])),
  virtual_network_id: (row, id: string) => addresses(row).some((address) => address["virtual_network_id"] === id),
  order: () => true,
  direction: () => true,
};

/** A target as it is stored: addresses without a network belong to the default one. */
function complete({ id, hostname, ip, tags, created_at, updated_at, modified_at }: Row, { world }: Question): Row {
  const network = `${world.accountId.slice(0, 8)}-0000-4000-8000-${world.accountId.slice(8, 20)}`;
  const given = Object.entries(rowOf(ip)).filter(([, address]) => rowOf(address)["ip_addr"] !== undefined);
  if (given.length === 0) throw invalid("ip: an IPv4 address, an IPv6 address or both");
  const reachable = given.map(([family, address]) => [family, { virtual_network_id: network, ...rowOf(address) }]);
  return {
    id,
    hostname,
    ip: Object.fromEntries(reachable),
    tags: tags ?? {},
    created_at,
    modified_at: updated_at ?? modified_at,
  };
}

function removeAll(ids: unknown, { world }: Question): Reply {
  const place = inAccount(world, targets);
  for (const id of Array.isArray(ids) ? ids : []) world.store.remove(place, textOf(id));
  return empty;
}

export const targetQuirks: Quirks = {
  resources: {
    [targets]: {
      filters,
      sort: (rows, { query }) => {
        const field = textOf(query["order"]) || "created_at";
        const ascending = rows.toSorted((a, b) => textOf(a[field]).localeCompare(textOf(b[field])));
        return query["direction"] === "desc" ? ascending.reverse() : ascending;
      },
      write: (draft, question) => complete(draft, question),
    },
  },
  operations: {
    create_targets: (question) => {
      const { world, body } = question;
      const time = timestamp(world);
      const made = rowsOf(body["targets"]).map((target) =>
        complete({ ...target, id: world.random.uuid(), created_at: time, updated_at: time }, question),
      );
      return { result: made.map((row) => world.store.keep(inAccount(world, targets), textOf(row["id"]), row)) };
    },
    delete_target: (question) => {
      const { world, collection, id } = question;
      if (world.store.find(collection, id) === undefined) throw invalid("target not found");
      return removeAll([id], question);
    },
    delete_targets: (question) => removeAll(question.body["target_ids"], question),
    // The official SDK cannot say which targets; told none, this removes none.
    delete_targets_deprecated: (question) => removeAll(rowOf(question.sent)["target_ids"], question),
  },
};
