import { describe, expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import organization from "../../src/access/organization.ts";
import type { Members } from "../../src/core/change.ts";
import { accountOf } from "../../src/simulator/account.ts";
import { answering, matchUrl, type Served } from "../../src/simulator/matching.ts";
import { type Objects, worldOf } from "./account.ts";

const app = (...uris: readonly string[]): Members => ({
  id: uris.join(" "),
  type: "self_hosted",
  destinations: uris.map((uri) => ({ type: "public", uri })),
});

async function match(url: string, apps: readonly Members[], more: Objects = {}, served?: Served) {
  const account = await accountOf(worldOf({ applications: apps, organization: [{}], ...more }), [
    applications,
    organization,
  ]);
  return matchUrl(url, account, served);
}

const ids = ({ answers }: Awaited<ReturnType<typeof match>>) => answers.map(({ application }) => application["id"]);

// The tables of the documentation's page on application paths.
const documented: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["*.example.com", ["alpha.example.com", "beta.example.com"], ["example.com", "foo.bar.example.com"]],
  ["example.com", ["example.com", "example.com/alpha", "example.com/beta"], ["alpha.example.com"]],
  ["example.com/*", ["example.com", "example.com/alpha", "example.com/beta"], ["alpha.example.com"]],
  ["*.test.example.com", ["alpha.test.example.com", "beta.test.example.com"], ["test.example.com", "example.com"]],
  ["*test.example.com", ["test.example.com", "alphatest.example.com"], ["beta.test.example.com"]],
  ["example.com/alpha/*", ["example.com/alpha/one", "example.com/alpha/two"], ["example.com/alpha", "example.com"]],
  ["example.com/foo*/bar", ["example.com/foo/bar", "example.com/food/bar", "example.com/food/stuff/bar"], []],
  ["dashboard.com/eng", ["dashboard.com/eng", "dashboard.com/eng/exec"], ["dashboard.com/engine", "dashboard.com"]],
];

// What follows from them.
const further: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["*.*.example.com", ["a.b.example.com"], ["a.example.com", "a.b.c.example.com"]],
  ["a*b.example.com", ["ab.example.com", "axxb.example.com"], ["a.b.example.com", "b.example.com"]],
  ["Example.COM/Alpha", ["EXAMPLE.com/Alpha"], ["example.com/alpha"]],
  ["https://example.com:8443/a/", ["example.com/a", "http://example.com:99/a/b"], ["example.com/ab"]],
  ["example.com/a*", ["example.com/a", "example.com/abc/d"], ["example.com/b"]],
  ["example.com/*/edit", ["example.com/a/edit", "example.com/a/b/edit/c"], ["example.com/edit"]],
  ["bücher.example.com", ["xn--bcher-kva.example.com", "BÜCHER.example.com"], ["example.com"]],
];

describe.each([...documented, ...further])("an application at %s", (uri, covered, others) => {
  it.each(covered)("answers at %s", async (url) => {
    const found = await match(url, [app(uri)]);
    expect(ids(found)).toEqual([uri]);
    expect(found).toMatchObject({ ambiguous: false, certain: true });
  });

  it.each(others)("does not answer at %s", async (url) => {
    expect(await match(url, [app(uri)])).toMatchObject({ answers: [], unmatched: "open" });
  });
});

