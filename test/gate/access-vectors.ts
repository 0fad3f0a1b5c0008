import type { KeyObject } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Identity } from "../../src/gate/mode.ts";
import {
  alsoOurs,
  client,
  issuer,
  noon,
  other,
  ours,
  person,
  type Signer,
  service,
  tokenOf,
  type Wish,
} from "./access-team.ts";

/** What the vectors are made with. */
export interface Means {
  readonly team: Signer;
  /** Of somebody else, who serves it at `address`. */
  readonly stranger: Signer;
  readonly curve: Signer;
  readonly public: KeyObject;
  readonly address: string;
}

type Make<Made> = (means: Means) => Made;

const ada = (...groups: string[]): Identity => ({
  name: "ada@example.com",
  marks: ["ada@example.com", "@example.com", ...groups.map((group) => `group:${group}`)],
});
const named = (name: string): Identity => ({ name, marks: [name, name.slice(name.indexOf("@"))] });
const machine: Identity = { name: `token:${client}`, marks: [`token:${client}`] };

const claims =
  (changes: Wish["claims"]): Make<Wish> =>
  () => ({ claims: changes });
const header =
  (changes: Wish["header"]): Make<Wish> =>
  () => ({ header: changes });
const text =
  (from: string, to: string): Make<Wish> =>
  () => ({ rewrite: (json) => swap(json, from, to) });

function swap(json: string, from: string, to: string): string {
  if (!json.includes(from)) throw new Error(`${from} is not in ${json}`);
  return json.replace(from, () => to);
}

/** Tokens that open, and as whom. */
export const good: readonly (readonly [string, Identity, Make<Wish>])[] = [
  ["a person", ada(), () => ({})],
  ["one audience as a string", ada(), claims({ aud: ours })],
  ["the other audience", ada(), claims({ aud: [alsoOurs] })],
  ["both audiences", ada(), claims({ aud: [ours, alsoOurs] })],
  ["an e-mail in capitals", ada(), claims({ email: "Ada@Example.COM" })],
  ["a plus address", named("ada+ci@example.com"), claims({ email: "ada+ci@example.com" })],
  ["an e-mail in another script", named("søren.ålund@exämple.dk"), claims({ email: "Søren.Ålund@exämple.dk" })],
  [
    "a Cyrillic look-alike stays another person",
    named("\u0430da@example.com"),
    claims({ email: "\u0430da@example.com" }),
  ],
  ["groups", ada("Platform", "On call"), claims({ custom: { groups: ["Platform", "On call"] } })],
  ["one group as a string", ada("Platform"), claims({ custom: { groups: "Platform" } })],
  ["groups that are none", ada("Ok"), claims({ custom: { groups: [1, null, {}, "", "a\nb", "\u202ea", "Ok"] } })],
  ["groups outside of the custom claims", ada(), claims({ groups: ["Platform"] })],
  ["custom claims that are no object", ada(), claims({ custom: "groups" })],
  ["another e-mail in the custom claims", ada(), claims({ custom: { email: "root@example.com", upn: "root" } })],
  ["a person with a client certificate", ada(), claims({ common_name: client })],
  ["a service token", machine, claims(service)],
  ["a service token with an empty e-mail", machine, claims({ ...service, email: "" })],
  ["just expired, within tolerance", ada(), claims({ exp: noon - 59 })],
  ["issued a little ahead", ada(), claims({ iat: noon + 59, nbf: noon + 59 })],
  ["no nbf", ada(), claims({ nbf: undefined })],
  ["no typ", ada(), header({ typ: undefined })],
  ["an unknown claim", ada(), claims({ policy: { id: "x" } })],
  ["white space in the JSON", ada(), () => ({ rewrite: (json) => JSON.stringify(JSON.parse(json), null, 2) })],
  ["text that looks like a claim twice", ada(), claims({ country: '","email":"eve@example.com' })],
];

const jwk = ({ open: { kid: _, ...rest } }: Signer) => rest;

