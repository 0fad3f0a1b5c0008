/** Members that are secrets wherever they turn up, declared or not: answers keep fields that no model knows yet. */
const alwaysSecret = new Set(["client_secret", "private_key", "password", "auth_credentials"]);

/** Whether a value is what this server or Cloudflare shows in place of a secret. */
export const isConcealed = (value: unknown): boolean =>
  typeof value === "string" && /^(?:\[secret\b.*\]|\[redacted\]|\*{3,})$/i.test(value);

const isSecret = (path: string, key: string, declared: ReadonlySet<string>) =>
  declared.has(path) || alwaysSecret.has(key);

/** The secrets in a value by dotted path; arrays on the way are entered and not counted. */
export function secretsIn(value: unknown, declared: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const visit = (inner: unknown, path: string, key: string): void => {
    if (typeof inner === "string") {
      if (inner !== "" && isSecret(path, key, declared)) found.set(path, [...(found.get(path) ?? []), inner]);
    } else if (Array.isArray(inner)) for (const item of inner) visit(item, path, key);
    else if (typeof inner === "object" && inner !== null) {
      for (const [name, member] of Object.entries(inner)) visit(member, path === "" ? name : `${path}.${name}`, name);
    }
  };
  visit(value, "", "");
  return found;
}

/** A copy of `value` in which `shown` says what stands for each secret; `undefined` leaves it as it is. */
export function replaced<Value>(
  value: Value,
  declared: ReadonlySet<string>,
  shown: (secret: string) => string | undefined,
): Value {
  const visit = (inner: unknown, path: string, key: string): unknown => {
    if (typeof inner === "string") return isSecret(path, key, declared) ? (shown(inner) ?? inner) : inner;
    if (Array.isArray(inner)) return inner.map((item) => visit(item, path, key));
    if (typeof inner !== "object" || inner === null) return inner;
    return Object.fromEntries(
      Object.entries(inner).map(([name, member]) => [
        name,
        visit(member, path === "" ? name : `${path}.${name}`, name),
      ]),
    );
  };
  return visit(value, "", "") as Value;
}

/** A copy that can be shown and written down: a mask stands for every secret. */
export const masked = <Value>(value: Value, secrets: readonly string[] = []): Value =>
  replaced(value, new Set(secrets), (secret) => (secret === "" || isConcealed(secret) ? undefined : "[secret]"));
