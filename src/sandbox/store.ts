/** One object of the pretend account, as plain JSON. */
export type Row = Record<string, unknown>;

/**
 * The state of the pretend Cloudflare: collections of rows. A collection is named by its path
 * (`accounts/ID/access/groups`), a row by its id within it, so that the objects of an account, of a zone and of
 * a parent object never mix. Rows leave only as serialized answers, which is what keeps callers from changing them.
 */
export class Store {
  readonly #collections = new Map<string, Map<string, Row>>();

  /** The rows of a collection, oldest first. */
  rows(collection: string): Row[] {
    return [...(this.#collections.get(collection)?.values() ?? [])];
  }

  find(collection: string, id: string): Row | undefined {
    return this.#collections.get(collection)?.get(id);
  }

  /** Stores a copy under this id, in the place of an older row when there is one. */
  keep(collection: string, id: string, row: Row): Row {
    const copy = structuredClone(row);
    const rows = this.#collections.get(collection) ?? new Map<string, Row>();
    this.#collections.set(collection, rows.set(id, copy));
    return copy;
  }

  /** Forgets a row and everything below it. */
  remove(collection: string, id: string): void {
    this.#collections.get(collection)?.delete(id);
    for (const path of this.#collections.keys()) {
      if (`${path}/`.startsWith(`${collection}/${id}/`)) this.#collections.delete(path);
    }
  }

  /** Everything there is, by collection; a copy. */
  snapshot(): Record<string, Record<string, Row>> {
    return structuredClone(
      Object.fromEntries([...this.#collections].map(([path, rows]) => [path, Object.fromEntries(rows)])),
    );
  }
}

/** A text, or the empty one for anything else. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** A list of rows, or none. */
export const rowsOf = (value: unknown): Row[] => (Array.isArray(value) ? (value as Row[]) : []);

/** A row, or an empty one. */
export const rowOf = (value: unknown): Row =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : {};