/** Tokens that open nothing. */
export const bad: readonly (readonly [string, Make<Wish>])[] = [
  ["alg none", header({ alg: "none" })],
  ["alg none, signed well", () => ({ header: { alg: "none" }, way: "RS256" })],
  ["alg None", () => ({ header: { alg: "None" }, way: "none" })],
  ["alg missing", () => ({ header: { alg: undefined }, way: "RS256" })],
  ["alg in lower case", () => ({ header: { alg: "rs256" }, way: "RS256" })],
  ["alg a list", () => ({ header: { alg: ["RS256"] }, way: "RS256" })],
  ["HS256 with the public key", (means) => ({ header: { alg: "HS256" }, with: means.public })],
  ["HS256 that says RS256", (means) => ({ way: "HS256", with: means.public })],
  ["ES256 of a stranger", (means) => ({ header: { alg: "ES256" }, with: means.curve.secret })],
  ["ES256 by its own kid", (means) => ({ key: means.curve, header: { alg: "ES256" } })],
  ["PS256", header({ alg: "PS256" })],
  ["PS256 that says RS256", () => ({ way: "PS256" })],
  ["RS384", header({ alg: "RS384" })],
  ["RS512", header({ alg: "RS512" })],
  ["RS512 that says RS256", () => ({ way: "RS512" })],
  ["the key of a stranger", (means) => ({ with: means.stranger.secret })],
  ["an unknown kid", (means) => ({ key: means.stranger })],
  ["no kid", header({ kid: undefined })],
  ["an empty kid", header({ kid: "" })],
  ["a kid that is a number", header({ kid: 1 })],
  ["a kid of every object", header({ kid: "__proto__" })],
  ["a kid that is a path", header({ kid: "../../dev/null" })],
  ["jku", (means) => ({ with: means.stranger.secret, header: { jku: means.address } })],
  ["jku and its kid", (means) => ({ key: means.stranger, header: { jku: means.address } })],
  ["jku, signed well", (means) => ({ header: { jku: means.address } })],
  ["x5u", (means) => ({ key: means.stranger, header: { x5u: means.address } })],
  ["x5c", (means) => ({ with: means.stranger.secret, header: { x5c: ["MIIB"] } })],
  ["jwk", (means) => ({ with: means.stranger.secret, header: { jwk: jwk(means.stranger) } })],
  [
    "jwk and no kid",
    (means) => ({ with: means.stranger.secret, header: { kid: undefined, jwk: jwk(means.stranger) } }),
  ],
  ["crit of what nobody knows", header({ crit: ["x"], x: 1 })],
  ["crit of what everybody knows", header({ crit: ["b64"], b64: true })],
  ["crit empty", header({ crit: [] })],
  ["b64 false", header({ crit: ["b64"], b64: false })],
  ["b64 false without crit", header({ b64: false })],
  ["a header twice", () => ({ rewriteHeader: (json) => swap(json, '"typ"', '"alg":"RS256","typ"') })],
  ["a header that is a list", () => ({ rewriteHeader: (json) => `[${json}]` })],
  ["exp missing", claims({ exp: undefined })],
  ["exp past", claims({ exp: noon - 3600 })],
  ["exp past by the tolerance", claims({ exp: noon - 60 })],
  ["exp a string", claims({ exp: String(person.exp) })],
  ["exp null", claims({ exp: null })],
  ["exp without end", text(`"exp":${person.exp}`, '"exp":1e999')],
  ["iat missing", claims({ iat: undefined })],
  ["iat a string", claims({ iat: String(person.iat) })],
  ["iat to come", claims({ iat: noon + 61 })],
  ["iat without end", text(`"iat":${person.iat}`, '"iat":-1e999')],
  ["nbf to come", claims({ nbf: noon + 61 })],
  ["nbf a string", claims({ nbf: String(person.nbf) })],
  ["aud missing", claims({ aud: undefined })],
  ["aud wrong", claims({ aud: other })],
  ["aud a wrong list", claims({ aud: [other] })],
  ["aud a superset", claims({ aud: [ours, other] })],
  ["aud with a number", claims({ aud: [ours, 1] })],
  ["aud an empty list", claims({ aud: [] })],
  ["aud empty", claims({ aud: "" })],
  ["aud in capitals", claims({ aud: [ours.toUpperCase()] })],
  ["aud cut short", claims({ aud: [ours.slice(0, 63)] })],
  ["aud with a space", claims({ aud: [`${ours} `] })],
  ["aud within a list", claims({ aud: [[ours]] })],
  ["aud an object", claims({ aud: { 0: ours, length: 1 } })],
  ["iss missing", claims({ iss: undefined })],
  ["iss of another team", claims({ iss: "https://evil.cloudflareaccess.com" })],
  ["iss in capitals", claims({ iss: issuer.toUpperCase() })],
  ["iss with a slash", claims({ iss: `${issuer}/` })],
  ["iss with a suffix", claims({ iss: `${issuer}.evil.example` })],
  ["iss with a prefix", claims({ iss: "https://evil-acme.cloudflareaccess.com" })],
  ["iss without TLS", claims({ iss: issuer.replace("https", "http") })],
  ["iss a list", claims({ iss: [issuer] })],
  ["iss the host alone", claims({ iss: "acme.cloudflareaccess.com" })],
  ["type org", claims({ type: "org" })],
  ["type missing", claims({ type: undefined })],
  ["type App", claims({ type: "App" })],
  ["e-mail missing", claims({ email: undefined })],
  ["sub missing", claims({ sub: undefined })],
  ["sub empty", claims({ sub: "" })],
  ["sub a number", claims({ sub: 7 })],
  ["e-mail and sub missing", claims({ email: undefined, sub: undefined })],
  [
    "an e-mail in other claims alone",
    claims({ email: undefined, upn: "ada@example.com", custom: { email: person.email } }),
  ],
  ["e-mail a list", claims({ email: [person.email] })],
  ["e-mail null", claims({ email: null })],
  ["e-mail without a domain", claims({ email: "ada" })],
  ["e-mail that is a mark", claims({ email: "@example.com" })],
  ["e-mail with two domains", claims({ email: "ada@evil.example@example.com" })],
  ["e-mail with a name", claims({ email: "Ada <ada@example.com>" })],
  ["e-mails in a row", claims({ email: "eve@evil.example,ada@example.com" })],
  ["e-mail with a line break", claims({ email: "ada@example.com\n" })],
  ["e-mail with a zero", claims({ email: "ada@example.com\u0000" })],
  ["e-mail that turns the line", claims({ email: "\u202eada@example.com" })],
  ["e-mail with a hidden letter", claims({ email: "ada\u200b@example.com" })],
  ["e-mail that becomes another in lower case", claims({ email: "\u212aim@example.com" })],
  ["e-mail in wide letters", claims({ email: "\uff41da@example.com" })],
  ["e-mail not in normal form", claims({ email: "a\u0301da@example.com" })],
  ["e-mail with half a letter", text("ada@", "\\ud800@")],
  ["e-mail that is a service token", claims({ email: `token:${client}@example.com` })],
  ["e-mail too long", claims({ email: `${"a".repeat(65)}@example.com` })],
  ["a service token without a name", claims({ ...service, common_name: undefined })],
  ["a service token with a person's sub", claims({ ...service, sub: person.sub })],
  ["a client certificate", claims({ ...service, common_name: "ci" })],
  ["a client certificate with an e-mail as name", claims({ ...service, common_name: "ada@example.com" })],
  ["common_name a list", claims({ ...service, common_name: [client] })],
  ["common_name with more", claims({ ...service, common_name: `${client},token:ci` })],
  ["e-mail twice", text('"email"', '"email":"eve@evil.example","email"')],
  ["e-mail twice, once in escapes", text('"email"', '"\\u0065mail":"eve@evil.example","email"')],
  ["aud twice", text('"aud"', `"aud":["${other}"],"aud"`)],
  ["exp twice", text('"exp"', '"exp":1,"exp"')],
  ["a group claim twice", () => ({ rewrite: (json) => swap(json, "{", '{"custom":{"groups":"a","groups":"b"},') })],
  ["claims that are a list", () => ({ rewrite: (json) => `[${json}]` })],
  ["claims that are null", () => ({ rewrite: () => "null" })],
  ["claims that are no JSON", () => ({ rewrite: (json) => json.slice(0, -1) })],
  ["claims and more", () => ({ rewrite: (json) => `${json}{}` })],
  ["over 16 KiB, signed well", claims({ custom: { note: "x".repeat(16 * 1024) } })],
];

