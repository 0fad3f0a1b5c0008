import { describe, expect, it } from "vitest";
import { globProblem, isMatch } from "../../src/pipeline/rules/glob.ts";
import type { Hours } from "../../src/pipeline/rules/hours.ts";
import { brokenRule, type OperatorRules } from "../../src/pipeline/rules/index.ts";
import { creates } from "../support/changes.ts";

const write = creates("create_tag", { name: "t" });
const at = (rules: OperatorRules, time: string) => brokenRule(rules, write, new Date(time));
const isAllowed = async (hours: Hours, time: string) => (await at({ hours: [hours] }, time)) === undefined;

const office: Hours = { days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:30" };
const night: Hours = { days: ["fri"], from: "22:00", to: "02:00" };

describe("hours", () => {
  // 2026-03-29 and 2026-10-25 are the changes to and from summer time in Europe, 2026-03-08 and 2026-11-01 in New York.
  it.each<[string, Hours, string, boolean]>([
    ["the first minute", { ...office, zone: "UTC" }, "2026-03-04T09:00:00Z", true],
    ["the minute before it", { ...office, zone: "UTC" }, "2026-03-04T08:59:59Z", false],
    ["the last minute", { ...office, zone: "UTC" }, "2026-03-04T17:29:59Z", true],
    ["the minute after it", { ...office, zone: "UTC" }, "2026-03-04T17:30:00Z", false],
    ["another day", { ...office, zone: "UTC" }, "2026-03-07T12:00:00Z", false],
    ["every day", { from: "00:00", to: "24:00", zone: "UTC" }, "2026-03-07T23:59:59Z", true],
    [
      "midnight of the next day",
      { days: ["sat"], from: "00:00", to: "24:00", zone: "UTC" },
      "2026-03-08T00:00:00Z",
      false,
    ],
    [
      "a zone where it is tomorrow",
      { days: ["thu"], from: "00:00", to: "24:00", zone: "Pacific/Auckland" },
      "2026-03-04T12:00:00Z",
      true,
    ],
    [
      "a zone where it is yesterday",
      { days: ["tue"], from: "00:00", to: "24:00", zone: "America/Los_Angeles" },
      "2026-03-04T05:00:00Z",
      true,
    ],
    ["a zone of half hours", { from: "12:00", to: "12:01", zone: "Asia/Kolkata" }, "2026-03-04T06:30:30Z", true],
    ["a zone of quarter hours", { from: "12:00", to: "12:01", zone: "Asia/Kathmandu" }, "2026-03-04T06:15:30Z", true],
    ["Berlin in winter", { ...office, zone: "Europe/Berlin" }, "2026-03-27T08:00:00Z", true],
    ["Berlin in winter, an hour early", { ...office, zone: "Europe/Berlin" }, "2026-03-27T07:00:00Z", false],
    ["Berlin in summer", { ...office, zone: "Europe/Berlin" }, "2026-03-30T07:00:00Z", true],
    ["Berlin in summer, at its end", { ...office, zone: "Europe/Berlin" }, "2026-03-30T15:30:00Z", false],
    ["New York before the change", { ...office, zone: "America/New_York" }, "2026-03-06T14:00:00Z", true],
    ["New York after the change", { ...office, zone: "America/New_York" }, "2026-03-09T13:00:00Z", true],
    [
      "New York before the change, an hour early",
      { ...office, zone: "America/New_York" },
      "2026-03-06T13:00:00Z",
      false,
    ],
    [
      "the night that skips an hour: before",
      { from: "01:30", to: "03:30", zone: "Europe/Berlin" },
      "2026-03-29T00:45:00Z",
      true,
    ],
    [
      "the night that skips an hour: after",
      { from: "01:30", to: "03:30", zone: "Europe/Berlin" },
      "2026-03-29T01:15:00Z",
      true,
    ],
    [
      "the night that skips an hour: over",
      { from: "01:30", to: "03:30", zone: "Europe/Berlin" },
      "2026-03-29T01:30:00Z",
      false,
    ],
    [
      "a window within the skipped hour never opens",
      { from: "02:00", to: "03:00", zone: "Europe/Berlin" },
      "2026-03-29T01:00:00Z",
      false,
    ],
    [
      "the hour that comes twice: first",
      { from: "02:00", to: "03:00", zone: "Europe/Berlin" },
      "2026-10-25T00:30:00Z",
      true,
    ],
    [
      "the hour that comes twice: again",
      { from: "02:00", to: "03:00", zone: "Europe/Berlin" },
      "2026-10-25T01:30:00Z",
      true,
    ],
    [
      "the hour that comes twice: over",
      { from: "02:00", to: "03:00", zone: "Europe/Berlin" },
      "2026-10-25T02:00:00Z",
      false,
    ],
    ["over midnight: before it", { ...night, zone: "UTC" }, "2026-03-06T23:00:00Z", true],
    ["over midnight: after it", { ...night, zone: "UTC" }, "2026-03-07T01:59:00Z", true],
    ["over midnight: ended", { ...night, zone: "UTC" }, "2026-03-07T02:00:00Z", false],
    ["over midnight: the morning of its own day", { ...night, zone: "UTC" }, "2026-03-06T01:00:00Z", false],
    ["over midnight: the evening after", { ...night, zone: "UTC" }, "2026-03-07T23:00:00Z", false],
    ["over midnight from sunday to monday", { ...night, days: ["sun"], zone: "UTC" }, "2026-03-09T01:00:00Z", true],
    ["over midnight in another zone", { ...night, zone: "America/New_York" }, "2026-03-07T06:30:00Z", true],
    [
      "over midnight through the change",
      { days: ["sat"], from: "22:00", to: "04:00", zone: "America/New_York" },
      "2026-03-08T07:30:00Z",
      true,
    ],
    [
      "over midnight through the change: ended",
      { days: ["sat"], from: "22:00", to: "04:00", zone: "America/New_York" },
      "2026-03-08T08:00:00Z",
      false,
    ],
    ["over midnight every day", { from: "22:00", to: "06:00", zone: "UTC" }, "2026-03-04T05:00:00Z", true],
    [
      "from midnight, past midnight",
      { days: ["mon"], from: "23:59", to: "00:00", zone: "UTC" },
      "2026-03-09T23:59:30Z",
      true,
    ],
  ])("%s", async (_, hours, time, allowed) => {
    expect(await isAllowed(hours, time)).toBe(allowed);
  });

  it("open as soon as one window does, each in its zone or that of the file", async () => {
    const rules: OperatorRules = {
      zone: "Europe/Berlin",
      hours: [office, { ...office, zone: "America/New_York", because: "somebody must watch" }],
    };
    expect(await at(rules, "2026-03-04T08:30:00Z")).toBeUndefined();
    expect(await at(rules, "2026-03-04T20:30:00Z")).toBeUndefined();
    expect(await at(rules, "2026-03-04T23:30:00Z")).toMatchObject({
      rule: "hours",
      why: "it is thu 00:30 (Europe/Berlin), and writes are allowed mon, tue, wed, thu, fri 09:00-17:30 Europe/Berlin; mon, tue, wed, thu, fri 09:00-17:30 America/New_York. The operator says: somebody must watch",
    });
  });

  it("are open for as many minutes of a week as they say, whatever the zone", async () => {
    for (const zone of ["UTC", "Asia/Tokyo", "America/St_Johns", "Pacific/Chatham"]) {
      let open = 0;
      for (let minute = 0; minute < 7 * 24 * 60; minute += 30) {
        const time = new Date(Date.UTC(2026, 5, 1) + minute * 60_000).toISOString();
        if (await isAllowed({ days: ["mon", "sun"], from: "20:00", to: "04:00", zone }, time)) open += 30;
      }
      expect(open, zone).toBe(2 * 8 * 60);
    }
  });
});

describe("freeze", () => {
  const freeze: OperatorRules = {
    zone: "Europe/Berlin",
    freeze: [
      { from: "2026-07-01", to: "2026-07-01", zone: "UTC" },
      { from: "2026-12-20", to: "2027-01-02", because: "year end" },
    ],
  };

  it.each([
    ["2026-12-19T22:59:59Z", undefined],
    ["2026-12-19T23:00:00Z", "freeze[1]"],
    ["2026-12-31T12:00:00Z", "freeze[1]"],
    ["2027-01-02T22:59:59Z", "freeze[1]"],
    ["2027-01-02T23:00:00Z", undefined],
    ["2026-06-30T23:59:59Z", undefined],
    ["2026-07-01T00:00:00Z", "freeze[0]"],
    ["2026-07-02T00:00:00Z", undefined],
  ])("%s: %s", async (time, rule) => {
    expect((await at(freeze, time))?.rule).toBe(rule);
  });

  it("says from when to when, and why", async () => {
    expect((await at(freeze, "2026-12-24T12:00:00Z"))?.why).toBe(
      "nothing is written from 2026-12-20 to 2027-01-02 (Europe/Berlin). The operator says: year end",
    );
  });
});

describe("globs", () => {
  it.each([
    ["abc", "abc", true],
    ["abc", "ABC", true],
    ["abc", "abcd", false],
    ["a*", "a", true],
    ["*c", "abc", true],
    ["a*c", "ac", true],
    ["a*c", "a", false],
    ["ab*ba", "aba", false],
    ["ab*ba", "abba", true],
    ["*b*", "abc", true],
    ["*b*b*", "abc", false],
    ["a*b*c", "a-b-b-c", true],
    ["*", "", true],
    ["a.c", "abc", false],
    [String.raw`a\*`, "a*", true],
    [String.raw`a\*`, "ab", false],
    [String.raw`a\\*`, String.raw`a\b`, true],
    ["prod*", "ｐｒｏｄ-x", true],
    ["break-glass*", "Break-Glass\nadmins", true],
  ])("%s and %j: %s", (glob, text, fits) => {
    expect(isMatch(glob, text)).toBe(fits);
  });

  it.each(["", " ", "a**", "a?", "[ab]", "{a,b}", "a\\", "a\u0000", "a".repeat(257)])("%j is refused", (glob) => {
    expect(globProblem(glob)).toMatch(/: /);
  });

  it.each(["a", "*", "a*b*c", String.raw`what\?`, String.raw`\[prod\] *`, "a b", "ä"])("%j is taken", (glob) => {
    expect(globProblem(glob)).toBeUndefined();
  });

  // With backtracking each of these would take longer than the universe has existed.
  it.each([
    [`${"a*".repeat(120)}b`, "a".repeat(100_000)],
    [`${"*a".repeat(120)}*b*`, `${"a".repeat(100_000)}c`],
    [`*${"a".repeat(200)}b*`, "a".repeat(100_000)],
    [`${"*ab".repeat(80)}*x`, "ab".repeat(50_000)],
  ])("%s ends", (glob, text) => {
    expect(isMatch(glob, text)).toBe(false);
  });

  it("do not hang in a reason that is made for it", async () => {
    const rules: OperatorRules = { require: { tickets: ["A#-#-#", "#_#", "-#"] } };
    for (const reason of ["1".repeat(200_000), "A1".repeat(100_000), "A-".repeat(100_000), "-".repeat(200_000)]) {
      expect((await brokenRule(rules, write, new Date(0), { reason }))?.rule).toBe("require.tickets");
    }
  });
});
