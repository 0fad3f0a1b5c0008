import type { Members } from "../../../src/core/change.ts";
import { type Kind, list, open, set, staff } from "./kinds.ts";

const partners = { ...staff, id: "p5", name: "Partners" };
const block = {
  id: "p2",
  name: "Leavers",
  decision: "deny",
  include: [{ email: { email: "x@example.org" } }],
  precedence: 2,
};
const robots = {
  id: "p3",
  name: "Robots",
  decision: "non_identity",
  include: [{ service_token: { token_id: "t" } }],
  precedence: 3,
};

const policies = (...items: readonly Members[]) =>
  set({ policies: items.map((policy, place) => ({ ...policy, precedence: place + 1 })) });
const links = (...items: readonly Members[]) =>
  set({ policies: items.map(({ id }, place) => ({ id, precedence: place + 1 })) });
const some = (base: Members) => list(base["policies"]).length > 0;
const several = (base: Members) => list(base["policies"]).length > 1;
const allAllow = (base: Members) => list(base["policies"]).every(({ decision }) => decision === "allow");

/** Which policies an application has, and in which order. */
export const attachedKinds: readonly Kind[] = [
  {
    name: "a reusable policy more",
    label: "widen",
    code: "policy_added",
    edit: (base) => ({ ...base, policies: [...list(base["policies"]), { id: "unknown", precedence: 90 }] }),
  },
  {
    name: "an own policy more",
    label: "widen",
    code: "policy_added",
    edit: (base) => ({ ...base, policies: [...list(base["policies"]), { ...staff, precedence: 90 }] }),
  },
  {
    name: "everything open",
    label: "widen",
    code: "bypass",
    edit: (base) => ({ ...base, policies: [...list(base["policies"]), { ...open, precedence: 90 }] }),
  },
  {
    name: "a block more",
    label: "narrow",
    code: "block_raised",
    where: some,
    edit: (base) => ({ ...base, policies: [...list(base["policies"]), { ...block, precedence: 90 }] }),
  },
  { name: "no policy left", label: "narrow", code: "last_policy_removed", where: some, edit: set({ policies: [] }) },
  {
    name: "a policy less",
    label: "narrow",
    code: "policy_removed",
    where: (base) => several(base) && allAllow(base),
    edit: (base) => ({ ...base, policies: list(base["policies"]).slice(0, 1) }),
  },
  {
    name: "links for what was shown",
    label: "neutral",
    where: some,
    edit: (base) => ({ ...base, policies: list(base["policies"]).map(({ id, precedence }) => ({ id, precedence })) }),
  },
  {
    name: "ids for what was shown",
    label: "neutral",
    where: some,
    edit: (base) => ({ ...base, policies: list(base["policies"]).map(({ id }) => id) }),
  },
  { name: "policies not mentioned", label: "neutral", where: some, edit: set({ policies: undefined }) },
  { name: "a block gone", label: "widen", code: "block_lowered", from: policies(block, staff), edit: links(staff) },
  {
    name: "a block behind an allow",
    label: "widen",
    code: "block_lowered",
    from: policies(block, staff),
    edit: links(staff, block),
  },
  {
    name: "a block behind one of two",
    label: "widen",
    code: "block_lowered",
    from: policies(robots, block, staff),
    edit: links(robots, staff, block),
  },
  {
    name: "a block before an allow",
    label: "narrow",
    code: "block_raised",
    from: policies(staff, block),
    edit: links(block, staff),
  },
  {
    name: "a block behind a machine policy",
    label: "neutral",
    from: policies(block, robots),
    edit: links(robots, block),
  },
  { name: "machines before people", label: "neutral", from: policies(staff, robots), edit: links(robots, staff) },
  {
    name: "other precedences, same order",
    label: "neutral",
    from: policies(block, staff),
    edit: set({
      policies: [
        { id: "p2", precedence: 10 },
        { id: "p1", precedence: 20 },
      ],
    }),
  },
  {
    name: "order turned in the list alone",
    label: "neutral",
    from: policies(block, staff),
    edit: set({
      policies: [
        { id: "p1", precedence: 2 },
        { id: "p2", precedence: 1 },
      ],
    }),
  },
  {
    name: "only blocks left",
    label: "narrow",
    code: "last_policy_removed",
    from: policies(block, staff),
    edit: links(block),
  },
  {
    name: "one policy for another",
    label: "widen",
    code: "policy_added",
    from: policies(staff),
    edit: policies({ ...staff, id: "p9", name: "Partners" }),
  },
  {
    name: "an own policy sent without its id",
    label: "neutral",
    from: policies(staff),
    edit: set({ policies: [(({ id: _, ...rest }) => rest)(staff)] }),
  },
  {
    name: "an own policy without id, wider",
    label: "widen",
    code: "everyone",
    from: policies(staff),
    edit: set({ policies: [{ ...staff, id: undefined, include: [{ everyone: {} }] }] }),
  },
  {
    name: "an own policy made wider in place",
    label: "widen",
    code: "include_added",
    from: policies(block, staff),
    edit: policies(block, { ...staff, include: [...staff.include, { ip: { ip: "192.0.2.1" } }] }),
  },
  {
    name: "a policy without approval before one with it",
    label: "widen",
    code: "approval_off",
    from: policies({ ...staff, approval_required: true }, partners),
    edit: links(partners, staff),
  },
  {
    name: "a policy with approval before one without it",
    label: "narrow",
    from: policies(partners, { ...staff, approval_required: true }),
    edit: links(staff, partners),
  },
  {
    name: "two alike in another order",
    label: "neutral",
    from: policies(staff, partners),
    edit: links(partners, staff),
  },
];