const part = (token: string, index: number) => token.split(".")[index] ?? "";
const flip = (letter: string) => (letter === "A" ? "B" : "A");

/** What a good token is made into on its way. */
export const spoilt: readonly (readonly [string, (token: string, means: Means) => string])[] = [
  ["nothing", () => ""],
  ["words", () => "let me in"],
  ["two dots", () => ".."],
  ["no signature", (token) => token.slice(0, token.lastIndexOf("."))],
  ["an empty signature", (token) => token.slice(0, token.lastIndexOf(".") + 1)],
  ["a part too many", (token) => `${token}.${part(token, 2)}`],
  ["cut short", (token) => token.slice(0, -20)],
  ["cut in the claims", (token) => token.slice(0, token.indexOf(".") + 40)],
  [
    "a letter of the signature changed",
    (token) => token.replace(/\.(.)([^.]*)$/, (_, one, rest) => `.${flip(one)}${rest}`),
  ],
  [
    "the signature of another",
    (token, { team }) =>
      [part(token, 0), part(token, 1), part(tokenOf(team, { claims: { email: "eve@evil.example" } }), 2)].join("."),
  ],
  [
    "the claims of another",
    (token, { team }) =>
      [part(token, 0), part(tokenOf(team, { claims: { email: "eve@evil.example" } }), 1), part(token, 2)].join("."),
  ],
  ["a space before", (token) => ` ${token}`],
  ["a space after", (token) => `${token} `],
  ["a space within", (token) => token.replace(".", ". ")],
  ["a line break within", (token) => `${token.slice(0, -4)}\n${token.slice(-4)}`],
  ["padding", (token) => `${token}==`],
  ["the other alphabet", (token) => `${token.slice(0, -1)}+`],
  ["a scheme before", (token) => `Bearer ${token}`],
  ["quotes", (token) => `"${token}"`],
  ["a letter of another script", (token) => token.replace(/^e/, "\u0435")],
  ["two in one header", (token) => `${token}, ${token}`],
  ["a million letters", (token) => token + "A".repeat(1_000_000)],
  ["a million dots", () => ".".repeat(1_000_000)],
];

/** Requests that carry no proof of this kind, so that another mode may know it. */
export const absent: readonly (readonly [string, (token: string) => IncomingHttpHeaders])[] = [
  ["nothing", () => ({})],
  ["the cookie alone", (token) => ({ cookie: `CF_Authorization=${token}` })],
  ["a bearer alone", (token) => ({ authorization: `Bearer ${token}` })],
  ["the e-mail alone", () => ({ "cf-access-authenticated-user-email": "ada@example.com" })],
  ["another name", (token) => ({ "cf-access-token": token, "x-cf-access-jwt-assertion": token })],
];
