type Fields = Record<string, unknown>;

/** Maps whose keys people or other systems choose: every key is right there. */
const openMap = /(?:^|\.)(?:tags|name_by_idp|target_attributes|apps|device_sessions|devicePosture)$/;

/**
 * Examples with a key that nobody knows, once for each object in them, and the place of that key: `include[0].stranger`.
 * Objects that differ in nothing that could choose another model get it once.
 */
export function* withStranger(examples: readonly Fields[]): Generator<readonly [place: string, changed: Fields]> {
  const seen = new Set<string>();
  for (const example of examples) {
    for (const [path, object, changed] of everyObject(example, "")) {
      const place = `${path}stranger`;
      const likeness = [example["type"], place.replace(/\d+/g, ""), JSON.stringify(object, ownTexts)].join();
      if (seen.has(likeness)) continue;
      seen.add(likeness);
      yield [place, changed({ ...object, stranger: 1 }) as Fields];
    }
  }
}

type Change = (object: Fields) => unknown;

/** Each object in a value: its path, itself, and how to have the value with another in its place. */
function* everyObject(value: unknown, path: string): Generator<readonly [string, Fields, Change]> {
  if (typeof value !== "object" || value === null) return;
  const prefix = path === "" ? "" : `${path}.`;
  const isArray = Array.isArray(value);
  if (!isArray && !openMap.test(path)) yield [prefix, value as Fields, (object) => object];
  for (const [key, child] of Object.entries(value)) {
    for (const [where, object, change] of everyObject(child, isArray ? `${path}[${key}]` : prefix + key)) {
      yield [
        where,
        object,
        (other) => (isArray ? value.with(Number(key), change(other)) : { ...value, [key]: change(other) }),
      ];
    }
  }
}

/** Keeps the keys and texts of an object, nothing of what is deeper. */
const ownTexts = (key: string, value: unknown) => (key === "" || typeof value === "string" ? value : 0);
