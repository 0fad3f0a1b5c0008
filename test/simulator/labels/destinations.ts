import type { Members } from "../../../src/core/change.ts";
import { bothWays, browser, isOf, type Kind, list, set, staff } from "./kinds.ts";

const at = (...uris: readonly string[]) => ({
  domain: uris[0],
  self_hosted_domains: uris,
  destinations: uris.map((uri) => ({ type: "public", uri })),
  policies: [staff],
});
const stale = (...uris: readonly string[]) => set({ destinations: uris.map((uri) => ({ uri })) });
const override = { path_pattern: "/health", behavior: "public" };

/** What applications protect. */
export const addressKinds: readonly Kind[] = [
  {
    name: "an address less, others as they were",
    label: "widen",
    code: "unprotected",
    where: isOf("self_hosted"),
    from: set(at("a.example.org", "b.example.org")),
    edit: stale("a.example.org"),
  },
  {
    name: "the main address less",
    label: "widen",
    code: "unprotected",
    where: isOf("self_hosted"),
    from: set(at("a.example.org", "b.example.org")),
    edit: stale("b.example.org"),
  },
  {
    name: "an address less, only destinations sent",
    label: "widen",
    code: "unprotected",
    where: isOf("self_hosted"),
    from: set(at("a.example.org", "b.example.org")),
    edit: set({ ...at("a.example.org"), domain: undefined, self_hosted_domains: undefined }),
  },
  {
    name: "another domain",
    label: "widen",
    code: "unprotected",
    where: isOf("self_hosted", "ssh", "vnc"),
    edit: set({ domain: "moved.example.org", self_hosted_domains: undefined, destinations: undefined }),
  },
  {
    name: "a path instead of the host",
    label: "widen",
    code: "unprotected",
    where: isOf("self_hosted"),
    from: set(at("a.example.org")),
    edit: set(at("a.example.org/admin")),
  },
  {
    name: "an address more",
    label: "widen",
    code: "address_added",
    where: isOf("self_hosted"),
    from: set(at("a.example.org")),
    edit: set(at("a.example.org", "pay.example.org/reports")),
  },
  {
    name: "an address more, nobody let in",
    label: "narrow",
    code: "protected",
    where: isOf("self_hosted"),
    from: set({ ...at("a.example.org"), policies: [] }),
    edit: set({ ...at("a.example.org", "b.example.org"), policies: [] }),
  },
  {
    name: "a path that was covered",
    label: "neutral",
    where: isOf("self_hosted"),
    from: set(at("a.example.org")),
    edit: set(at("a.example.org", "a.example.org/admin")),
  },
  {
    name: "an address written otherwise",
    label: "neutral",
    where: isOf("self_hosted"),
    from: set(at("a.example.org")),
    edit: set(at("A.example.org/*")),
  },
  {
    name: "what is below a path, not the path",
    label: "widen",
    code: "unprotected",
    where: isOf("self_hosted"),
    from: set(at("a.example.org/admin")),
    edit: set(at("a.example.org/admin/*")),
  },
  {
    name: "only destinations sent",
    label: "neutral",
    where: browser,
    edit: set({ domain: undefined, self_hosted_domains: undefined }),
  },
  {
    name: "an open path",
    label: "widen",
    code: "public_path",
    where: isOf("self_hosted"),
    from: set(at("a.example.org")),
    edit: set({ destinations: [{ type: "public", uri: "a.example.org", overrides: [override] }] }),
  },
  {
    name: "no open path",
    label: "narrow",
    where: isOf("self_hosted"),
    from: set({ ...at("a.example.org"), destinations: [{ uri: "a.example.org", overrides: [override] }] }),
    edit: set(at("a.example.org")),
  },
  {
    name: "another network",
    label: "widen",
    code: "unprotected",
    where: isOf("self_hosted"),
    from: set({
      destinations: [{ type: "private", cidr: "10.0.0.0/24" }],
      domain: undefined,
      self_hosted_domains: undefined,
    }),
    edit: set({ destinations: [{ type: "private", cidr: "10.0.1.0/24" }] }),
  },
  {
    name: "a Worker less",
    label: "widen",
    code: "unprotected",
    where: isOf("self_hosted"),
    from: set({
      destinations: [{ type: "worker", worker_id: "w" }, { type: "all_preview_workers" }],
      domain: undefined,
      self_hosted_domains: undefined,
    }),
    edit: set({ destinations: [{ type: "worker", worker_id: "w" }] }),
  },
];

const tagged = (...values: readonly string[]) => ({
  target_criteria: [{ protocol: "SSH", port: 22, include: { tags: { environment: values } } }],
});
const conditions = (more: Members) => ({
  target_criteria: [{ protocol: "SSH", port: 22, include: { tags: { role: ["web"] } }, ...more }],
});
const named = (...hostname: readonly string[]) => ({
  target_criteria: [{ protocol: "SSH", port: 22, target_attributes: { hostname } }],
});
const infrastructure = isOf("infrastructure");

/** Which machines applications reach. */
export const machineKinds: readonly Kind[] = [
  ...bothWays("machines", tagged("staging"), tagged("staging", "production"), "targets_added", infrastructure),
  ...bothWays("names", named("db-1"), named("db-1", "db-2"), "targets_added", infrastructure),
  ...bothWays(
    "a condition",
    conditions({ require: { tags: { environment: ["staging"] } } }),
    conditions({}),
    "targets_added",
    infrastructure,
  ),
  ...bothWays(
    "a laxer condition",
    conditions({ require: { tags: { environment: ["staging"] } } }),
    conditions({ require: { tags: { environment: ["staging", "tools"] } } }),
    "targets_added",
    infrastructure,
  ),
  ...bothWays(
    "what is left out",
    conditions({ exclude: { tags: { environment: ["production"] } } }),
    conditions({}),
    "targets_added",
    infrastructure,
  ),
  {
    name: "another port",
    label: "widen",
    code: "targets_added",
    where: infrastructure,
    edit: (base) => ({
      ...base,
      target_criteria: [
        ...list(base["target_criteria"]),
        { protocol: "SSH", port: 2222, include: { tags: { role: ["web"] } } },
      ],
    }),
  },
  {
    name: "the newer form",
    label: "neutral",
    where: infrastructure,
    from: set(named("db-1")),
    edit: set({
      target_criteria: [{ protocol: "SSH", port: 22, include: { target_attributes: { hostname: ["db-1"] } } }],
    }),
  },
];
