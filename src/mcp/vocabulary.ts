import type { Effect } from "../core/operation.ts";

/** Patterns, each with what to put in its place. */
export type Replacements = readonly (readonly [RegExp, string])[];

/** One spelling for what is written in several ways, in requests and in the texts of the tools. */
export const spellings: Replacements = [
  [/\b(?:log|sign)(?:s|ged|ging|ed|ing)?[ -](?:in|on)(s?)\b/g, "login$1"],
  [/\b(?:mfa|2fa|multi-factor|second factor|two[- ]factor)\b/g, "mfa"],
  [/\b(?:mutual tls|client auth\w*)\b/g, "mtls"],
  [/\be-mail/g, "email"],
  [/\b(?:who|which people) (?:can|could|may|has|have|gets?)\b(?: access)?/g, "whoreaches"],
  [
    /\bwhat (?:can|could|may|would)\b(?=.*\b(?:open|reach|access|see|use)\b)|\beverything\b(?=.*\breach)/g,
    "whatreached",
  ],
];

/** Turns of phrase in requests that mean something else than their words. */
export const phrases: Replacements = [
  [/\b(?:kick|log|sign|throw|boot)(?:s|ged|ging|ed|ing)?\b(.*?)[ -](?:out|off)\b/g, "revoke sessions $1"],
  [/\blogin again\b/g, "revoke sessions"],
  [/\b(?:can|could|would|does) \w+ (?:get|log|come) in(?:to)?\b/g, "explain principal gets into"],
  [/\b(?:why|which policy)\b(?=.*\b(?:denied|decides)\b)/g, "explain principal decide"],
  [/\bwhat (?:uses|breaks)\b|\bwhere\b(?=.*\bused\b)/g, "reference"],
  [/\b(?:see|show|tell)\b(?=.*\bwould\b)/g, "simulate"],
  [/\b(?:get rid of|throw away|take down|clean up|tear down)\b/g, "delete"],
  [/\b(?:turn|switch)(?:s|ed|ing)? (?:on|off)\b/g, "change"],
  [/\bset(?:ting)? up\b/g, "create"],
  [/\bput\b(.*?)\bbehind\b/g, "protect $1"],
  [/\b(?:tr(?:y|ies|ied|ying)|attempt\w*) to \w+(?: in(?:to)?)?\b/g, "attempt"],
  [/\b(?:able to|can|may) (?:open|reach|use|see|enter|access)\b/g, "allow"],
  [/\b(?:are there|do we have|exists?)\b/g, "list"],
  [/\b(?:add|invite|attach|assign)\b.*?\bto (?:a|an|the|our|this)\b/g, "change"],
  [/\b(?:remove|take|drop|detach)\b.*?\b(?:from|out of) (?:a|an|the|our|this)\b/g, "change"],
  [/\bmake\b(?=.*\b(?:shorter|longer|stricter)\b)/g, "change"],
  [/\bshared\b/g, "reusable"],
  [/\b(?:root|internal|own|private) ca\b/g, "mtls root certificate"],
  [/\b(?:on|in) (?:a|the|our|this) (?:\w+ )?list\b/g, "items gateway list"],
  [/\b(?:block|denied|refusal|error) page/g, "custom page"],
  [/\b(?:whole account|account-wide)\b/g, "organization"],
  [/\bteam domain\b/g, "organization domain"],
  [/\b(?:about to expire|expir\w+ soon|expiring)\b/g, "renew"],
  [/\bhow (?:can|do|does|may)\b(?=.*\blogin)/g, "method"],
  [/\b(?:let|get)s?\b(.*?)\bin(?:to)?\b/g, "allow $1"],
  [/\bnew (?:client )?(secret|key)/g, "rotate $1"],
  [/\b(?:at once|in bulk|batch)\b/g, "many"],
  [/\b(?:dry run|what if|try out)\b/g, "simulate"],
];

/** What Access calls a thing or does with it, and what people say for it. */
export const synonyms: Readonly<Record<string, string>> = {
  list: "all which who whom every find overview",
  application: "app site website web saas rdp link protect publish expose",
  policy: "allow permit grant deny block forbid restrict let",
  "policy test": "would simulate simulation tester",
  "preview impact": "would simulate affect lose gain blast radius happen if",
  "explain decide": "decide",
  "match url": "url answer unprotected",
  "audit account": "wrong misconfiguration misconfigured weakness risk insecure internet",
  finding: "problem issue",
  "export snapshot": "backup back save keep file",
  "compare snapshot": "drift diff difference",
  group: "team department",
  "service token": "credential bot script ci pipeline automation",
  undo: "revert restore rollback back",
  journal: "history audit trail done did edit",
  refresh: "renew extend prolong",
  rotate: "renew roll regenerate leak compromise reissue",
  mtls: "client",
  target: "machine server host vm computer node",
  user: "person people employee colleague somebody someone member staff",
  seat: "license licence",
  "failed login": "wrong password",
  item: "content entry",
  many: "several multiple bulk",
  session: "alive active right",
  revoke: "invalidate terminate end stolen expel",
  "request log": "yesterday today week month history audit attempt visit denied event",
  "scim update": "provision sync",
  scim: "directory synced pushed",
  "identity provider": "idp sso okta azure entra google github onelogin saml oidc method pin otp",
  organization: "everyone everybody global mfa",
  "organization login design": "logo color colour brand theme",
  "federation grant": "share",
  "posture rule": "device check disk encryption firewall laptop phone os version",
  "posture integration": "crowdstrike intune sentinelone kolide tanium vendor",
  "gateway list": "blocklist allowlist",
  "custom page": "html refused denied",
  tag: "label",
  pem: "download",
  sync: "outdated stale reload",
};

/** What a request wants done, by the words it uses. */
export const intents: Readonly<Record<Effect, string>> = {
  read: "list show see find look which what who whom where when how why is are get view display inspect detail whose download does setting",
  create:
    "add new create make register upload issue onboard connect configure need protect publish give import generate write design share initialise initialize allow grant permit deny block forbid",
  update:
    "change edit modify update rename customise customize set configure replace move enable disable fix adjust increase reduce skip extend renew refresh prolong require hide allow grant permit deny block forbid forward use",
  delete: "delete remove drop destroy erase decommission disconnect discard unpublish stop free revoke",
  revoke: "revoke end terminate expel stolen force invalidate",
  rotate: "rotate roll renew regenerate reissue leak replace expire",
  action: "would test simulate try sync reload refresh outdated stale",
};

/** Words that do not tell one operation from another. */
export const idleWords =
  "a about access after again all already also am an and any app are as at be been before both but by can cloudflare could did do does each every existing for from had has have having he her him his how i if in into is it its just like may me much must my need no now of off on one only single or our out own over per please she should show since so some such than that the their them then there these they this those to too until up us use used uses very via want was way we were what when where whether which while will with without work would you your";
