import { generateKeyPairSync } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { serve } from "../support/serve.ts";
import { type Answer, keySet, type Signer, signer, team, tokenOf } from "./access-team.ts";

const opened = { name: "ada@example.com" };
const refused = { status: 401 };
const unavailable = {
  status: 503,
  message: "Cloudflare Access tokens cannot be checked at the moment; try again in 30 seconds",
  retryAfter: 30,
};

const minute = 60;
const hour = 60 * minute;

let old: Signer;
let young: Signer;
let curve: Signer;
beforeAll(async () => {
  [old, young, curve] = await Promise.all([signer("old"), signer("young"), signer("curve", "ES256")]);
});

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

async function acmeWith(...given: Parameters<typeof team>) {
  const acme = await team(...given);
  closing.push(acme.close);
  /** A token made at the time of the clock. */
  const ask = (key = old) => acme.ask(tokenOf(key, { claims: { exp: acme.clock.seconds + hour } }));
  return { ...acme, ask };
}

const down: Answer = (response) => response.writeHead(503).end("down");
const hangUp: Answer = (response) => response.destroy();
const silent: Answer = () => undefined;
const dribble: Answer = (response) => {
  const timer = setInterval(() => response.write(" "), 5);
  response.on("close", () => clearInterval(timer));
};
const large: Answer = (response) => {
  response.write('{"keys":[],"rest":"');
  response.end(`${"x".repeat(5 * 1024 * 1024)}"}`);
};
const saying =
  (text: string, status = 200): Answer =>
  (response) =>
    response.writeHead(status).end(text);

/** Everything that is no key set, with what the operator is told. */
const broken: readonly (readonly [string, Answer, RegExp])[] = [
  ["is down", down, /status 503/],
  ["hangs up", hangUp, /no answer/],
  ["says nothing", silent, /no answer/],
  ["says next to nothing, slowly", dribble, /no answer/],
  ["sends 5 MB", large, /over 1 MiB/],
  ["sends nothing", saying(""), /no key set/],
  ["sends a page", saying("<html>"), /no key set/],
  ["sends null", saying("null"), /no key set/],
  ["sends a list", saying("[]"), /no key set/],
  ["sends keys that are no list", saying('{"keys":{}}'), /no key set/],
  ["sends no key", keySet(), /no RSA key/],
  ["sends keys that are none", keySet(null, 1, "x", [], {}), /no RSA key/],
  ["finds nothing", saying("{}", 404), /status 404/],
];

describe("an outage of one hour", () => {
  it.each(broken)("refuses no good token when the key server %s", async (_, answer, reason) => {
    const acme = await acmeWith(keySet(old.open), { patience: 1_000 });
    expect(await acme.ask()).toMatchObject(opened);
    acme.state.answer = answer;
    for (let passed = 0; passed < hour; passed += 5 * minute) {
      acme.clock.seconds += 5 * minute;
      expect(await Promise.all([acme.ask(), acme.ask()])).toMatchObject([opened, opened]);
    }
    expect(await acme.ask(young)).toMatchObject(refused);
    expect(acme.warnings).toEqual([expect.stringMatching(reason)]);
    expect(acme.warnings[0]).toMatch(/the keys fetched 10 minutes ago are used for up to 24 hours$/);

    acme.state.answer = keySet(old.open, young.open);
    acme.clock.seconds += 2 * minute;
    // Whoever comes first after it may meet the old keys, and has the new ones fetched.
    await expect.poll(() => acme.ask(young), { timeout: 10_000 }).toMatchObject(opened);
    expect(acme.warnings).toHaveLength(1);
  });

  it("lets nobody wait for a server that is slow as well", async () => {
    const acme = await acmeWith(keySet(old.open), { patience: 10_000 });
    await acme.ask();
    acme.state.answer = down;
    acme.clock.seconds += 10 * minute;
    await acme.ask();
    const held: ServerResponse[] = [];
    acme.state.answer = (response) => held.push(response);
    acme.clock.seconds += minute;
    expect(await acme.ask()).toMatchObject(opened);
    await expect.poll(() => held.length).toBe(1);
    // Still being waited for in the background: what it says at last is heard.
    held.forEach(keySet(old.open, young.open));
    expect(await acme.ask(young)).toMatchObject(opened);
    expect(acme.fetches).toHaveLength(3);
  });

  it("is told again when it is another one", async () => {
    const acme = await acmeWith(keySet(old.open));
    for (const round of [1, 2]) {
      acme.state.answer = keySet(old.open);
      acme.clock.seconds += 11 * minute;
      // Waits for the fetch, as its key is not there.
      expect(await acme.ask(young)).toMatchObject(refused);
      acme.state.answer = down;
      acme.clock.seconds += 11 * minute;
      expect(await acme.ask()).toMatchObject(opened);
      expect(acme.warnings).toHaveLength(round);
    }
  });
});

