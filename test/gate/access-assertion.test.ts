import { createPublicKey } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AccessError } from "../../src/core/errors.ts";
import { accessAssertion } from "../../src/gate/access-assertion.ts";
import { serve } from "../support/serve.ts";
import { keySet, other, ours, signer, team, tokenOf } from "./access-team.ts";
import { absent, bad, good, type Means, spoilt } from "./access-vectors.ts";

const refused = {
  status: 401,
  message: "This Cloudflare Access token opens nothing here; sign in through Cloudflare Access again",
  challenge: 'Cloudflare-Access realm="cloudflare-access-mcp"',
};

let acme: Awaited<ReturnType<typeof team>>;
let stranger: Awaited<ReturnType<typeof serve>>;
let means: Means;
let asked = 0;

beforeAll(async () => {
  const [own, foreign, curve] = await Promise.all([signer("own"), signer("foreign"), signer("curve", "ES256")]);
  stranger = await serve((_, response) => {
    asked++;
    keySet(foreign.open)(response);
  });
  acme = await team(keySet(own.open, curve.open));
  means = {
    team: own,
    stranger: foreign,
    curve,
    public: createPublicKey({ key: { ...own.open }, format: "jwk" }),
    address: stranger.url.href,
  };
});
afterAll(() => Promise.all([acme.close(), stranger.close()]));

const plain = () => tokenOf(means.team);

describe.each([
  ["at first", 0],
  ["after 1,000 good tokens", 1_000],
])("a token %s", (_, before) => {
  beforeAll(async () => {
    const answers = await Promise.all(
      Array.from({ length: before }, (_, index) =>
        acme.ask(tokenOf(means.team, { claims: { email: `user${index}@example.com` } })),
      ),
    );
    expect(answers.map((answer) => answer !== undefined && "name" in answer && answer.name)).toEqual(
      Array.from({ length: before }, (_, index) => `user${index}@example.com`),
    );
  });

  it.each(good)("opens: %s", async (_, identity, make) => {
    expect(await acme.ask(tokenOf(means.team, make(means)))).toEqual(identity);
  });

  it.each(bad)("opens nothing: %s", async (_, make) => {
    expect(await acme.ask(tokenOf(means.team, make(means)))).toEqual(refused);
  });

  it.each(spoilt)("opens nothing when it is made into: %s", async (_, spoil) => {
    expect(await acme.ask(spoil(plain(), means))).toEqual(refused);
  });

  it.each(absent)("is not there with: %s", async (_, headers) => {
    expect(await acme.mode(headers(plain()))).toBeUndefined();
  });

  it("opens nothing in a list of headers, not even of one", async () => {
    for (const list of [[plain()], [plain(), plain()], []]) {
      const headers: IncomingHttpHeaders = { "cf-access-jwt-assertion": list };
      expect(await acme.mode(headers)).toEqual(refused);
    }
  });

  it("is the only thing looked at, whatever stands beside it", async () => {
    const beside = {
      cookie: "CF_Authorization=x",
      authorization: "Bearer x",
      "cf-access-authenticated-user-email": "eve@x",
    };
    expect(await acme.mode({ ...beside, "cf-access-jwt-assertion": plain() })).toMatchObject({
      name: "ada@example.com",
    });
    expect(await acme.mode({ cookie: `CF_Authorization=${plain()}`, "cf-access-jwt-assertion": "x" })).toEqual(refused);
  });

  it("makes nobody ask an address that it names, and the key server hardly ever", () => {
    expect(asked).toBe(0);
    expect(acme.fetches.length).toBeLessThanOrEqual(2);
    expect(acme.warnings).toEqual([]);
  });
});

