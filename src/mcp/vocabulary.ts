import type { Effect } from "../core/operation.ts";

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

/** Words that do not tell one operation from another. */
export const idleWords = set(
  "a about after again all already also am an and any are as at be been before both but by can cloudflare could did do does each every existing for from had has have having he her him his how i if in into is it its just like may me much must my need now of off on only or our out own over per please she should since so some such than that the their them then there these they this those to too until up us very via want was way we were what when where whether which while will with without work would you your zero",
);

/** Turns of phrase that mean something else than their words, in the words of the tools. */
export const phrases: readonly (readonly [RegExp, string])[] = [
  [/\b(?:log|sign)(?:s|ged|ging|ed|ing)?[ -](?:in|on)(s?)\b/g, "login$1"],
  [/\b(?:kick|log|sign|throw|lock|boot)(?:s|ged|ging|ed|ing)?\b(.*?)[ -](?:out|off)\b/g, "revoke sessions $1"],
  [/\b(?:get rid of|throw away|take down|take out|clean up|tear down)\b/g, "delete"],
  [/\b(?:turn|switch)(?:s|ed|ing)? (?:on|off)\b/g, "change"],
  [/\bset(?:ting)? up\b/g, "create"],
  [/\b(?:let|get|allow)s?\b(.*?)\bin(?:to)?\b/g, "allow $1"],
  [/\bnew (?:client )?(secret|key|certificate)/g, "rotate $1"],
  [/\b(?:at once|in bulk|a batch of|batch)\b/g, "many"],
  [/\b(?:dry run|what if|try out)\b/g, "simulate"],
  [/\bclient auth\w*/g, "mtls"],
  [/\bmutual tls\b/g, "mtls"],
];

/** What Access calls a thing or does with it, and what people say for it. */
export const synonyms: Readonly<Record<string, string>> = {
  application: "app site website web saas dashboard service rdp",
  policy: "allow allowed permit grant deny block forbid restrict let",
  "policy test": "would simulate simulation preview impact affect lose",
  group: "team department",
  "service token": "credential credentials machine-to-machine bot script ci pipeline automation",
  refresh: "renew extend prolong",
  rotate: "renew roll regenerate leak compromise reissue",
  mtls: "client ca device authentication",
  target: "machine server host vm computer node box",
  targets: "machines servers hosts vms computers",
  user: "person people employee colleague somebody someone member staff",
  seat: "license licence",
  session: "login alive active right",
  revoke: "terminate end stolen expel fresh",
  "access request authentication log": "yesterday today week month history audit attempt visit denied blocked recent",
  "scim updates": "provision sync",
  "scim users groups": "directory synced pushed",
  "identity provider": "idp sso okta azure entra google github onelogin saml oidc login provider method",
  organization: "everyone everybody global team domain mfa factor logo",
  "federation grant": "share account",
  "posture rule": "device check disk encryption firewall os",
  "posture integration": "crowdstrike intune sentinelone kolide tanium vendor",
  "gateway list": "blocklist allowlist list lists",
  "custom page": "html refused denied block design",
  tag: "label",
  pem: "download",
};

/** What a request wants done, by the words it uses. */
export const intents: Readonly<Record<Effect, string>> = {
  read: "list show see find look which what who where when how why is are get view display inspect details whose download does would",
  create: "add new create make register upload issue onboard connect protect put publish give import generate write design",
  update: "change edit modify update rename set replace move enable disable fix adjust extend renew refresh prolong rotate add require hide remove",
  delete: "delete remove drop destroy erase decommission disconnect discard unpublish stop free",
  revoke: "revoke end terminate expel stolen",
  rotate: "rotate roll renew regenerate reissue leak replace",
  action: "test simulate sync reload refresh try",
};