describe("of several applications that cover a URL", () => {
  const certain = true;
  // The most specific first; whether Cloudflare documents that it is.
  it.each([
    [["dashboard.com/eng/exec", "dashboard.com/eng", "dashboard.com"], "dashboard.com/eng/exec/1", certain],
    [["a.example.com", "*.example.com", "*.*.com"], "a.example.com", certain],
    [["a*.example.com", "*.example.com"], "ab.example.com", certain],
    [["example.com/alpha/*", "example.com/alpha"], "example.com/alpha/x", certain],
    [["example.com/alpha", "example.com/alpha*"], "example.com/alpha", certain],
    [["example.com", "*.com/alpha"], "example.com/alpha", !certain],
    [["*a.example.com", "*.example.com/alpha"], "a.example.com/alpha", !certain],
    [["example.com/foo/bar*", "example.com/foo*/bar"], "example.com/foo/bar", !certain],
    [["example.com/foo", "example.com/foo*/bar"], "example.com/foo/bar", !certain],
  ])("%j answers by the first for %s", async (uris, url, isCertain) => {
    for (const apps of [uris.map((uri) => app(uri)), uris.map((uri) => app(uri)).reverse()]) {
      const found = await match(url, apps);
      expect(ids(found)).toEqual([uris[0]]);
      expect(found).toMatchObject({ ambiguous: false, certain: isCertain });
      expect(found.beaten).toHaveLength(uris.length - 1);
    }
  });

  it.each([
    [["a*.example.com", "*b.example.com"], "ab.example.com"],
    [["*.b.example.com", "a.*.example.com"], "a.b.example.com"],
    [["example.com/a*/x", "example.com/a*/y*"], "example.com/a/y/x"],
  ])("none of %j surely answers for %s", async (uris, url) => {
    const found = await match(
      url,
      uris.map((uri) => app(uri)),
    );
    expect(ids(found)).toEqual(uris);
    expect(found).toMatchObject({ ambiguous: true, certain: false });
  });

  it("the same address twice is nobody's, unless one application has both", async () => {
    const twins = [app("a.example.com"), { ...app("a.example.com/*"), id: "twin" }];
    expect(await match("a.example.com", twins)).toMatchObject({ ambiguous: true });
    expect(ids(await match("a.example.com", [app("a.example.com", "a.example.com/")]))).toHaveLength(1);
  });

  it("tells which destination it is and what is passed over", async () => {
    const found = await match("https://a.example.com/x?y=1#z", [
      app("b.example.com", "a.example.com"),
      app("*.example.com"),
    ]);
    expect(found.address).toBe("a.example.com/x");
    expect(found.answers[0]?.field).toBe("destinations[1]");
    expect(found.why).toBe('"a.example.com" is the most specific of 2 destinations that cover it');
  });
});

describe("where an application stands", () => {
  it("is what destinations say, else the older fields", async () => {
    const older = { id: "old", domain: "a.example.com", self_hosted_domains: ["a.example.com", "b.example.com/x"] };
    expect(ids(await match("b.example.com/x/y", [older]))).toEqual(["old"]);
    const both = { ...older, destinations: [{ uri: "c.example.com" }] };
    expect(ids(await match("b.example.com/x", [both]))).toEqual([]);
    expect(ids(await match("c.example.com", [both]))).toEqual(["old"]);
  });

  it.each(["saas", "bookmark", "app_launcher", "warp", "biso", "dash_sso", "infrastructure"])(
    "is nowhere for %s",
    async (type) => {
      expect(ids(await match("a.example.com", [{ id: "x", type, domain: "a.example.com" }]))).toEqual([]);
    },
  );

  it("stays open where an override says so, below it by a * only", async () => {
    const overrides = [
      { path_pattern: "/health", behavior: "public" },
      { path_pattern: "/static/*", behavior: "public" },
    ];
    const one = { id: "x", destinations: [{ uri: "a.example.com", overrides }] };
    expect((await match("a.example.com/health", [one])).open).toBe("/health");
    expect((await match("a.example.com/static/app.js", [one])).open).toBe("/static/*");
    expect((await match("a.example.com/health/deep", [one])).open).toBeUndefined();
    expect((await match("a.example.com", [one])).open).toBeUndefined();
    const whole = { id: "x", destinations: [{ uri: "a.example.com", overrides: [{ path_pattern: "/*" }] }] };
    expect((await match("a.example.com", [whole])).open).toBe("/*");
  });
});

