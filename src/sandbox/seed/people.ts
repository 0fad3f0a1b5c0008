import type { Row } from "../store.ts";
import { mail, type Plot } from "./plot.ts";

const given =
  "Ada Amir Anouk Bastian Beatriz Caio Clara Dario Edith Elif Emil Farah Felix Greta Hana Hugo Ines Ivan Jonas June Kai Lara Leon Lucia Malik Mara Mateo Mina Nadia Nils Noor Omar Paula Priya Rafael Ravi Rosa Sami Selma Sofia Tariq Tessa Tomas Vera Viktor Wanda Yara Yusuf Zoe Zuri".split(
    " ",
  );
const family =
  "Abbott Achebe Almeida Anand Berg Brandt Castillo Chen Dahl Delgado Duarte Eriksen Farouk Ferreira Fischer Gallo Haddad Hoffman Ito Jansen Kaya Keller Kowalski Larsen Lindqvist Mbeki Menon Moreau Nakamura Novak Okafor Olsen Pereira Petrov Quist Rahman Rossi Santos Schmidt Silva Tanaka Ueda Vargas Visser Weber Yilmaz".split(
    " ",
  );

/** People whom groups and policies name. */
const named = ["Ines Okafor", "Tomas Lindqvist", "Yara Haddad", "Ravi Menon"];

const staff = 108;
const contractors = 12;
const countries = ["NL", "NL", "NL", "DE", "SE", "PT", "GB", "US"];

/** Somebody who uses the account, with what logs and sessions need to know. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly country: string;
  readonly ip: string;
  /** The identity provider of their logins. */
  readonly provider: "Okta" | "Entra ID" | "One-time PIN" | "Harbor SSO";
  /** Days since the last login; `undefined` for who never came. */
  readonly seen: number | undefined;
}

const address = (name: string, domain: string, copy: number) => {
  const local = name.toLowerCase().replace(" ", ".");
  return `${local}${copy === 0 ? "" : copy + 1}@${domain}`;
};

/** 120 people: most come every day, some have left without being removed, some never came. */
export function peopleOf(plot: Plot): readonly Person[] {
  const source = plot.random.fork("people");
  const names = new Set(named);
  while (names.size < staff + contractors) names.add(`${source.pick(given)} ${source.pick(family)}`);
  return [...names].map((name, index) => {
    const outside = index >= staff;
    const email = address(name, outside ? mail.contractor : mail.own, plot.copy);
    const luck = source.fraction();
    const seen = luck < 0.06 ? undefined : luck < 0.16 ? source.integer(95, 400) : source.integer(0, 60) / 10;
    return {
      id: plot.id("user", name),
      name: plot.name(name),
      email,
      country: source.pick(countries),
      ip: `203.0.113.${source.integer(1, 254)}`,
      provider: outside
        ? source.pick(["Harbor SSO", "One-time PIN"])
        : source.pick(["Okta", "Okta", "Okta", "Entra ID"]),
      seen: index < named.length ? 0.2 : seen,
    };
  });
}

const providerTypes = { Okta: "okta", "Entra ID": "azureAD", "One-time PIN": "onetimepin", "Harbor SSO": "saml" };

/** What the log calls an identity provider. */
export const connectionOf = ({ provider }: Person) => providerTypes[provider];

const seconds = (date: Date) => Math.floor(date.getTime() / 1000);

function identityOf(person: Person, plot: Plot, iat: number, onDevice: boolean): Row {
  const device = plot.id("device", person.email);
  return {
    user_uuid: person.id,
    account_id: plot.world.accountId,
    email: person.email,
    name: person.name,
    idp: { id: plot.sharedId("identity_provider", person.provider), type: connectionOf(person) },
    geo: { country: person.country },
    ip: person.ip,
    iat,
    amr: person.provider === "One-time PIN" ? ["otp"] : ["pwd", "mfa"],
    groups: [],
    auth_status: "NONE",
    common_name: "",
    service_token_id: "",
    service_token_status: false,
    mtls_auth: { auth_status: "NONE", cert_issuer_dn: "", cert_issuer_ski: "", cert_presented: false, cert_serial: "" },
    is_warp: onDevice,
    is_gateway: onDevice,
    ...(onDevice && {
      device_id: device,
      device_sessions: { [device]: { last_authenticated: iat } },
      devicePosture: {
        [plot.sharedId("posture_rule", "Disk encryption")]: {
          id: plot.sharedId("posture_rule", "Disk encryption"),
          rule_name: "Disk encryption",
          type: "disk_encryption",
          success: true,
          error: "",
          timestamp: new Date(iat * 1000).toISOString(),
        },
      },
    }),
    version: 2,
  };
}

/** Plants the people with their last identity, their open sessions and their failed logins. */
export function plantPeople(plot: Plot, people: readonly Person[]): void {
  const source = plot.random.fork("sessions");
  const applications = ["Wiki", "Metrics", "Order desk", "Expense claims"];
  for (const person of people) {
    const { id, name, email, seen } = person;
    // Whoever has been away for most of a year has given the laptop back; the seat was forgotten.
    const onDevice = source.chance(0.7) && (seen ?? 0) < 300;
    const age = source.integer(420, 830);
    plot.keep("access/users", id, {
      id,
      uid: id,
      seat_uid: plot.id("seat", email),
      name,
      email,
      access_seat: seen !== undefined,
      gateway_seat: seen !== undefined && onDevice,
      active_device_count: seen !== undefined && onDevice ? source.integer(1, 3) : 0,
      ...(seen !== undefined && { last_successful_login: plot.ago(seen) }),
      created_at: plot.ago(age),
      updated_at: plot.ago(seen ?? age),
    });
    if (seen === undefined) continue;
    const iat = seconds(plot.date(seen));
    plot.keep(`access/users/${id}`, "last_seen_identity", identityOf(person, plot, iat, onDevice));
    if (seen < 1) {
      const nonce = source.hex(16);
      const [ttl, expires] = [86_400, iat + 86_400];
      const apps = source.sample(applications, 2).map((title) => {
        const uid = plot.id("application", title);
        return [uid, { uid, name: plot.name(title), hostname: mail.own, type: "self_hosted" }] as const;
      });
      plot.keep(`access/users/${id}/active_sessions`, nonce, {
        name: nonce,
        expiration: expires,
        metadata: { nonce, iat, expires, ttl, apps: Object.fromEntries(apps) },
        ...identityOf(person, plot, iat, onDevice),
        isActive: true,
      });
    }
    if (source.chance(0.1)) {
      const failed = seconds(plot.date(seen + 0.1));
      plot.keep(`access/users/${id}/failed_logins`, String(failed), {
        expiration: failed + 30 * 86_400,
        metadata: {
          app_name: plot.name("Payroll"),
          aud: "",
          datetime: failed,
          ray_id: source.hex(16),
          user_email: email,
        },
      });
    }
  }
}