it("comes to the mode through a real server, where two headers are one with a comma", async () => {
  const server = await serve(async ({ headers }, response) => response.end(JSON.stringify(await acme.mode(headers))));
  const answers = [[plain()], [plain(), plain()]].map(async (tokens) => {
    const headers = new Headers();
    for (const token of tokens) headers.append("Cf-Access-Jwt-Assertion", token);
    return (await fetch(server.url, { headers })).json();
  });
  expect(await Promise.all(answers)).toEqual([expect.objectContaining({ name: "ada@example.com" }), refused]);
  await server.close();
});

describe("what the operator says", () => {
  const issuesOf = (changes: Partial<Parameters<typeof accessAssertion>[0]>): readonly string[] => {
    try {
      accessAssertion({ team: "acme", audiences: [ours], ...changes });
    } catch (error) {
      if (error instanceof AccessError && error.facts.kind === "input") return error.facts.issues ?? [];
      throw error;
    }
    return [];
  };

  it.each(["acme", "acme.cloudflareaccess.com", "https://acme.cloudflareaccess.com"])(
    "names a team: %s",
    async (name) => {
      const mode = accessAssertion({
        team: name,
        audiences: [ours],
        origin: acme.origin,
        now: () => acme.clock.seconds * 1000,
      });
      expect(await mode({ "cf-access-jwt-assertion": plain() })).toMatchObject({ name: "ada@example.com" });
    },
  );

  it.each([
    "",
    "Acme",
    "-acme",
    "acme-",
    "a_b",
    "a.b",
    "a".repeat(64),
    "acme\n",
    "acme.example.com",
    "https://acme",
    "http://acme.cloudflareaccess.com",
    "https://acme.cloudflareaccess.com/",
    "https://acme.cloudflareaccess.com.evil.example",
    "https://evil.example/acme.cloudflareaccess.com",
    "https://user@acme.cloudflareaccess.com",
    "acme.cloudflareaccess.com:8443",
    "evil.acme.cloudflareaccess.com",
    "*.cloudflareaccess.com",
  ])("names no team: %j", (name) => {
    expect(issuesOf({ team: name })).toEqual([
      expect.stringMatching(/^team: write acme or acme\.cloudflareaccess\.com, /),
    ]);
  });

  it.each([[[]], [[""]], [["abc"]], [[ours, ours.toUpperCase()]], [[ours.slice(1)]], [[`${ours}0`]], [[`${ours}\n`]]])(
    "names no audience: %j",
    (audiences) => {
      expect(issuesOf({ audiences })).toEqual([expect.stringMatching(/^audience: .*64 hexadecimal characters/)]);
    },
  );

  it.each([
    ["https://keys.internal", true],
    ["https://keys.internal:8443", true],
    ["http://127.0.0.1:8080", true],
    ["http://localhost", true],
    ["http://[::1]:8080", true],
    ["http://keys.internal", false],
    ["http://127.0.0.1.evil.example", false],
    ["http://localhost.evil.example", false],
    ["http://10.0.0.1", false],
    ["https://user:pass@keys.internal", false],
    ["https://keys.internal/path", false],
    ["https://keys.internal?x", false],
    ["file:///etc/keys", false],
    ["ftp://127.0.0.1", false],
    ["keys.internal", false],
    ["", false],
  ])("says where keys are: %s, %s", (origin, fine) => {
    expect(issuesOf({ origin })).toEqual(fine ? [] : [expect.stringMatching(/^origin: write https:\/\/HOST, /)]);
  });

  it("is told all that is wrong at once, and one tag opens nothing for another", async () => {
    expect(issuesOf({ team: "?", audiences: [], origin: "?" })).toHaveLength(3);
    const settings = { team: "acme", origin: acme.origin, now: () => acme.clock.seconds * 1000 };
    const elsewhere = accessAssertion({ ...settings, audiences: [other] });
    expect(await elsewhere({ "cf-access-jwt-assertion": plain() })).toEqual(refused);
    const others = accessAssertion({ ...settings, team: "evil", audiences: [ours] });
    expect(await others({ "cf-access-jwt-assertion": plain() })).toEqual(refused);
  });
});