it("trusts keys for 24 hours without a key server, and then nobody", async () => {
  const acme = await acmeWith(keySet(old.open));
  expect(await acme.ask()).toMatchObject(opened);
  acme.state.answer = down;
  acme.clock.seconds += 24 * hour;
  expect(await acme.ask()).toMatchObject(opened);
  acme.clock.seconds += 1;
  expect(await acme.ask()).toEqual(unavailable);
  expect(await acme.ask(young)).toEqual(unavailable);
  acme.state.answer = keySet(old.open);
  acme.clock.seconds += minute;
  expect(await acme.ask()).toMatchObject(opened);
});

describe("a cold start in an outage", () => {
  it.each(broken)("lets nobody in when the key server %s, and asks to come again", async (_, answer, reason) => {
    const acme = await acmeWith(answer, { patience: 1_000 });
    expect(await Promise.all([acme.ask(), acme.ask(young)])).toEqual([unavailable, unavailable]);
    expect(await acme.mode({ "cf-access-jwt-assertion": "no token" })).toMatchObject(refused);
    expect(acme.fetches).toHaveLength(1);
    expect(acme.warnings).toEqual([expect.stringMatching(reason)]);
    expect(acme.warnings[0]).toMatch(/callers get 503 until they can be$/);
    acme.state.answer = keySet(old.open);
    acme.clock.seconds += 30;
    expect(await acme.ask()).toMatchObject(opened);
  });

  it("lets nobody in when there is no key server at all", async () => {
    const acme = await acmeWith(keySet(old.open));
    await acme.close();
    closing.splice(0);
    expect(await acme.ask()).toEqual(unavailable);
  });
});

it.each([301, 302, 303, 307, 308])("follows no redirect: %i", async (status) => {
  let asked = 0;
  const evil = await serve((_, response) => {
    asked++;
    keySet(young.open)(response);
  });
  closing.push(evil.close);
  const acme = await acmeWith((response) =>
    response.writeHead(status, { location: evil.url.href }).end(JSON.stringify({ keys: [young.open] })),
  );
  expect(await acme.ask(young)).toEqual(unavailable);
  expect([asked, acme.fetches.length]).toEqual([0, 1]);
});

describe("rotation", () => {
  it("refuses nobody, neither by the new key nor by the one before", async () => {
    const acme = await acmeWith(keySet(old.open));
    expect(await acme.ask()).toMatchObject(opened);
    acme.state.answer = keySet(young.open, old.open);
    acme.clock.seconds += 1;
    const many = Array.from({ length: 20 }, (_, index) => acme.ask(index % 2 === 0 ? young : old));
    expect(await Promise.all(many)).toEqual(many.map(() => expect.objectContaining(opened)));
    expect(acme.fetches).toHaveLength(2);
  });

  it("ends a key that the team has no more, after 10 minutes", async () => {
    const acme = await acmeWith(keySet(old.open));
    expect(await acme.ask()).toMatchObject(opened);
    acme.state.answer = keySet(young.open);
    acme.clock.seconds += 10 * minute - 1;
    expect(await acme.ask()).toMatchObject(opened);
    acme.clock.seconds += 1;
    expect(await acme.ask()).toMatchObject(refused);
    expect(await acme.ask(young)).toMatchObject(opened);
  });

  it("lets a kid have another key", async () => {
    const acme = await acmeWith(keySet(old.open));
    expect(await acme.ask()).toMatchObject(opened);
    acme.state.answer = keySet({ ...young.open, kid: "old" });
    acme.clock.seconds += 10 * minute;
    expect(await acme.ask()).toMatchObject(refused);
    expect(await acme.ask({ ...young, kid: "old" })).toMatchObject(opened);
  });
});

