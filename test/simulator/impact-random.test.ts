import { describe, expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import type { Change, Members } from "../../src/core/change.ts";
import { type Account, accountOf } from "../../src/simulator/account.ts";
import { decisiveRooms, gateIn, pass } from "../../src/simulator/evaluate.ts";
import { hostCovers, pathCovers } from "../../src/simulator/globs.ts";
import { type Impact, impactOf, type Shift } from "../../src/simulator/impact.ts";
import { matchUrl } from "../../src/simulator/matching.ts";
import { addressOf } from "../../src/simulator/places.ts";
import { admits } from "../../src/simulator/standing.ts";
import { changedWorld } from "../../src/simulator/world.ts";
import { create, type Objects, okta, pin, policy, remove, rule, update, worldOf } from "./account.ts";
import { numbers } from "./random-account.ts";

/** Somebody at an address: a visitor who never logs in, or an e-mail address that logs in by a provider. */
interface Visitor {
  readonly email?: string;
  readonly login_method?: string;
}
const emails = ["ada@x.com", "bob@x.com", "eve@y.com"];
const visitors: readonly Visitor[] = [
  {},
  ...emails.flatMap((email) => ["pin", "okta"].map((login_method) => ({ email, login_method }))),
];

const addresses = ["a.x.com", "a.x.com/in", "a.x.com/in/deep", "b.x.com", "c.x.com/in", "*.x.com", "*.x.com/in"];
/** Where it is tried who gets in: on each of those addresses, and on one that nothing is ever said of. */
const urls = ["a.x.com", "a.x.com/in", "a.x.com/in/deep", "b.x.com", "b.x.com/in", "c.x.com", "c.x.com/in", "z.y.com"];

function chance(next: () => number) {
  const below = (end: number) => Math.floor(next() * end);
  const one = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  const rules = [rule.everyone, rule.email("ada@x.com"), rule.domain("x.com"), rule.login("pin"), rule.login("okta")];
  const anyPolicy = (id: string): Members => {
    const decision = one(["allow", "allow", "allow", "deny", "bypass"]);
    const asked = next() < 0.25 ? [one(rules)] : [];
    const include = decision === "bypass" ? [rule.everyone] : [one(rules)];
    const more = decision === "bypass" ? {} : { [one(["require", "exclude"])]: asked };
    return { ...policy(id, decision, include, more), reusable: false };
  };
  const policies = (id: string) =>
    Array.from({ length: below(3) }, (_, at) => ({ ...anyPolicy(`${id}-${at}`), precedence: at + 1 }));
  const places = () =>
    [...new Set([one(addresses), ...(next() < 0.3 ? [one(addresses)] : [])])].map((uri) => ({ type: "public", uri }));
  const logins = () => one([[], [], ["pin"], ["okta"]]);
  const anyApplication = (id: string): Members => ({
    id,
    name: `Application ${id}`,
    type: "self_hosted",
    destinations: places(),
    allowed_idps: logins(),
    policies: policies(id),
  });
  const account = () => ({
    identityProviders: [pin, okta],
    applications: ["A", "B", "C"].slice(0, 1 + below(3)).map(anyApplication),
    organization: [{ name: "Org", auth_domain: "x.cloudflareaccess.com", deny_unmatched_requests: next() < 0.3 }],
  });
  const change = ({ applications: all, organization }: ReturnType<typeof account>): Change => {
    const application = one(all);
    const [settings = {}] = organization as readonly Members[];
    const edited = (patch: Members) => update("update_application", application, patch);
    return one([
      () => remove("delete_application", application),
      () => edited({ destinations: places() }),
      () => edited({ allowed_idps: logins() }),
      () => edited({ destinations: places(), allowed_idps: logins() }),
      () => create("create_application", { ...anyApplication("N"), id: "N" }),
      () => update("update_organization", settings, { deny_unmatched_requests: next() < 0.5 }),
      () => remove("delete_identity_provider", one([pin, okta])),
    ])();
  };
  return { account, change };
}

/** Whether a visitor gets in at a URL, and what is said of who answers there; nothing where nobody can tell. */
function standing({ email, login_method }: Visitor, url: string, account: Account) {
  const { answers, ambiguous, certain, unmatched } = matchUrl(url, account);
  const [answer] = answers;
  if (ambiguous || !certain) return undefined;
  if (answer === undefined) return unmatched === "unknown" ? undefined : unmatched !== "denied";
  const gate = gateIn(answer.application, account);
  if (login_method !== undefined && email !== undefined) return admits(pass({ email, login_method }, gate));
  // Who never logs in gets in by what asks for no login alone.
  const policies = gate.policies.filter(({ decision }) => decision === "bypass");
  return admits(pass({}, { ...gate, policies }));
}

/** Whether a shift is of a visitor, as far as its words tell. */
function isOf({ email = "", login_method }: Visitor, { kind, label, conditions = [] }: Shift): boolean {
  if (kind === "internet") return true;
  if (login_method === undefined) return false;
  const name = login_method === "pin" ? "One-time PIN" : "Okta";
  const said = [label, ...conditions].join("; ");
  const isBy = (text: string) => text.includes('login by "') && !text.startsWith("not ");
  if ([label, ...conditions].some((text) => isBy(text) && !text.includes(`"${name}"`))) return false;
  if (said.includes(`not login by "${name}"`)) return false;
  const isMet = (text: string) => {
    const [, not, address = ""] = /^(not )?e-mail (\S+)$/.exec(text) ?? [];
    return address === "" || email.endsWith(address) === (not === undefined);
  };
  if (!conditions.every(isMet)) return false;
  if (kind === "email") return label.includes(email);
  return kind !== "email_domain" || email.endsWith(label.replace(/^@?/, "@"));
}

/** Where somebody can go, and the address that stands for it; none for what lies somewhere below. */
interface Spot {
  readonly url: string;
  readonly text?: string;
}

/** Every address of what was changed and the rest of its hostname, then places below or beside them. */
function spotsIn(accounts: readonly Account[]): readonly Spot[] {
  const all = accounts.map((account) => account.all(applications) ?? []);
  const uris = all.flatMap((some, at) =>
    some
      .filter((one) => !all[1 - at]?.includes(one))
      .flatMap(({ destinations }) => (destinations as readonly { readonly uri: string }[]).map(({ uri }) => uri)),
  );
  const texts = new Set(uris.flatMap((uri) => [uri, uri.replace(/\/.*/, "")]));
  return [...[...texts].map((text) => ({ text, url: text.replace("*", "zz") })), ...urls.map((url) => ({ url }))];
}

/** The impacts that are about a spot. */
function about({ url, text }: Spot, impacts: readonly Impact[], accounts: readonly Account[]): readonly Impact[] {
  const answers = accounts.map((account) => matchUrl(url, account).answers[0]?.application["id"]);
  const { host, path } = addressOf(url);
  const isOver = (address: string) => {
    const wide = addressOf(address);
    return hostCovers(wide.host, host) && pathCovers(wide.path, path);
  };
  return impacts.filter(({ application, at }) => {
    if (application.noun === "hostname") return answers.every((id) => id === undefined);
    if (at === undefined) return answers.includes(application.id);
    return text === undefined ? at.some(isOver) : at.includes(text);
  });
}

const rounds = 600;

describe("on random accounts and changes", () => {
  it("who gains and who loses at an address is who gets in after and not before, and the other way round", async () => {
    let [moved, steady] = [0, 0];
    for (let seed = 1; seed <= rounds; seed++) {
      const { account, change } = chance(numbers(seed));
      const objects = account();
      const made = change(objects);
      const world = worldOf(objects as Objects);
      const before = await accountOf(world, decisiveRooms);
      const after = await accountOf(changedWorld(world, made), decisiveRooms);
      const impacts = impactOf(before, after);
      const accounts = [before, after];
      for (const spot of spotsIn(accounts)) {
        const here = about(spot, impacts, accounts);
        for (const visitor of visitors) {
          const [had, has] = accounts.map((one) => standing(visitor, spot.url, one));
          if (had === undefined || has === undefined) continue;
          const mine = (shifts: readonly Shift[]) => shifts.filter((shift) => isOf(visitor, shift));
          const [gains, loses] = [mine(here.flatMap((one) => one.gains)), mine(here.flatMap((one) => one.loses))];
          const fail = (why: string) => {
            const who = `${JSON.stringify(visitor)} at ${spot.url}`;
            const what = `${made.entry.name} ${JSON.stringify(made.input)} in ${JSON.stringify(before.all(applications))}`;
            throw new Error(`seed ${seed}: ${who} ${why}: ${JSON.stringify(impacts)} by ${what}`);
          };
          if (had === has) steady++;
          else moved++;
          if (had !== has && (has ? gains : loses).length === 0) fail(has ? "gains unsaid" : "loses unsaid");
          // One that names no login may be by another than this visitor's, and of a block only the start is told.
          const isOfLogin = ({ conditions = [] }: Shift) =>
            conditions.some((text) => text.startsWith("login by ")) &&
            !conditions.some((text) => text.startsWith("not blocked by "));
          const wrong = [...(has && !had ? [] : gains), ...(had && !has ? [] : loses)].filter(
            (shift) => shift.certain && (visitor.email === undefined || isOfLogin(shift)),
          );
          if (spot.text !== undefined && wrong.length > 0) fail("is said to move and does not");
        }
      }
    }
    expect(moved).toBeGreaterThan(1000);
    expect(steady).toBeGreaterThan(1000);
  });
});
