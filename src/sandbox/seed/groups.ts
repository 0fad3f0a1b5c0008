import type { Row } from "../store.ts";
import { neglectedGroups } from "./neglected.ts";
import { mail, type Plot, type Rules, rulesFor } from "./plot.ts";

/** A group with names in the place of ids. */
export interface GroupSeed {
  readonly name: string;
  readonly include: readonly Row[];
  readonly require?: readonly Row[];
  readonly exclude?: readonly Row[];
  readonly is_default?: boolean;
  /** Days since it was made. */
  readonly age: number;
}

const groups = (rule: Rules): readonly GroupSeed[] => [
  { name: "Employees", include: [rule.domain(mail.own)], is_default: true, age: 840 },
  { name: "Engineering", include: [rule.okta("engineering")], age: 838 },
  {
    name: "Platform team",
    include: [rule.okta("platform"), rule.email(`ines.okafor@${mail.own}`)],
    age: 610,
  },
  { name: "Data team", include: [rule.okta("data")], age: 512 },
  { name: "Finance", include: [rule.entra("finance")], require: [rule.method("mfa")], age: 800 },
  { name: "People and payroll", include: [rule.entra("people")], require: [rule.method("mfa")], age: 800 },
  { name: "Support", include: [rule.okta("support"), rule.email(`desk@${mail.own}`)], age: 700 },
  { name: "Sales", include: [rule.okta("sales")], age: 655 },
  {
    name: "Executives",
    include: [rule.email(`tomas.lindqvist@${mail.own}`), rule.email(`yara.haddad@${mail.own}`)],
    age: 830,
  },
  // The second address lacks a letter: this admin cannot get in.
  {
    name: "Administrators",
    include: [rule.email(`ines.okafor@${mail.own}`), rule.email("ravi.menon@quilon.example.com")],
    age: 835,
  },
  { name: "Security", include: [rule.okta("security")], age: 590 },
  { name: "On call", include: [rule.emailList("On-call engineers")], age: 301 },
  {
    name: "Contractors",
    include: [rule.domain(mail.contractor), rule.saml("department", "logistics")],
    exclude: [rule.emailList("Contractors who left")],
    age: 402,
  },
  { name: "Partner engineers", include: [rule.domain(mail.partner)], age: 266 },
  { name: "Auditors", include: [rule.email("m.duarte@audit.example.net")], age: 121 },
  { name: "Offices", include: [rule.ipList("Office networks"), rule.ip("198.51.100.0/27")], age: 700 },
  { name: "European staff", include: [rule.geo("NL"), rule.geo("DE"), rule.geo("SE"), rule.geo("PT")], age: 210 },
  { name: "Managed devices", include: [rule.posture("Disk encryption"), rule.posture("Device client")], age: 180 },
  // Nobody uses these two any more.
  { name: "Project Kestrel", include: [rule.email(`kestrel@${mail.own}`)], age: 495 },
  { name: "Old VPN users", include: [rule.domain(mail.own), rule.domain("quillon-old.example.com")], age: 839 },
  ...neglectedGroups(rule),
];

/** Twenty-four groups: the departments, some that cut across them, two that nobody uses and one with a misspelt address. */
export function plantGroups(plot: Plot): void {
  for (const { name, age, include, require = [], exclude = [], is_default } of groups(rulesFor(plot))) {
    const id = plot.id("group", name);
    plot.keep("access/groups", id, {
      id,
      name: plot.name(name),
      include,
      require,
      exclude,
      ...(is_default && { is_default }),
      created_at: plot.ago(age),
      updated_at: plot.ago(age / 3),
    });
  }
}
