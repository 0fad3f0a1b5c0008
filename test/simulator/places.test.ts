import { describe, expect, it } from "vitest";
import type { Members } from "../../src/core/change.ts";
import { type Rivalry, rivalsIn } from "../../src/simulator/directory.ts";
import { covers, overlap, type Place, placesIn } from "../../src/simulator/places.ts";
import { numbers } from "./random-account.ts";

const at = (destination: Members): Place => {
  const [place] = placesIn({ id: "x", destinations: [destination] });
  if (place === undefined) throw new Error("no place");
  return place;
};
const uri = (text: string) => at({ uri: text });

/** Plainest reading of an address pattern, for addresses in small letters without a slash at its end. */
function meaning(pattern: string): RegExp {
  const [host = "", ...path] = pattern.split("/");
  const text = (part: string, any: string) => part.replace(/[.]/g, "\\.").replaceAll("*", any);
  const labels = host.split(".").map((label) => (label === "*" ? "[^./]+" : text(label, "[^./]*")));
  const below = path.length === 0 || path.join("/") === "*" ? "" : `/${text(path.join("/"), ".*")}`;
  return new RegExp(`^${labels.join("\\.")}${below}(/.*)?$`);
}

describe("whether one destination covers another", () => {
  const next = numbers(11);
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item;
  const host = () => Array.from({ length: 2 + Math.floor(next() * 2) }, () => one(["a", "b", "ab", "*", "a*", "*b"]));
  const segments = () =>
    Array.from({ length: Math.floor(next() * 4) }, () => one(["a", "b", "ab", "*", "a*", "*b", "a*b"]));
  const pattern = () => [host().join("."), ...segments()].join("/");
  const word = () => one(["a", "b", "ab", "aab", "c", "abb"]);
  const address = () =>
    [
      Array.from({ length: 2 + Math.floor(next() * 2) }, word).join("."),
      ...Array.from({ length: Math.floor(next() * 5) }, word),
    ].join("/");
  const addresses = [...new Set(Array.from({ length: 1500 }, address))];

  it("agrees with what each of them covers", () => {
    let [covering, crossing, apart] = [0, 0, 0];
    for (let run = 0; run < 1500; run++) {
      const [wide, narrow] = [pattern(), pattern()];
      const [first, second] = [uri(wide), uri(narrow)];
      const [whole, part] = [meaning(wide), meaning(narrow)];
      const meant = addresses.filter((text) => part.test(text));
      const both = meant.filter((text) => whole.test(text));
      const example = overlap(first, second);
      const told = `${wide} and ${narrow}: ${example}`;
      if (covers(first, second)) {
        expect(both.length, told).toBe(meant.length);
        expect(example, told).toBeDefined();
        covering++;
      }
      if (example === undefined) {
        expect(both, told).toEqual([]);
        apart++;
        continue;
      }
      expect([whole.test(example), part.test(example)], told).toEqual([true, true]);
      expect(example.endsWith("/"), told).toBe(false);
      if (!covers(first, second)) crossing++;
    }
    expect(Math.min(covering, crossing, apart)).toBeGreaterThan(20);
  });

  it("misses nothing that is covered", () => {
    // A star stands for what no other pattern names, so one address for each pattern tells.
    for (let run = 0; run < 1500; run++) {
      const [wide, narrow] = [pattern(), pattern()];
      const fresh = (text: string) => text.replaceAll("*", "q");
      const [plain, below] = [fresh(narrow), `${fresh(narrow)}/q`];
      const isWide = (narrow.includes("/") ? [plain, below] : [plain.split("/")[0] ?? "", below]).every((text) =>
        meaning(wide).test(text),
      );
      if (narrow.split("/").slice(1).join("/") !== "*")
        expect(covers(uri(wide), uri(narrow)), `${wide} over ${narrow}`).toBe(isWide);
    }
  });

  it.each([
    [{ cidr: "10.0.0.0/8" }, { cidr: "10.1.0.0/16" }, true, "10.1.0.0"],
    [{ cidr: "10.1.0.0/16" }, { cidr: "10.0.0.0/8" }, false, "10.1.0.0"],
    [{ cidr: "10.0.0.0/8" }, { cidr: "11.0.0.0/8" }, false, undefined],
    [{ cidr: "10.0.0.0/8" }, { cidr: "2001:db8::/32" }, false, undefined],
    [{ cidr: "10.0.0.0/8" }, { cidr: "10.1.2.3", port_range: "22" }, true, "10.1.2.3:22"],
    [{ cidr: "10.0.0.0/8", port_range: "1-99" }, { cidr: "10.1.2.3", port_range: "90-100" }, false, "10.1.2.3:90"],
    [{ cidr: "10.0.0.0/8", port_range: "80" }, { cidr: "10.1.2.3", port_range: "81" }, false, undefined],
    [{ cidr: "10.0.0.0/8", l4_protocol: "tcp" }, { cidr: "10.1.2.3", l4_protocol: "udp" }, false, undefined],
    [{ cidr: "10.0.0.0/8", vnet_id: "a" }, { cidr: "10.1.2.3", vnet_id: "b" }, false, undefined],
    [{ cidr: "10.0.0.0/8" }, { cidr: "10.1.2.3", vnet_id: "b", l4_protocol: "udp" }, true, "10.1.2.3"],
    [{ hostname: "*.internal" }, { hostname: "wiki.internal" }, true, "wiki.internal"],
    [{ hostname: "wiki.internal" }, { cidr: "10.0.0.0/8" }, false, undefined],
  ])("on private networks: %j, %j", (wide, narrow, isWide, example) => {
    const [one, other] = [at({ type: "private", ...wide }), at({ type: "private", ...narrow })];
    expect(covers(one, other)).toBe(isWide);
    expect(overlap(one, other)).toBe(example);
    expect(overlap(other, one)).toBe(example);
  });

  it.each([
    [{ type: "all_workers" }, { type: "worker", worker_id: "w" }, true, "Worker w"],
    [{ type: "worker", worker_id: "w" }, { type: "preview_worker", worker_id: "w" }, true, "previews of Worker w"],
    [{ type: "worker", worker_id: "w" }, { type: "all_preview_workers" }, false, "previews of Worker w"],
    [{ type: "worker", worker_id: "w" }, { type: "worker", worker_id: "v" }, false, undefined],
    [{ type: "worker", worker_id: "w" }, { uri: "w.example.com" }, false, undefined],
  ])("among Workers: %j, %j", (wide, narrow, isWide, example) => {
    expect(covers(at(wide), at(narrow))).toBe(isWide);
    expect(overlap(at(wide), at(narrow))).toBe(example);
  });
});

