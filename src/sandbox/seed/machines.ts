import { readCertificate, selfSigned, sshPublicKey } from "../certificates.ts";
import { milliseconds } from "../quirks/service-tokens.ts";
import { mail, type Plot } from "./plot.ts";

/** Name, lifetime, days since it was made, days since it was last seen (`undefined`: never), and whether it works. */
type TokenSeed = readonly [name: string, duration: string, age: number, seen: number | undefined, enabled?: boolean];

const tokens: readonly TokenSeed[] = [
  ["ci-deploy", "8760h", 201, 0.1],
  ["ci-release", "8760h", 355, 1.4],
  ["metrics-scraper", "8760h", 120, 0.02],
  ["backup-runner", "forever", 640, 0.6],
  ["shipment-api-partner", "8760h", 88, 2.3],
  ["warehouse-label-printer", "17520h", 410, 0.3],
  // Nobody has used these for a long time.
  ["kestrel-prototype", "forever", 493, 371],
  ["old-intranet-crawler", "17520h", 600, 244],
  // Never used at all.
  ["terraform", "8760h", 77, undefined],
  ["demo-for-sales", "8760h", 29, undefined],
  ["audit-export", "8760h", 140, undefined],
  // Past their end.
  ["ci-legacy", "8760h", 512, 149],
  ["chat-bridge", "8760h", 402, 60],
  // Turned off.
  ["partner-sandbox", "8760h", 230, 190, false],
  ["load-test", "forever", 310, 95, false],
];

/** Fifteen service tokens: in use, forgotten, never used, expired and turned off. */
export function plantTokens(plot: Plot): void {
  for (const [name, duration, age, seen, enabled = true] of tokens) {
    const id = plot.id("service_token", name);
    const expires_at = new Date(plot.date(age).getTime() + milliseconds(duration)).toISOString();
    plot.keep("access/service_tokens", id, {
      id,
      name: plot.name(name),
      client_id: `${plot.random.fork(`client/${name}`).hex(32)}.access`,
      duration,
      enabled,
      client_secret_version: 1,
      ...(duration !== "forever" && { expires_at }),
      ...(seen !== undefined && { last_seen_at: plot.ago(seen) }),
      created_at: plot.ago(age),
      updated_at: plot.ago(age),
      // It was rotated, and the secret before stays good for nearly a month.
      ...(name === "metrics-scraper" && {
        client_secret_version: 2,
        previous_client_secret_expires_at: plot.ago(-25),
      }),
    });
  }
}

/** Name, the days it began ago and ends ahead, and the hosts that ask for it. */
const authorities = [
  { name: "Device authority", began: 400, ends: 1500, hosts: ["payroll", "reports"] },
  { name: "Scanner authority", began: 353, ends: 12, hosts: ["scanners"] },
  // Past its end, and still asked for.
  { name: "Partner authority of last year", began: 395, ends: -30, hosts: ["api"] },
  { name: "Unused authority", began: 90, ends: 3560, hosts: [] },
] as const;

/** Four client certificate authorities; one ends soon, one has ended. */
export function plantCertificates(plot: Plot): void {
  for (const { name, began, ends, hosts } of authorities) {
    const id = plot.id("mtls_certificate", name);
    const source = plot.random.fork(`mtls/${name}`);
    const pem = selfSigned({
      commonName: `Quillon ${name}`,
      secret: source.bytes(32),
      serial: source.bytes(16),
      notBefore: plot.date(began),
      notAfter: plot.date(-ends),
    });
    plot.keep("access/certificates", id, {
      id,
      name: plot.name(name),
      associated_hostnames: hosts.map((host) => `${plot.slug(host)}.${mail.own}`),
      ...readCertificate(pem),
      created_at: plot.ago(began),
      updated_at: plot.ago(began / 2),
    });
  }
  const hostname = `${plot.slug("scanners")}.${mail.own}`;
  plot.keep("access/certificates/settings", hostname, {
    hostname,
    client_certificate_forwarding: true,
    china_network: false,
  });
}

/** The SSH authority of the infrastructure applications, and an older one that still signs nothing. */
export function plantSshAuthorities(plot: Plot): void {
  for (const name of ["present", "older"]) {
    const id = plot.id("ssh_ca", name);
    plot.keep("access/gateway_ca", id, { id, public_key: sshPublicKey(plot.random.fork(`ssh/${name}`).bytes(32)) });
  }
}

/** Hostname, environment (none: nobody labelled it), role, and the last parts of its address. */
const machines: readonly (readonly [string, string | undefined, string, string])[] = [
  ["web-01", "production", "web", "1.11"],
  ["web-02", "production", "web", "1.12"],
  ["web-03", "production", "web", "1.13"],
  ["worker-01", "production", "worker", "1.21"],
  ["worker-02", "production", "worker", "1.22"],
  ["db-primary", "production", "database", "2.10"],
  ["db-replica", "production", "database", "2.11"],
  ["db-replica", "production", "database", "2.12"],
  ["queue-01", "production", "queue", "2.30"],
  ["cache-01", "production", "cache", "2.40"],
  ["build-01", "tools", "build", "3.10"],
  ["build-02", "tools", "build", "3.11"],
  ["git-01", "tools", "git", "3.20"],
  ["metrics-01", "tools", "monitoring", "3.30"],
  ["backup-01", "tools", "backup", "3.40"],
  ["web-staging", "staging", "web", "4.11"],
  ["worker-staging", "staging", "worker", "4.21"],
  ["db-staging", "staging", "database", "4.10"],
  ["scanner-gateway-rotterdam", "warehouse", "gateway", "8.10"],
  ["scanner-gateway-porto", "warehouse", "gateway", "9.10"],
  ["accounting-desktop", "office", "workstation", "6.50"],
  ["cad-workstation", "office", "workstation", "6.60"],
  ["router-core", "network", "router", "0.1"],
  // Nobody labelled these: no application finds them.
  ["kestrel-test", undefined, "unknown", "5.99"],
  ["old-ftp", undefined, "unknown", "5.20"],
];

/** Twenty-five machines, two of them under one name, two without labels, some reachable by IPv6. */
export function plantTargets(plot: Plot): void {
  const virtual_network_id = plot.sharedId("network", "default");
  for (const [index, [hostname, environment, role, tail]] of machines.entries()) {
    const id = plot.id("target", `${hostname}/${tail}`);
    const ipv6 = { ip_addr: `2001:db8:20::${(index + 1).toString(16)}`, virtual_network_id };
    plot.keep("infrastructure/targets", id, {
      id,
      hostname: plot.slug(hostname),
      ip: {
        ipv4: { ip_addr: `10.${20 + (plot.copy % 200)}.${tail}`, virtual_network_id },
        ...(index % 4 === 0 && { ipv6 }),
      },
      tags: environment === undefined ? {} : { environment, role },
      created_at: plot.ago(500 - 9 * index),
      modified_at: plot.ago(100 - 3 * index),
    });
  }
}
