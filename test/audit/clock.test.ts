import { expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import { estateOf } from "../../src/audit/estate.ts";
import { inventoryOf } from "../../src/inventory/holdings.ts";
import { gateIn, pass } from "../../src/simulator/evaluate.ts";

it("decides about tokens by the time of the account, not by the clock", () => {
  const robots = { id: "p", decision: "non_identity", include: [{ service_token: { token_id: "t" } }] };
  const inventory = inventoryOf({
    applications: [{ id: "a", type: "self_hosted", domain: "a.example.com", policies: [robots] }],
    service_tokens: [{ id: "t", expires_at: "2020-06-01T00:00:00Z" }],
  });
  const outcomesAt = (time: string) => {
    const { account } = estateOf(inventory, Date.parse(time));
    const [application = {}] = account.all(applications) ?? [];
    return [...pass({ service_token: "t" }, gateIn(application, account)).outcomes];
  };
  expect(outcomesAt("2020-05-31T00:00:00Z")).toEqual(["service_auth"]);
  expect(outcomesAt("2020-06-02T00:00:00Z")).toEqual(["denied_by_default"]);
});
