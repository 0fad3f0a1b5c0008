/** Masks secrets in text, however they were encoded on the way; secrets under 8 characters are ignored. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.filter((secret) => secret.length >= 8).flatMap(formsOf))];
  // Longer forms first, so that a whole is masked before its part.
  forms.sort((a, b) => b.length - a.length);
  return (text) =>
    forms.reduce((left, form) => (left.includes(form) ? left.replaceAll(form, "[redacted]") : left), text);
}

/** Raw, JSON-escaped, percent-encoded, hexadecimal, base64, base64url, and the readable ones backwards. */
function formsOf(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const percent = encodeURIComponent(secret);
  const readable = [secret, json, json.replaceAll("/", "\\/")];
  const base64 = [0, 1, 2].map((shift) => base64At(bytes, shift));
  return [
    ...readable,
    ...readable.map((text) => Array.from(text).reverse().join("")),
    percent,
    percent.replaceAll(/%../g, (byte) => byte.toLowerCase()),
    ...bothCases(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))).flatMap((digits) => [
      digits.join(""),
      `%${digits.join("%")}`,
    ]),
    ...bothCases(secret.split("").map((unit) => unit.charCodeAt(0).toString(16).padStart(4, "0"))).map(
      (digits) => `\\u${digits.join("\\u")}`,
    ),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

const bothCases = (digits: string[]) => [digits, digits.map((digit) => digit.toUpperCase())];

/** The base64 digits that `bytes` alone decide when they stand `shift` bytes into a longer text. */
function base64At(bytes: Uint8Array, shift: number): string {
  const digits = btoa(String.fromCharCode(...new Uint8Array(shift), ...bytes));
  return digits.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
}
