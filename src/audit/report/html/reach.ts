import type { PrincipalKind, Principals, Reach } from "../../../simulator/reach.ts";
import { principalKinds } from "../../../simulator/reach.ts";
import { type Report, titleOf } from "../report.ts";
import { element, type Markup } from "../xml.ts";
import { badge, table } from "./findings.ts";

/** What each kind of those who get in is called, and the tone of its cells. */
const kinds: Readonly<Record<PrincipalKind, readonly [title: string, tone: string]>> = {
  internet: ["The internet", "critical"],
  any_login: ["Any login", "high"],
  login_method: ["Login method", "medium"],
  email_domain: ["E-mail domain", "low"],
  identity_group: ["Identity group", "low"],
  email_list: ["E-mail list", "low"],
  email: ["E-mail address", "low"],
  any_service_token: ["Any service token", "medium"],
  service_token: ["Service token", "low"],
  certificate: ["Certificate", "low"],
  linked_application: ["Linked application", "low"],
  network: ["Network", "low"],
  country: ["Country", "medium"],
  device: ["Device", "low"],
  other: ["Other", "info"],
};

const outcomes: Readonly<Record<Principals["outcome"], string>> = {
  allowed: "after login",
  bypassed: "without login, unlogged",
  service_auth: "without login, by credential",
};

const caption =
  "How many ways each kind has into each application. “if” means that more has to hold; “bypass” that nobody logs in and nothing is logged.";

/** Columns whose heads fit beside each other when they are not set upright. */
const mostLying = 8;

/** The matrix of applications and kinds of principals, then every way in. */
export function reachSection({ reach }: Report): readonly Markup[] {
  const present = principalKinds.filter((kind) =>
    reach.some(({ principals }) => principals.some((one) => one.kind === kind)),
  );
  const sorted = reach.toSorted(widestFirst);
  const rows = sorted.map(({ application, principals, unknown }) => [
    element("th", { scope: "row" }, [
      titleOf(application),
      element("div", { class: "muted small" }, [[application.type, ...application.addresses.slice(0, 1)].join(" · ")]),
    ]),
    ...present.map((kind) =>
      cell(
        kind,
        principals.filter((one) => one.kind === kind),
      ),
    ),
    unknown.length === 0 ? none() : element("td", {}, [badge("unknown", `${unknown.length}`)]),
  ]);
  const heads = ["Application", ...present.map((kind) => kinds[kind][0]), "Not known"];
  return [
    table({ class: present.length > mostLying ? "matrix wide" : "matrix" }, caption, heads, rows),
    element("details", { class: "list" }, [
      element("summary", {}, ["Every way in, application by application"]),
      ...sorted.flatMap(ways),
    ]),
  ];
}

const widest = ({ principals }: Reach): number =>
  Math.min(principalKinds.length, ...principals.map(({ kind }) => principalKinds.indexOf(kind)));

const widestFirst = (one: Reach, other: Reach): number => widest(one) - widest(other);

const none = () => element("td");

function cell(kind: PrincipalKind, principals: readonly Principals[]): Markup {
  if (principals.length === 0) return none();
  const isBypass = principals.some(({ outcome }) => outcome === "bypassed");
  const isConditional = principals.every(({ conditions }) => conditions.length > 0);
  const words = [`${principals.length}`, ...(isBypass ? ["bypass"] : []), ...(isConditional ? ["if"] : [])];
  return element("td", {}, [badge(isBypass && !isConditional ? "critical" : kinds[kind][1], words.join(" "))]);
}

function ways({ application, principals, unknown }: Reach): readonly Markup[] {
  const nobody = principals.length === 0 && unknown.length === 0 ? [element("li", {}, ["Nobody gets in."])] : [];
  return [
    element("h3", {}, [titleOf(application)]),
    element("ul", { class: "ways small" }, [
      ...principals.map((one) => element("li", {}, wayText(one))),
      ...unknown.map((why) => element("li", {}, [badge("unknown", "not known"), ` ${why}`])),
      ...nobody,
    ]),
  ];
}

function wayText({ label, outcome, policy, through, conditions }: Principals): readonly (Markup | string)[] {
  const path = [`policy ${titleOf(policy)}`, ...through.map((one) => `${one.noun} ${titleOf(one)}`)].join(", ");
  const needs = conditions.length === 0 ? "" : `, if ${conditions.join(" and ")}`;
  return [
    element("strong", {}, [label]),
    ` ${outcomes[outcome]}${needs} `,
    element("span", { class: "muted" }, [`(${path})`]),
  ];
}
