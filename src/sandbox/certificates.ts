import { createECDH, createHash, createPrivateKey, createPublicKey, sign, X509Certificate } from "node:crypto";

/** A certificate authority made out of 32 bytes: the same bytes make the same certificate. */
export interface CertificateSubject {
  readonly commonName: string;
  /** 32 bytes that become the private key. */
  readonly secret: Buffer;
  /** 16 bytes. */
  readonly serial: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
};
const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const ed25519 = sequence(Buffer.from("06032b6570", "hex"));
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** RFC 5280: years up to 2049 as UTCTime, later ones as GeneralizedTime. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, "").slice(0, 14);
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : der(0x18, Buffer.from(`${digits}Z`));
}

/** A self-signed X.509 certificate over Ed25519, in PEM. */
export function selfSigned({ commonName, secret, serial, notBefore, notAfter }: CertificateSubject): string {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, secret]), format: "der", type: "pkcs8" });
  const name = sequence(der(0x31, sequence(Buffer.from("0603550403", "hex"), der(0x0c, Buffer.from(commonName)))));
  const positive = Buffer.concat([Buffer.of((serial[0] ?? 0) & 0x7f || 1), serial.subarray(1)]);
  const body = sequence(
    der(0xa0, Buffer.from("020102", "hex")),
    der(0x02, positive),
    ed25519,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    createPublicKey(key).export({ format: "der", type: "spki" }),
  );
  const certificate = sequence(body, ed25519, der(0x03, Buffer.of(0), sign(null, body, key)));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** What Access keeps of a certificate it is given: when it ends and its MD5 fingerprint; `undefined` when it is none. */
export function readCertificate(pem: string): { expires_on: string; fingerprint: string } | undefined {
  try {
    const { validTo, raw } = new X509Certificate(pem);
    return { expires_on: new Date(validTo).toISOString(), fingerprint: createHash("md5").update(raw).digest("hex") };
  } catch {
    return undefined;
  }
}

/** The public half of an SSH authority as `sshd` reads it, made out of 32 bytes. */
export function sshPublicKey(secret: Buffer): string {
  const curve = createECDH("prime256v1");
  // A private key of the curve lies below its order: a zero in front makes sure of that.
  curve.setPrivateKey(Buffer.concat([Buffer.of(0), secret.subarray(1, 31), Buffer.of(1)]));
  const field = (content: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, content.length]), content]);
  const parts = [Buffer.from("ecdsa-sha2-nistp256"), Buffer.from("nistp256"), curve.getPublicKey()];
  return `ecdsa-sha2-nistp256 ${Buffer.concat(parts.map(field)).toString("base64")} open-ssh-ca@cloudflareaccess.org`;
}
