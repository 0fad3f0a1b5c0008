import { expect, it } from "vitest";
import { checks } from "../../src/audit/checks/index.ts";
import { audit } from "../../src/audit/engine.ts";
import type { Holdings } from "../../src/inventory/datasets.ts";
import { inventoryOf } from "../../src/inventory/holdings.ts";

/** A check whose data says too little answers `unknown`, and why; what it found all the same is not lost. */
const now = Date.parse("2026-11-01T00:00:00Z");

function resultOf(id: string, account: Holdings) {
  const wanted = checks.filter((check) => check.id === id);
  const [result] = audit(wanted, inventoryOf(account), { account_id: "account", now }).results;
  if (result === undefined) throw new Error(`no check ${id}`);
  return result;
}

const okta = { id: "okta", type: "okta", name: "Okta", scim_config: { enabled: true } };
const saml = { id: "saml", type: "saml", name: "Old partner" };
const login = { user_email: "ada@example.com", connection: "okta", allowed: true };
const ago = (days: number) => new Date(now - days * 86_400_000).toISOString();
const failure = { idp_id: "okta", resource_user_email: "ada@example.com", status: "FAILURE" };

it.each([1, 7, 27])("does not call an identity provider unused by a log of %i days", (days) => {
  const account = { identity_providers: [okta, saml], access_requests: [{ ...login, created_at: ago(days) }] };
  const { status, why, findings } = resultOf("IDP-03", account);
  expect([status, findings]).toEqual(["unknown", []]);
  expect(why).toBe(`insufficient data: the log goes back ${days} of the 28 days that are needed`);
});

it("calls it unused by a log of a month", () => {
  const account = { identity_providers: [okta, saml], access_requests: [{ ...login, created_at: ago(29) }] };
  expect(resultOf("IDP-03", account).findings.map(({ subject }) => subject.id)).toEqual(["saml"]);
});

it("reports failures of a log that is too short to tell silence", () => {
  const { status, why } = resultOf("SCM-01", {
    identity_providers: [okta, { ...okta, id: "entra" }],
    scim_updates: [{ ...failure, logged_at: ago(2) }],
  });
  expect(status).toBe("found");
  expect(why).toContain("2 of the 7 days");
});

it("does not call a provider silent by an empty log", () => {
  expect(resultOf("SCM-01", { identity_providers: [okta] }).status).toBe("unknown");
});

it("does not say that nobody was turned away by an empty log", () => {
  expect(resultOf("USR-03", {}).status).toBe("unknown");
});

it("says of a log that was read in part that it is only a part", () => {
  const inventory = {
    ...inventoryOf({ identity_providers: [okta, saml] }),
    access_requests: { state: "partial", items: [{ ...login, created_at: ago(29) }], why: "more than was read" },
  } as const;
  const wanted = checks.filter(({ id }) => id === "IDP-03");
  const [result] = audit(wanted, inventory, { account_id: "account", now }).results;
  expect(result?.status).toBe("unknown");
  expect(result?.why).toContain("more than was read");
});
