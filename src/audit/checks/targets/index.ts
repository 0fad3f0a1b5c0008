import type { Members } from "../../../core/change.ts";
import { counted } from "../../../simulator/answers.ts";
import { factorOf } from "../../../simulator/factor.ts";
import { membersOf } from "../../../simulator/fields.ts";
import { type Check, type Found, family } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";
import { applicationSubjects, policiesOn, policyFix, policySubject } from "../shared/attached.ts";
import { isWhole, lackOf } from "../shared/whole.ts";
import { reachedBy, reaching } from "./reach.ts";

/** UNIX users that policies of some applications let people be. */
const usernamesOf = (estate: Estate, applications: readonly Members[]): readonly unknown[] => [
  ...new Set(
    applications.flatMap((application) =>
      policiesOn(estate, application).flatMap(({ policy }) => {
        const { usernames } = membersOf(membersOf(policy["connection_rules"])["ssh"]);
        return Array.isArray(usernames) ? usernames : [];
      }),
    ),
  ),
];

/** Factors that people can use in SSH. */
const sshFactors = ["piv_key", "ssh_fido2_key"];

/** Policies by which people log in without a factor for SSH, unless something unknown asks for one. */
function* withoutFactor(estate: Estate, application: Members): Iterable<Found> {
  const mfa_config = { allowed_authenticators: sshFactors };
  const open = policiesOn(estate, application).flatMap(({ policy, isReusable }) => {
    const { asked, authenticators, from } = factorOf(application, estate.account, policy);
    const isStrong = authenticators.some((method) => sshFactors.includes(method));
    const isKnown = asked === false || authenticators.length > 0 || isWhole(estate, "organization");
    return asked !== false && isStrong ? [] : [{ policy, isReusable, from, certain: isKnown }];
  });
  for (const { policy, isReusable, certain } of open.filter(({ from }) => from === "policy")) {
    yield {
      subject: policySubject({ policy, isReusable }),
      says: "people log in to servers by it without a security key",
      field: "mfa_config",
      value: policy["mfa_config"],
      certain,
      related: applicationSubjects([application]),
      fix: policyFix({ policy, isReusable, applications: [application] }, { mfa_config }),
    };
  }
  const silent = open.filter(({ from }) => from !== "policy");
  if (silent.length === 0) return;
  yield {
    subject: subject("applications", application),
    says: `people log in to servers by ${counted(silent.length, "policy")} of it without a security key`,
    field: "mfa_config",
    value: application["mfa_config"],
    certain: silent.some(({ certain }) => certain),
    fix: { steps: [{ operation: "update_application", arguments: { app_id: application["id"], mfa_config } }] },
  };
}

const source =
  "https://developers.cloudflare.com/cloudflare-one/access-controls/applications/non-http/infrastructure-apps/";

const target = (facts: Members = {}): Members => ({
  id: "db-1",
  hostname: "db-1",
  tags: { environment: "production" },
  ...facts,
});
const production = { include: { tags: { environment: ["production"] } } };
const databases = { target_attributes: { hostname: ["db-1"] } };
const login = (...usernames: readonly string[]) => ({ connection_rules: { ssh: { usernames } } });
const application = (criterion: Members, facts: Members = {}): Members => ({
  id: "servers",
  name: "Servers",
  type: "infrastructure",
  target_criteria: [{ port: 22, protocol: "SSH", ...criterion }],
  policies: [{ id: "p", name: "Operators", decision: "allow", include: [], ...login("deploy") }],
  ...facts,
});
const withKey = { mfa_config: { allowed_authenticators: ["piv_key"] } };

