import type { Reason } from "../../core/change.ts";

/** Why a change may let more in, by code; the code's phrase begins the sentence that people read. */
export const widening = {
  unclear: "what this opens cannot be told",
  everyone: "anyone who can log in may enter",
  any_login: "whoever logs in by this provider may enter",
  any_service_token: "every service token of the account may enter",
  any_certificate: "every valid client certificate may enter",
  include_added: "more may enter",
  dropped_require: "a condition no longer has to hold",
  removed_exclude: "somebody is no longer left out",
  block_lowered: "fewer are kept out",
  bypass: "requests pass without login and without log",
  non_identity: "requests pass without login",
  policy_added: "another policy lets in",
  approval_off: "sessions need no approval",
  easier_approval: "approval is easier to get",
  justification_off: "nobody has to give a reason",
  isolation_off: "the isolated browser is not needed",
  longer_session: "a login lasts longer",
  mfa_off: "no second factor is asked for",
  weaker_mfa: "the second factor is weaker",
  ssh_logins_added: "more UNIX users can be logged in as",
  clipboard_opened: "more can be copied into or out of sessions",
  unprotected: "an address is no longer protected",
  address_added: "whoever this application lets in reaches another address",
  public_path: "a path is open to everybody",
  more_identity_providers: "more identity providers can be used",
  warp_login: "the device client's login is enough",
  cors_opened: "more web sites can call it from a browser",
  preflight_bypass: "CORS preflights pass unchecked",
  weaker_cookie: "the session cookie is easier to steal",
  interstitial_skipped: "cloudflared logs in without a click",
  another_way_in: "there is another way to open it",
  oauth_opened: "more OAuth clients get tokens",
  redirect_added: "logins are sent to another address",
  weaker_flow: "a weaker OAuth flow is allowed",
  identity_mapping_changed: "the application may take people for others",
  provisioning_changed: "other people may get accounts, or keep them",
  targets_added: "more machines can be reached",
  new_identity_provider: "people can log in with another identity provider",
  identity_source_changed: "another source may say who people are",
  weaker_login: "the login is checked less",
  deprovisioning_off: "people who leave keep their sessions",
  identity_provider_shared: "other accounts can use an identity provider",
  token_usable: "a service token works that did not",
  longer_token: "a service token works longer",
  two_secrets: "two secrets of a service token work at once",
  weaker_token_check: "service tokens are checked less",
  new_certificate_authority: "client certificates of another authority are accepted",
  certificate_hosts_added: "client certificates are accepted on another hostname",
  certificate_forwarded: "an origin is given client certificates it may trust",
  target_moved: "an application may reach another machine",
  server_added: "a portal offers another MCP server",
  tools_enabled: "agents get more tools",
  shared_login: "people share one upstream login",
  gateway_off: "traffic is no longer inspected by Gateway",
} as const;

/** Why a change may let fewer in, by code. */
export const narrowing = {
  include_removed: "fewer may enter",
  added_require: "a further condition has to hold",
  added_exclude: "somebody is left out",
  block_raised: "more are kept out",
  login_required: "requests need a login",
  policy_removed: "a policy that lets in is gone",
  last_policy_removed: "no policy lets anybody in",
  shorter_session: "a login lasts shorter",
  mfa_on: "a second factor is asked for",
  tightened: "a setting is stricter",
  protected: "an address is protected",
  application_removed: "nobody can enter by this application",
  targets_removed: "fewer machines can be reached",
  fewer_identity_providers: "fewer identity providers can be used",
  identity_provider_removed: "nobody can log in with an identity provider",
  token_unusable: "a service token works no longer",
  certificate_authority_removed: "certificates of an authority are no longer accepted or made",
  sessions_ended: "people have to log in again",
  tools_disabled: "agents get fewer tools",
} as const;

type WideningCode = keyof typeof widening;
type NarrowingCode = keyof typeof narrowing;

/** The stable words that say why a change widens or narrows. */
export type ReasonCode = WideningCode | NarrowingCode;

/** A code for either way in which a setting can go. */
export type Pair = readonly [wider: WideningCode, narrower: NarrowingCode];

/** A reason before it becomes a sentence: its detail names field and value. */
export interface Finding {
  readonly code: ReasonCode;
  readonly detail: string;
}

export const finding = (code: ReasonCode, detail: string): Finding => ({ code, detail });

const isWidening = (code: ReasonCode): code is WideningCode => code in widening;
export const widens = ({ code }: Finding): boolean => isWidening(code);

/** The same findings told of something: `policy "Staff": include gains …`. */
export const of = (name: string, findings: readonly Finding[]): readonly Finding[] =>
  findings.map(({ code, detail }) => ({ code, detail: `${name}: ${detail}` }));

/** What it means where matching keeps people out: more who match is fewer who enter. */
export const inverted = (findings: readonly Finding[]): readonly Finding[] =>
  findings.map((one) =>
    one.code === "unclear" ? one : finding(widens(one) ? "block_raised" : "block_lowered", one.detail),
  );

/** The sentence of a finding. */
export function reasonOf({ code, detail }: Finding): Reason {
  return isWidening(code)
    ? { direction: "widen", code, text: `${widening[code]}: ${detail}` }
    : { direction: "narrow", code, text: `${narrowing[code]}: ${detail}` };
}

const longest = 60;

/** A value of the account as it stands in a sentence: JSON, at most 60 characters. */
export function quoted(value: unknown): string {
  const characters = [...(JSON.stringify(value) ?? "nothing")];
  return characters.length <= longest ? characters.join("") : `${characters.slice(0, longest - 1).join("")}…`;
}

const most = 3;

/** The first three of what is told, and how many more there are, of each kind where `kinds` says of which each is. */
export function listed(texts: readonly string[], kinds: readonly string[] = []): string {
  const left = new Map<string, number>();
  for (const place of texts.keys()) {
    const kind = kinds[place] === undefined ? "" : ` ${kinds[place]}`;
    if (place >= most) left.set(kind, (left.get(kind) ?? 0) + 1);
  }
  const more = [...left].map(([kind, count]) => `${count} more${kind}`).join(", ");
  return `${texts.slice(0, most).join(", ")}${more && ` and ${more}`}`;
}
