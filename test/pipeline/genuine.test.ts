import { describe, expect, it } from "vitest";
import { genuine } from "../../src/pipeline/genuine.ts";
import { callOf, failureOf } from "../support/calls.ts";

/** Runs a call through the stage; `sent` tells whether it went on. */
async function run(name: string, input: Record<string, unknown>) {
  let sent = false;
  const outcome = genuine(callOf(name, input), async () => {
    sent = true;
    return { result: {}, notes: [] };
  });
  return { outcome, sent: () => sent };
}

const page = { custom_page_id: "p", name: "n", type: "login", custom_html: "<b>" };
const okta = { identity_provider_id: "i", type: "okta", name: "Okta", config: { client_id: "c" } };
const group = { name: "g", include: [{ email: { email: "a@example.com" } }] };

describe("what answers show in place of a value is not written", () => {
  it.each([
    [
      "a shortened text",
      "update_custom_page",
      { ...page, custom_html: "<b>… [cut, 5000003 characters in all]" },
      "custom_html",
    ],
    ["a mask", "update_identity_provider", { ...okta, config: { client_secret: "[secret]" } }, "config.client_secret"],
    ["a mark", "create_group", { ...group, name: "Ad⟦U+200B⟧mins" }, "name"],
    [
      "a mark deep inside",
      "create_group",
      { ...group, include: [{ email: { email: "⟦U+E0041⟧a@example.com" } }] },
      "include.email.email",
    ],
    ["a mark in a name", "update_identity_provider", { ...okta, config: { "cla⟦U+202E⟧ims": "x" } }, "config.cla"],
    ["a mark in a path", "delete_tag", { tag_name: "⟦U+0000⟧" }, "tag_name"],
  ])("%s (%s)", async (_, name, input, field) => {
    const { outcome, sent } = await run(name, input);
    const { facts } = await failureOf(outcome);
    expect(facts).toMatchObject({ kind: "input", outcome: "not_sent", issues: [expect.stringMatching(`^${field}`)] });
    expect(facts.next).toMatch(/nothing was sent/);
    expect(sent()).toBe(false);
  });

  it.each([
    ["create_group", { ...group, name: "***" }],
    ["create_group", { ...group, name: "[secret] handshakes" }],
    ["create_group", { ...group, name: "⟦U+⟧ and U+202E and [cut, 3 characters in all] are words" }],
    ["create_group", { ...group, name: "👩‍🚀 می‌خواهم" }],
    ["list_service_tokens", { name: "⟦U+200B⟧" }],
  ])("%s takes %j", async (name, input) => {
    const { outcome, sent } = await run(name, input);
    await outcome;
    expect(sent()).toBe(true);
  });
});
