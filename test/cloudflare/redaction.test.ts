import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "../../src/cloudflare/client.ts";
import { redactor } from "../../src/cloudflare/redaction.ts";
import type { Credentials } from "../../src/cloudflare/send/authorize.ts";
import { sendStack } from "../../src/cloudflare/send/index.ts";
import { failureOf } from "../support/calls.ts";
import { serve } from "../support/serve.ts";
import { callOf, token } from "./harness.ts";

const percentAll = (text: string) =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const unicode = (text: string) =>
  text
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");

/** The forms in which a secret could come back, each alone and within something longer. */
const encodings: Record<string, (secret: string) => string> = {
  raw: (secret) => secret,
  "in a header": (secret) => `Authorization: Bearer ${secret}; x=1`,
  base64: (secret) => Buffer.from(secret).toString("base64"),
  "base64 of a header": (secret) => Buffer.from(`Bearer ${secret}`).toString("base64"),
  "base64 of a longer text": (secret) => Buffer.from(`{"a":"${secret}","b":1}`).toString("base64"),
  base64url: (secret) => Buffer.from(`xy${secret}z`).toString("base64url"),
  "percent-encoded": (secret) => encodeURIComponent(secret),
  "percent-encoded, lower case": (secret) =>
    encodeURIComponent(secret).replaceAll(/%../g, (byte) => byte.toLowerCase()),
  "percent-encoded wholly": percentAll,
  hex: (secret) => Buffer.from(`Bearer ${secret}`).toString("hex"),
  HEX: (secret) => Buffer.from(secret).toString("hex").toUpperCase(),
  JSON: (secret) => JSON.stringify({ secret }),
  "JSON with slashes escaped": (secret) => JSON.stringify(secret).replaceAll("/", "\\/"),
  "JSON in code units": unicode,
  reversed: (secret) => secret.split("").reverse().join(""),
  "JSON reversed": (secret) => JSON.stringify(secret).split("").reverse().join(""),
};

const secrets = [token.token, 'quo"te\\back/slash+plus=é', "aB3_-aB3_-aB3_-aB3_-aB3_-aB3_-aB3_-aB3_x"];

describe("the redactor", () => {
  it.each(Object.entries(encodings))("masks a secret in %s", (_, encode) => {
    for (const secret of secrets) {
      const masked = redactor([secret])(`before ${encode(secret)} after`);
      expect(masked).toMatch(/^before .*\[redacted\].* after$/);
      for (const form of Object.values(encodings)) {
        const core = form(secret).slice(8, -8);
        if (core.length > 8) expect(masked).not.toContain(core);
      }
    }
  });

  it("leaves everything else as it is", () => {
    const mask = redactor([...secrets, "short", ""]);
    for (const text of ["", "short", "Bearer", "cf-canary", '{"id":"x"}']) expect(mask(text)).toBe(text);
  });

  it("masks every occurrence of every secret", () => {
    const [one = "", two = ""] = secrets;
    expect(redactor(secrets)(`${one}${two}${one}`)).toBe("[redacted]".repeat(3));
  });
});

describe("T1: a server that echoes what it was sent", () => {
  let close: () => Promise<void> = async () => undefined;
  afterEach(() => close());

  it.each<[string, Credentials]>([
    ["token", token],
    ["key", { kind: "key", key: "0123456789abcdef-canary-key", email: "a@example.com" }],
  ])("never shows the %s, in any encoding, in results or errors", async (_, credentials) => {
    const secret = credentials.kind === "token" ? credentials.token : credentials.key;
    const names = Object.keys(encodings);
    const bodies: ((echo: string) => [number, string])[] = [
      (echo) => [400, `<html><title>${echo}</title><pre>${echo}</pre>`],
      (echo) => [400, JSON.stringify({ success: false, errors: [{ code: 12130, message: echo }] })],
      (echo) => [500, JSON.stringify({ success: false, errors: [{ code: 1, message: echo }] })],
      (echo) => [200, JSON.stringify({ success: true, result: { id: "g", name: echo } })],
      (echo) => [200, `not JSON ${echo}`],
    ];
    let turn = 0;
    let seen = 0;
    const server = await serve((request, response) => {
      const given = request.headers.authorization ?? request.headers["x-auth-key"] ?? "";
      if (String(given).includes(secret)) seen += 1;
      const encode = encodings[names[turn % names.length] ?? ""] ?? String;
      const [status, body] = bodies[Math.floor(turn / names.length)]?.(
        encode(String(given).replace("Bearer ", "")),
      ) ?? [200, ""];
      response.writeHead(status, { "cf-ray": secret, "x-echo": encodeURIComponent(secret) }).end(body);
    });
    const send = sendStack({ baseUrl: server.url, credentials });
    close = async () => {
      await send.close();
      await server.close();
    };
    const client = createClient({ send });
    for (turn = 0; turn < names.length * bodies.length; turn++) {
      // Writes, so that nothing is sent twice.
      const outcome = await client(callOf("create_group", { name: "n" })).catch((error) => [
        error.message,
        error.stack,
        error.facts,
        error.cause,
      ]);
      const shown = JSON.stringify(outcome);
      for (const form of Object.values(encodings)) {
        const core = form(secret).slice(8, -8);
        if (core.length > 8) expect(shown).not.toContain(core);
      }
    }
    expect(seen).toBe(names.length * bodies.length);
  });

  it("T20 sends the credentials to the configured origin alone", async () => {
    const strangers: string[] = [];
    const stranger = await serve((request, response) => {
      strangers.push(JSON.stringify(request.headers));
      response.end("{}");
    });
    const server = await serve((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${stranger.port}/steal` }).end();
    });
    const send = sendStack({ baseUrl: server.url, credentials: token });
    close = async () => {
      await send.close();
      await server.close();
      await stranger.close();
    };
    await failureOf(createClient({ send })(callOf("create_group", { name: "n" })));
    await failureOf(createClient({ send })(callOf("get_group", { group_id: `//127.0.0.1:${stranger.port}/x` })));
    expect(strangers).toEqual([]);
  });
});