const severalOrNone: Check = {
  id: "TGT-01",
  title: "Target that several applications reach, or none",
  severity: "medium",
  why: "Where several reach it, people may log in as any user that one of them grants; where none does, it is a leftover.",
  reads: ["targets", "applications"],
  also: ["policies"],
  *find(estate) {
    const index = estate.once(reaching);
    for (const item of estate.items("targets")) {
      const all = index.get(item) ?? [];
      if (all.length === 0 && isWhole(estate, "applications")) {
        yield {
          subject: subject("targets", item),
          says: "no application reaches it",
          fix: { steps: [{ operation: "delete_target", arguments: { target_id: item["id"] } }] },
        };
      }
      const ssh = all.filter(({ application }) => application["type"] === "infrastructure");
      for (const port of new Set(ssh.map((one) => one.port))) {
        const here = ssh.filter((one) => one.port === port);
        const applications = [...new Set(here.map((one) => one.application))];
        if (applications.length < 2) continue;
        const usernames = usernamesOf(estate, applications);
        yield {
          subject: subject("targets", item),
          says: `${applications.length} applications reach it by ${port} and together grant ${counted(usernames.length, "user")}`,
          value: usernames,
          mark: port,
          certain: here.every((one) => one.certain),
          related: applicationSubjects(applications),
          fix: {
            steps: [{ operation: "update_application", arguments: {} }],
            choose: { app_id: "of the application that shall not reach it", target_criteria: "criteria without it" },
          },
        };
      }
    }
  },
  remedy: "Let one application reach each target, and delete targets that nobody needs.",
  falsePositive: "Several teams on purpose, each with users of its own; a target that was just registered.",
  source,
  flagged: [
    {
      says: "two applications, one by tag and one by hostname",
      account: {
        targets: [target()],
        applications: [application(production), application(databases, { id: "databases", policies: [] })],
      },
    },
    {
      says: "none, since it is left out or its label differs",
      account: {
        targets: [target(), target({ id: "old", hostname: "old", tags: null })],
        applications: [
          application({ ...production, exclude: { target_attributes: { hostname: ["db-1"] } } }),
          application({ ...databases, require: { tags: { environment: ["staging"] } } }, { id: "databases" }),
        ],
      },
    },
  ],
  clean: [
    {
      says: "one each; another by another port or as a desktop",
      account: {
        targets: [target(), target({ id: "desk", hostname: "desk", tags: { role: "desk" } })],
        applications: [
          application(production),
          application({ ...databases, port: 2222 }, { id: "rescue" }),
          application({ include: { tags: { role: ["desk"] } } }, { id: "desk", type: "rdp" }),
        ],
      },
    },
    {
      says: "tags that are not shown, so nobody knows",
      account: { targets: [target({ tags: undefined })], applications: [application(production)] },
    },
  ],
};

const unguarded: Check = {
  id: "TGT-02",
  title: "Servers without a security key, or an application without servers",
  severity: "medium",
  why: "A stolen login session is enough for SSH; an application that reaches no target is of no use to anybody.",
  reads: ["applications"],
  also: ["targets", "organization", "policies"],
  lacks: lackOf("targets", "organization"),
  *find(estate) {
    const reached = estate.once(reachedBy);
    for (const item of estate.items("applications").filter(({ type }) => type === "infrastructure")) {
      yield* withoutFactor(estate, item);
      if (!isWhole(estate, "targets") || reached.has(item)) continue;
      yield {
        subject: subject("applications", item),
        says: "its criteria match no target",
        field: "target_criteria",
        value: item["target_criteria"],
        fix: {
          steps: [{ operation: "update_application", arguments: { app_id: item["id"] } }],
          choose: { target_criteria: "criteria that match targets of list_targets" },
        },
      };
    }
  },
  remedy: "Require piv_key or ssh_fido2_key on the application, and let its criteria match targets.",
  falsePositive: "Servers that ask for a second factor themselves; targets that are still to come.",
  source: "https://developers.cloudflare.com/cloudflare-one/access-controls/policies/mfa-requirements/",
  flagged: [
    { says: "nothing is asked for", account: { targets: [target()], applications: [application(production)] } },
    {
      says: "a policy turns it off, and the organization has other factors",
      account: {
        targets: [target()],
        organization: [{ mfa_required_for_all_apps: true, mfa_config: { allowed_authenticators: ["totp"] } }],
        applications: [
          application(production, {
            ...withKey,
            policies: [{ id: "p", decision: "allow", mfa_config: { mfa_disabled: true } }],
          }),
          application(production, { id: "others" }),
        ],
      },
    },
    { says: "no target", account: { applications: [application(production, withKey)] } },
  ],
  clean: [
    {
      says: "a security key by policy, application or organization",
      account: {
        targets: [target()],
        organization: [{ mfa_required_for_all_apps: true, mfa_config: { allowed_authenticators: ["ssh_fido2_key"] } }],
        applications: [
          application(production, { id: "one", policies: [{ id: "p", decision: "allow", ...withKey }] }),
          application(databases, { id: "two", ...withKey }),
          application(databases, { id: "three" }),
        ],
      },
    },
    {
      says: "tags are not shown",
      account: { targets: [target({ tags: undefined })], applications: [application(production, withKey)] },
    },
  ],
};

/** What may be wrong with targets: `TGT-01` and `TGT-02`. */
export default family(severalOrNone, unguarded);
