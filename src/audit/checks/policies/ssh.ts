import type { Members } from "../../../core/change.ts";
import { membersOf } from "../../../simulator/fields.ts";
import { family } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { policyFix, type Standing } from "../shared/attached.ts";
import { branchesOf, ensuredIn } from "../shared/closure.ts";
import { asksFactor } from "../shared/factors.ts";
import { isSecondFactor } from "./kinds.ts";
import { about, policiesThat } from "./told.ts";

/** UNIX users who are, or may become without a password, the master of a machine: those of common images too. */
const masters = new Set(
  [
    "root",
    "toor",
    "admin",
    "administrator",
    "ubuntu",
    "debian",
    "fedora",
    "centos",
    "rocky",
    "almalinux",
    "ec2-user",
  ].concat(["azureuser", "opc", "core", "bitnami", "vagrant", "pi"]),
);

const asksMore = (estate: Estate, { policy, applications }: Standing): boolean =>
  ensuredIn(estate, policy, isSecondFactor) === true ||
  (applications.length > 0 && applications.every((application) => asksFactor(estate, application, policy) === true));

const staff = { email_domain: { domain: "example.com" } };
const machines = (ssh: Members, more: Members = {}): Members => ({
  id: "machines",
  type: "infrastructure",
  policies: [{ id: "p", name: "SSH", decision: "allow", include: [staff], connection_rules: { ssh }, ...more }],
});

/** As whom people come onto machines: `POL-26`. */
export default family({
  id: "POL-26",
  title: "SSH as root or under a free name",
  severity: "high",
  why: "Access signs a certificate for the master of the machine, or for whatever name stands before the @ of an address.",
  reads: ["policies", "applications"],
  also: ["groups", "organization"],
  *find(estate) {
    for (const standing of policiesThat(estate, "allow")) {
      const { policy } = standing;
      const rules = membersOf(policy["connection_rules"]);
      const ssh = membersOf(rules["ssh"]);
      if (rules["ssh"] === undefined) continue;
      const weight = asksMore(estate, standing) && ({ severity: "medium" } as const);
      const changed = (changes: Members): Members => ({ connection_rules: { ...rules, ssh: { ...ssh, ...changes } } });
      const names: readonly unknown[] = Array.isArray(ssh["usernames"]) ? ssh["usernames"] : [];
      const others = names.filter((name) => !masters.has(String(name)));
      if (others.length < names.length) {
        yield about(standing, {
          says: `${names.length - others.length} of its UNIX users are masters of the machine`,
          field: "connection_rules.ssh.usernames",
          value: names,
          ...weight,
          fix:
            others.length > 0
              ? policyFix(standing, changed({ usernames: others }))
              : policyFix(standing, {}, { connection_rules: "the UNIX users that are needed, none of them a master" }),
        });
      }
      const wide = branchesOf(estate, policy, ["everyone", "email_domain"]);
      if (ssh["allow_email_alias"] === true && wide.length > 0) {
        yield about(standing, {
          says: "whoever has an address there comes in under any UNIX user of the same name",
          field: "connection_rules.ssh.allow_email_alias",
          value: true,
          ...weight,
          fix: policyFix(standing, changed({ usernames: names, allow_email_alias: false })),
        });
      }
    }
  },
  remedy: "Let people in as users of their own without rights, and have them ask for more on the machine.",
  falsePositive: "A policy for emergencies; where a second factor is asked for it counts less.",
  source: "https://developers.cloudflare.com/cloudflare-one/access-controls/applications/non-http/infrastructure-apps/",
  flagged: [
    { says: "root among others", account: { applications: [machines({ usernames: ["deploy", "root"] })] } },
    {
      says: "only root, with a second factor, which counts less",
      account: {
        applications: [machines({ usernames: ["root"] }, { require: [{ auth_method: { auth_method: "hwk" } }] })],
      },
    },
    {
      says: "any name of a whole domain",
      account: { applications: [machines({ usernames: [], allow_email_alias: true })] },
    },
  ],
  clean: [
    { says: "a user of its own", account: { applications: [machines({ usernames: ["deploy"] })] } },
    {
      says: "the names of two people",
      account: {
        applications: [
          machines({ usernames: [], allow_email_alias: true }, { include: [{ email: { email: "ada@example.com" } }] }),
        ],
      },
    },
  ],
});