describe("private destinations", () => {
  const hidden = (id: string, destination: Members) => ({ id, destinations: [{ type: "private", ...destination }] });

  it.each([
    [{ cidr: "10.0.0.0/8" }, "https://10.2.3.4/x", true],
    [{ cidr: "10.0.0.0/8" }, "https://11.2.3.4", false],
    [{ cidr: "2001:db8::/32" }, "https://[2001:db8::1]:8443", true],
    [{ cidr: "10.0.0.0/8", port_range: "8000-8099" }, "10.2.3.4:8080", true],
    [{ cidr: "10.0.0.0/8", port_range: "443" }, "http://10.2.3.4", false],
    [{ cidr: "10.0.0.0/8", port_range: "443" }, "https://10.2.3.4", true],
    [{ cidr: "10.0.0.0/8", l4_protocol: "udp" }, "https://10.2.3.4", false],
    [{ hostname: "wiki.internal", port_range: "443" }, "https://WIKI.internal/a", true],
    [{ hostname: "wiki.internal" }, "other.internal", false],
  ])("%j: %s", async (destination, url, isIt) => {
    expect(ids(await match(url, [hidden("x", destination)]))).toEqual(isIt ? ["x"] : []);
  });

  it("answer by the narrower network, and not for certain by the virtual one", async () => {
    const two = [hidden("wide", { cidr: "10.0.0.0/8" }), hidden("narrow", { cidr: "10.2.0.0/16" })];
    expect(ids(await match("10.2.3.4", two))).toEqual(["narrow"]);
    const networks = ["one", "two"].map((vnet_id) => hidden(vnet_id, { cidr: "10.0.0.0/8", vnet_id }));
    expect(await match("10.2.3.4", networks)).toMatchObject({ ambiguous: true });
  });

  it("do not compete with what is on the internet", async () => {
    const found = await match("a.example.com", [hidden("in", { hostname: "a.example.com" }), app("a.example.com")]);
    expect(ids(found)).toEqual(["a.example.com"]);
    expect(found.ambiguous).toBe(false);
    expect(found.privately.map(({ application }) => application["id"])).toEqual(["in"]);
  });
});

describe("Workers", () => {
  const worker = (id: string, destination: Members) => ({ id, destinations: [destination] });
  const url = app("w.acme.workers.dev");
  const preview = worker("preview", { type: "preview_worker", worker_id: "w" });
  const one = worker("one", { type: "worker", worker_id: "w" });
  const previews = worker("previews", { type: "all_preview_workers" });
  const older = worker("previews", { type: "preview_worker" });
  const every = worker("every", { type: "all_workers" });
  const other = worker("other", { type: "worker", worker_id: "v" });

  it.each([
    [[every, previews, one, preview, url], true, ["w.acme.workers.dev"]],
    [[every, previews, one, preview, other], true, ["preview"]],
    [[every, previews, one, preview], false, ["one"]],
    [[every, previews, one], true, ["one"]],
    [[every, previews, other], true, ["previews"]],
    [[every, older, other], true, ["previews"]],
    [[every, previews], false, ["every"]],
    [[previews, other], false, []],
  ])("are found in the documented order, case %#", async (apps, isPreview, expected) => {
    expect(ids(await match("w.acme.workers.dev", apps, {}, { worker_id: "w", preview: isPreview }))).toEqual(expected);
  });

  it("may serve any address, as far as anybody knows", async () => {
    expect(await match("shop.example.com", [one])).toMatchObject({ answers: [], unmatched: "unknown", certain: false });
  });
});

describe("an address that no application covers", () => {
  const deny = {
    deny_unmatched_requests: true,
    deny_unmatched_requests_exempted_zone_names: ["public.example.com"],
  };
  it.each([
    ["a.example.com", {}, "open"],
    ["a.example.com", deny, "denied"],
    ["public.example.com/x", deny, "exempt"],
    ["a.public.example.com", deny, "exempt"],
    ["notpublic.example.com", deny, "denied"],
  ])("%s", async (url, settings, unmatched) => {
    expect(await match(url, [], { organization: [settings] })).toMatchObject({ unmatched, certain: true });
  });

  it("is not surely open beside one that is covered, and unknown where nothing could be read", async () => {
    const found = await match("a.example.com/y", [app("a.example.com/x")], { organization: [deny] });
    expect(found).toMatchObject({ unmatched: "open", certain: false });
    for (const unreadable of [[applications], [organization]]) {
      expect(await match("a.example.com", [], { unreadable })).toMatchObject({ unmatched: "unknown", certain: false });
    }
  });
});

describe("what is no URL", () => {
  it.each(["", "  ", "https://", "a b.example.com", "*.example.com", "https://[::1", "x.com:99999", "/path"])(
    "%j",
    async (url) => {
      await expect(match(url, [])).rejects.toMatchObject({ facts: { kind: "input", outcome: "not_sent" } });
    },
  );
});

describe("the applications at a hostname", () => {
  it("are those of its most specific name, whatever their path", () => {
    const [exact, path, wild] = [app("a.example.com"), app("a.example.com/x"), app("*.example.com")];
    expect(answering([wild, path, exact], "https://a.example.com/y")).toEqual([path, exact]);
    expect(answering([wild, path, exact], "b.example.com")).toEqual([wild]);
  });
});