describe("the destinations that have something in common", () => {
  const told = ({ relation, wide, narrow, example }: Rivalry) =>
    `${wide.application["id"]} ${relation} ${narrow.application["id"]} at ${example}`;
  const app = (id: string, ...uris: readonly string[]) => ({ id, destinations: uris.map((text) => ({ uri: text })) });

  it("are told once for each two applications, the wider first", () => {
    const apps = [
      app("A", "a.example.com", "a.example.com/x"),
      app("B", "a.example.com/y"),
      app("C", "a.example.com/yes"),
      app("D", "*.example.com/y*"),
      app("E", "a.example.com/*"),
      app("F", "b.*.com"),
    ];
    expect(rivalsIn(apps).map(told).sort()).toEqual([
      "A covers B at a.example.com/y",
      "A covers C at a.example.com/yes",
      "A equal E at a.example.com",
      "D covers B at a.example.com/y",
      "D covers C at a.example.com/yes",
      "D crosses A at a.example.com/y",
      "D crosses E at a.example.com/y",
      "D crosses F at b.example.com/y",
      "E covers A at a.example.com/x",
      "E covers B at a.example.com/y",
      "E covers C at a.example.com/yes",
    ]);
  });

  it("are all that there are", () => {
    const next = numbers(5);
    const one = (items: readonly string[]) => items[Math.floor(next() * items.length)] ?? "";
    for (let run = 0; run < 200; run++) {
      const apps = Array.from({ length: 12 }, (_, id) =>
        app(
          String(id),
          `${one(["a", "*", "a*", "b", "*.a"])}.${one(["x", "*", "x*"])}.${one(["c", "*"])}${one(["", "/p", "/p*", "/*/q", "/p/q"])}`,
        ),
      );
      const pairs = apps.flatMap((first, place) => apps.slice(place + 1).map((second) => [first, second] as const));
      const expected = pairs.filter(([first, second]) => {
        const [[mine], [theirs]] = [placesIn(first), placesIn(second)];
        return mine !== undefined && theirs !== undefined && overlap(mine, theirs) !== undefined;
      });
      const key = (ids: readonly unknown[]) =>
        ids
          .map(Number)
          .sort((x, y) => x - y)
          .join();
      const found = rivalsIn(apps).map(({ wide, narrow }) => key([wide.application["id"], narrow.application["id"]]));
      expect(found.sort()).toEqual(expected.map(([first, second]) => key([first.id, second.id])).sort());
    }
  });
});