describe("the key server is spared", () => {
  it("by one request for all who come at once", async () => {
    const acme = await acmeWith(keySet(old.open));
    const answers = await Promise.all(Array.from({ length: 100 }, () => acme.ask()));
    expect(answers.every((answer) => answer !== undefined && "name" in answer)).toBe(true);
    expect(acme.fetches).toHaveLength(1);
    acme.clock.seconds += 10 * minute - 1;
    await acme.ask();
    expect(acme.fetches).toHaveLength(1);
    acme.clock.seconds += 1;
    await Promise.all([acme.ask(), acme.ask()]);
    expect(acme.fetches).toHaveLength(2);
  });

  it("when a token could not be good whatever its key is, or the keys have just come", async () => {
    const acme = await acmeWith(keySet(old.open));
    for (const alg of ["none", "HS256", "PS256", "RS512"]) {
      const token = tokenOf(young, { header: { alg }, way: "RS256" });
      expect(await acme.mode({ "cf-access-jwt-assertion": token })).toMatchObject(refused);
    }
    expect(acme.fetches).toEqual([]);
    expect(await acme.ask(young)).toMatchObject(refused);
    expect(acme.fetches).toHaveLength(1);
  });

  it.each([
    ["up", (): Answer => keySet(old.open)],
    ["down", (): Answer => down],
  ])("whatever 10,000 random kids ask for, when it is %s", async (_, answer) => {
    const acme = await acmeWith(keySet(old.open));
    expect(await acme.ask()).toMatchObject(opened);
    acme.state.answer = answer();
    const [, claims, signature] = tokenOf(old).split(".");
    for (let count = 0; count < 10_000; count++) {
      acme.clock.seconds += 0.06;
      const header = JSON.stringify({ alg: "RS256", kid: `random${count}` });
      const token = [Buffer.from(header).toString("base64url"), claims, signature].join(".");
      expect(await acme.mode({ "cf-access-jwt-assertion": token })).toMatchObject(refused);
    }
    const inOneMinute = acme.fetches.map(
      (from) => acme.fetches.filter((at) => at >= from && at < from + minute).length,
    );
    expect(Math.max(...inOneMinute)).toBe(2);
    // A missing kid is looked for at most once in 30 s.
    const gaps = acme.fetches.slice(2).map((at, index) => at - (acme.fetches[index + 1] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(29.99);
    expect(await acme.ask()).toMatchObject(opened);
  });
});

describe("of a poisoned key set", () => {
  const weak = (bits: number) => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
    return { kid: "weak", secret: privateKey, open: { ...publicKey.export({ format: "jwk" }), kid: "weak" } };
  };
  const cubic = () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 });
    return { kid: "cubic", secret: privateKey, open: { ...publicKey.export({ format: "jwk" }), kid: "cubic" } };
  };
  const asYoung = (changes: Readonly<Record<string, unknown>>) => ({ ...young.open, ...changes });

  const poisons: readonly (readonly [string, () => { keys: readonly unknown[]; with?: Signer }])[] = [
    ["a shared secret", () => ({ keys: [{ kty: "oct", kid: "young", k: young.open.n, alg: "RS256" }] })],
    ["a curve", () => ({ keys: [curve.open], with: curve })],
    ["a key that is said to be a secret", () => ({ keys: [asYoung({ kty: "oct" })] })],
    ["a curve that says RS256", () => ({ keys: [{ ...curve.open, alg: "RS256" }], with: curve })],
    ["a private key", () => ({ keys: [{ ...young.secret.export({ format: "jwk" }), kid: "young" }] })],
    ["a private part", () => ({ keys: [asYoung({ d: "AQAB" })] })],
    ["a key for encryption", () => ({ keys: [asYoung({ use: "enc" })] })],
    ["a key of another algorithm", () => ({ keys: [asYoung({ alg: "RS512" })] })],
    ["a key that may not verify", () => ({ keys: [asYoung({ key_ops: ["encrypt"] })] })],
    ["a key without a name", () => ({ keys: [asYoung({ kid: undefined })] })],
    ["a key whose name is a number", () => ({ keys: [asYoung({ kid: 7 })] })],
    ["a key without a modulus", () => ({ keys: [asYoung({ n: undefined })] })],
    ["a key whose modulus is none", () => ({ keys: [asYoung({ n: "!" })] })],
    ["a key with the exponent 1", () => ({ keys: [asYoung({ e: "AQ" })] })],
    ["a key with the exponent 3", () => (({ open, ...rest }) => ({ keys: [open], with: { open, ...rest } }))(cubic())],
    ["a key of 1,024 bits", () => (({ open, ...rest }) => ({ keys: [open], with: { open, ...rest } }))(weak(1024))],
    ["two keys of one name", () => ({ keys: [young.open, { ...old.open, kid: "young" }] })],
    ["two keys of one name, the other way round", () => ({ keys: [{ ...old.open, kid: "young" }, young.open] })],
    ["three keys of one name", () => ({ keys: [young.open, { ...old.open, kid: "young" }, young.open] })],
    ["the key of another name", () => ({ keys: [asYoung({ kid: "x" })] })],
  ];

  it.each(poisons)("%s opens nothing, and the rest is used", async (_, make) => {
    const poison = make();
    const acme = await acmeWith(keySet(...poison.keys, old.open));
    expect(await acme.ask()).toMatchObject(opened);
    const alg = poison.with === curve ? "ES256" : "RS256";
    expect(await acme.ask(poison.with ?? young)).toMatchObject(refused);
    const honest = tokenOf(poison.with ?? young, { header: { alg } });
    expect(await acme.mode({ "cf-access-jwt-assertion": honest })).toMatchObject(refused);
  });

  it("a key that is too small or too large is none", async () => {
    const { n: _, ...rest } = young.open;
    const huge = { ...rest, n: Buffer.alloc(1025, 0xff).toString("base64url") };
    for (const keys of [[weak(1024).open], [huge]]) {
      const acme = await acmeWith(keySet(...keys));
      expect(await acme.ask(young)).toEqual(unavailable);
      expect(acme.warnings).toEqual([expect.stringMatching(/no RSA key/)]);
    }
  });

  it("a key that is there twice is used, and so is one without alg and use", async () => {
    const acme = await acmeWith(keySet(old.open, { ...old.open }, asYoung({ alg: undefined, use: undefined })));
    expect(await acme.ask()).toMatchObject(opened);
    expect(await acme.ask(young)).toMatchObject(opened);
  });
});
