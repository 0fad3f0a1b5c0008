const tokens = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/gs;

/** Whether an object anywhere in a JSON text, known to be valid, has a name twice: readers differ in which they take. */
export function hasTwins(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, text = "", colon] of json.matchAll(tokens)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      const names = open.at(-1);
      const name: string = JSON.parse(text);
      if (names?.has(name)) return true;
      names?.add(name);
    }
  }
  return false;
}
