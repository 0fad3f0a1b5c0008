import { describe, expect, it } from "vitest";
import { createSandbox } from "../../src/sandbox/index.ts";
import { ask, seeded } from "./support.ts";

const noon = new Date("2026-03-04T12:00:00Z");
const make = (options = {}) => createSandbox({ now: () => noon, ...options });
const codes = ({ status, errors }: { status: number; errors: { code: number }[] }) => [status, errors[0]?.code];

describe("targets", () => {
  it("can be made and deleted in batches", async () => {
    const sandbox = make({ scale: 0 });
    const target = (last: number) => ({ hostname: `h${last}`, ip: { ipv4: { ip_addr: `10.0.0.${last}` } } });
    const made = await ask(sandbox, "PUT /infrastructure/targets/batch", [target(1), target(2), target(3)]);
    expect(made.rows).toMatchObject([{ hostname: "h1" }, { hostname: "h2" }, { hostname: "h3" }]);
    const gone = await ask(sandbox, "POST /infrastructure/targets/batch_delete", {
      target_ids: made.rows.slice(1).map(({ id }) => id),
    });
    expect(gone.text).toBe("");
    expect((await ask(sandbox, "GET /infrastructure/targets")).rows.map(({ hostname }) => hostname)).toEqual(["h1"]);
  });

  it.each([
    ["hostname=DB-REPLICA", 2],
    ["hostname_contains=staging", 3],
    ["tag=environment:staging&tag=role:web", 1],
    ["ip_like=10.20.2.*", 5],
    ["ip_v4=10.20.1.11", 1],
    ["ip_v6=2001:db8:20:0:0:0:0:1", 1],
    ["ips=10.20.1.11&ips=10.20.1.12", 2],
    ["ipv4_start=10.20.1.11&ipv4_end=10.20.1.13", 3],
    ["ipv6_start=2001:db8:20::1&ipv6_end=2001:db8:20::5", 2],
    ["created_after=2030-01-01T00:00:00Z", 0],
    ["created_before=2030-01-01T00:00:00Z", 25],
    ["virtual_network_id=elsewhere", 0],
  ])("are filtered by %s", async (query, count) => {
    expect((await ask(make(), `GET /infrastructure/targets?${query}&per_page=100`)).rows).toHaveLength(count);
  });

  it("need both ends of a range", async () => {
    expect(codes(await ask(make(), "GET /infrastructure/targets?ipv4_start=10.0.0.1"))).toEqual([400, 12130]);
  });

  it("are sorted by name, either way", async () => {
    const first = async (query: string) =>
      (await ask(make(), `GET /infrastructure/targets?${query}`)).rows[0]?.["hostname"];
    expect(await first("order=hostname")).toBe("accounting-desktop");
    expect(await first("order=hostname&direction=desc")).toBe("worker-staging");
  });
});

describe("logs", () => {
  const sandbox = make();
  const requests = async (query: string) =>
    (await ask(sandbox, `GET /access/logs/access_requests?per_page=1000&${query}`)).rows;

  it("show the newest first unless asked otherwise, in pages without totals", async () => {
    const newest = await ask(sandbox, "GET /access/logs/access_requests");
    expect(newest.rows).toHaveLength(25);
    expect(newest.info).toBeUndefined();
    const times = newest.rows.map(({ created_at }) => String(created_at));
    expect(times).toEqual(times.toSorted().reverse());
    const oldest = await ask(sandbox, "GET /access/logs/access_requests?direction=asc&limit=3");
    expect(oldest.rows).toHaveLength(3);
    expect(String(oldest.rows[0]?.["created_at"]) < (times[0] ?? "")).toBe(true);
  });

  it("filter by address, outcome, application and time, and turn filters around", async () => {
    const typo = "ines.okafor@quilon.example.com";
    expect(await requests("email=@quilon.example.com")).toHaveLength(12);
    expect(await requests(`email=${typo}&emailOp=eq`)).toHaveLength(12);
    expect(await requests("email=quilon&email_exact=true")).toHaveLength(0);
    const denied = await requests("allowed=false");
    expect(new Set(denied.map(({ allowed }) => allowed))).toEqual(new Set([false]));
    const [{ app_uid } = {}] = denied;
    const elsewhere = await requests(`app_uid=${app_uid}&app_uidOp=neq`);
    expect(elsewhere.some((row) => row["app_uid"] === app_uid)).toBe(false);
    expect(await requests("since=2030-01-01T00:00:00Z")).toHaveLength(0);
    expect((await requests("non_identity=true")).length).toBe(60);
    expect(Object.keys((await requests("fields=ray_id,allowed"))[0] ?? {})).toEqual(["allowed", "ray_id"]);
  });

  it("of SCIM need a provider and filter by outcome", async () => {
    expect(codes(await ask(sandbox, "GET /access/logs/scim/updates"))).toEqual([400, 12130]);
    const okta = seeded(sandbox, "access/identity_providers", ({ type }) => type === "okta")["id"];
    const failed = await ask(sandbox, `GET /access/logs/scim/updates?idp_id=${okta}&status=FAILURE&per_page=500`);
    expect(new Set(failed.rows.map(({ status, idp_id }) => `${status} ${idp_id}`))).toEqual(
      new Set([`FAILURE ${okta}`]),
    );
  });
});
