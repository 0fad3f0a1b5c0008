import type { Change, Members, Reference } from "../../core/change.ts";
import { listOf, membersOf, textOf } from "../fields.ts";
import {
  choosing,
  compared,
  flag,
  growing,
  isSame,
  neutral,
  ranked,
  type Settings,
  session,
  whole,
} from "./compare.ts";
import { comparedAddresses, placesOf } from "./destinations.ts";
import { comparedPolicyLists, letsIn, mfa, ordered } from "./policies.ts";
import { type Finding, finding, listed, type Pair, quoted } from "./reasons.ts";
import { provisioningSettings, saasSettings } from "./saas.ts";
import { targetCriteria } from "./target-criteria.ts";
import { alsoKeptOut } from "./use.ts";

const cors: Pair = ["cors_opened", "tightened"];
const cookie: Pair = ["weaker_cookie", "tightened"];
const oauth: Pair = ["oauth_opened", "tightened"];

const corsSettings: Settings = {
  allow_credentials: flag(cors, true, false),
  max_age: neutral,
  ...Object.fromEntries(
    ["origins", "methods", "headers"].flatMap((kind) => [
      [`allow_all_${kind}`, neutral],
      [`allowed_${kind}`, neutral],
    ]),
  ),
};

/** What other sites may do: a list of them says nothing beside the flag that allows all. */
const corsHeaders: Settings[string] = (field, before, after) => {
  const [old, now] = [membersOf(before), membersOf(after)];
  const lists = ["origins", "methods", "headers"].flatMap((kind) => {
    const [all, list] = [`allow_all_${kind}`, `allowed_${kind}`];
    const [had, has] = [old[all] === true, now[all] === true];
    if (had !== has) return [finding(has ? cors[0] : cors[1], `${field}.${all} is ${has ? "true" : "off"}`)];
    return has ? [] : growing(cors)(`${field}.${list}`, old[list], now[list]);
  });
  return [...lists, ...compared(corsSettings, old, now, `${field}.`)];
};

/** Cookies that go along with requests of other sites, `none` most; without a word the browser decides. */
const sameSite: Readonly<Record<string, number>> = { strict: 0, lax: 1, "": 2, none: 3 };

/** Fields judged together: addresses, policies, type. */
const elsewhere = neutral;

/** The settings of any kind of application. */
export const applicationSettings: Settings = {
  id: neutral,
  uid: neutral,
  aud: neutral,
  created_at: neutral,
  updated_at: neutral,
  type: elsewhere,
  policies: elsewhere,
  domain: elsewhere,
  self_hosted_domains: elsewhere,
  destinations: elsewhere,
  name: neutral,
  logo_url: neutral,
  tags: neutral,
  custom_pages: neutral,
  custom_deny_url: neutral,
  custom_deny_message: neutral,
  custom_non_identity_deny_url: neutral,
  app_launcher_visible: neutral,
  app_launcher_logo_url: neutral,
  bg_color: neutral,
  header_bg_color: neutral,
  footer_links: neutral,
  landing_page_design: neutral,
  skip_app_launcher_login_page: neutral,
  auto_redirect_to_identity: neutral,
  service_auth_401_redirect: neutral,
  eager_redirect_cookie_setting: neutral,
  read_service_tokens_from_header: neutral,
  allow_iframe: neutral,
  allowed_idps: choosing(["more_identity_providers", "fewer_identity_providers"]),
  session_duration: session("24h"),
  allow_authenticate_via_warp: flag(["warp_login", "tightened"], true),
  mfa_config: mfa,
  cors_headers: corsHeaders,
  options_preflight_bypass: flag(["preflight_bypass", "tightened"], true, false),
  http_only_cookie_attribute: flag(cookie, false, true),
  enable_binding_cookie: flag(cookie, false, false),
  path_cookie_attribute: flag(cookie, false, false),
  same_site_cookie_attribute: ranked(cookie, (value) => sameSite[textOf(value).toLowerCase()]),
  skip_interstitial: flag(["interstitial_skipped", "tightened"], true, false),
  use_clientless_isolation_app_launcher_url: flag(["another_way_in", "tightened"], true, false),
  oauth_configuration: whole(oauth, (value) => !isSame(value, {}) && value["enabled"] !== false, {
    enabled: neutral,
    dynamic_client_registration: {
      enabled: flag(oauth, true, true),
      allowed_uris: growing(oauth),
      allow_any_on_localhost: flag(oauth, true, true),
      allow_any_on_loopback: flag(oauth, true, true),
    },
    grant: { access_token_lifetime: session(), session_duration: session() },
  }),
  saas_app: saasSettings,
  scim_config: provisioningSettings,
  target_criteria: targetCriteria,
};

/** A bookmark is only a link: nothing of it lets anybody in. */
const isLink = (application: Members) => application["type"] === "bookmark";

/** Its policies as shown or as links; those that are not sent stay as they are. */
const hasWayIn = (application: Members) =>
  application["policies"] === undefined || letsIn(listOf(application["policies"]));

export function applicationCreated({ input, after = input }: Change): readonly Finding[] {
  if (isLink(after)) return [];
  const { policies = [] } = after;
  return [...comparedPolicyLists([], policies), ...comparedAddresses({}, after, letsIn(listOf(policies)))];
}

export function applicationEdit({ input, before = {}, after = {} }: Change): readonly Finding[] {
  if (!isSame(before["type"], after["type"])) {
    return [finding("unclear", `type goes from ${quoted(before["type"])} to ${quoted(after["type"])}`)];
  }
  if (isLink(before)) return [];
  // What is sent says the order; shown beside what is there, links would keep the precedence they had.
  const sent = input["policies"] ?? after["policies"] ?? undefined;
  const known = [after, before].flatMap((application) => listOf(application["policies"]));
  const policies = sent === undefined ? undefined : ordered(sent, known);
  return [
    ...compared(applicationSettings, before, after),
    ...comparedAddresses(before, after, hasWayIn({ policies: policies ?? before["policies"] })),
    ...(policies === undefined ? [] : comparedPolicyLists(before["policies"], policies)),
  ];
}

/** Kinds that protect nothing by themselves: without them nobody enters. */
const entrances = new Set(["saas", "app_launcher", "warp", "biso"]);

export function applicationDeleted({ before = {} }: Change, references: readonly Reference[]): readonly Finding[] {
  if (isLink(before)) return [];
  const type = textOf(before["type"]);
  if (entrances.has(type)) return alsoKeptOut([finding("application_removed", `type is ${quoted(type)}`)], references);
  const places = placesOf(before).map(quoted);
  return [
    finding("unprotected", places.length > 0 ? listed(places) : `whatever this ${quoted(type)} application covers`),
  ];
}
