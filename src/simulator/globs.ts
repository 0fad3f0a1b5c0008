/** Stands for whatever a `*` stands for: no address has it. */
const anything = "\u0000";

/** Whether everything that a pattern means is meant by a wider one too; a plain text is a pattern that means itself. */
export function globCovers(wide: string, narrow: string): boolean {
  const text = narrow.replaceAll("*", anything);
  let [at, place, star, mark] = [0, 0, -1, 0];
  while (place < text.length) {
    if (wide[at] === "*") {
      [star, mark] = [at++, place];
    } else if (wide[at] === text[place]) {
      at++;
      place++;
    } else if (star < 0) return false;
    else [at, place] = [star + 1, ++mark];
  }
  return /^\**$/.test(wide.slice(at));
}

const arePlain = (one: string, other: string): boolean => !one.includes("*") && !other.includes("*");

/** A short text that two patterns mean, not ending in a slash; nothing when there is none. */
export function globsMeet(one: string, other: string): string | undefined {
  if (arePlain(one, other)) return one === other && !one.endsWith("/") ? one : undefined;
  const seen = new Set<string>();
  const open: { readonly at: number; readonly by: number; readonly text: string }[] = [{ at: 0, by: 0, text: "" }];
  for (const { at, by, text } of open) {
    const isDone = at === one.length && by === other.length;
    const mark = `${at} ${by} ${text.endsWith("/")}`;
    if (isDone && !text.endsWith("/")) return text;
    if (seen.has(mark)) continue;
    seen.add(mark);
    const [mine, theirs] = [one[at], other[by]];
    if (mine === "*") open.push({ at: at + 1, by, text });
    if (theirs === "*") open.push({ at, by: by + 1, text });
    if (mine === "*" && theirs === "*") open.push({ at, by, text: `${text}x` });
    else if (mine === "*" && theirs !== undefined) open.push({ at, by: by + 1, text: text + theirs });
    else if (theirs === "*" && mine !== undefined) open.push({ at: at + 1, by, text: text + mine });
    else if (mine === theirs && mine !== undefined) open.push({ at: at + 1, by: by + 1, text: text + mine });
  }
  return undefined;
}

/** A `*` alone stands for one whole label; with other characters it may stand for none of them. */
const labelCovers = (wide: string, narrow: string): boolean =>
  narrow === "*" ? wide === "*" : wide === "*" || globCovers(wide, narrow);

const sample = (label: string): string => (label === "*" ? "x" : label.replaceAll("*", ""));

const labelsMeet = (one: string, other: string): string | undefined =>
  one === "*" ? sample(other) : other === "*" ? sample(one) : globsMeet(one, other);

/** Whether a hostname pattern covers a hostname or a narrower pattern: a `*` never spans a dot. */
export function hostCovers(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  const star = wide.indexOf("*");
  if (star < 0 || !narrow.startsWith(wide.slice(0, star))) return false;
  const [labels, others] = [wide.split("."), narrow.split(".")];
  return labels.length === others.length && labels.every((label, at) => labelCovers(label, others[at] ?? ""));
}

/** A hostname that two patterns cover. */
export function hostsMeet(one: string, other: string): string | undefined {
  if (arePlain(one, other)) return one === other ? one : undefined;
  const [labels, others] = [one.split("."), other.split(".")];
  const met = labels.map((label, at) => labelsMeet(label, others[at] ?? ""));
  return labels.length === others.length && !met.includes(undefined) ? met.join(".") : undefined;
}

/** What a path pattern covers: itself and, as sub-paths inherit, everything below. */
const pathsOf = (path: string): readonly string[] => [path, `${path}/*`];

/** Whether a path pattern covers a path or a narrower pattern: a `*` may span slashes; no path ends in one, the root is empty. */
export const pathCovers = (wide: string, narrow: string): boolean =>
  wide === "" || pathsOf(narrow).every((path) => pathsOf(wide).some((one) => globCovers(one, path)));

const isBelow = (path: string, other: string): boolean => path === other || path.startsWith(`${other}/`);

/** A path that two patterns cover. */
export function pathsMeet(one: string, other: string): string | undefined {
  if (arePlain(one, other)) return isBelow(one, other) ? one : isBelow(other, one) ? other : undefined;
  for (const mine of pathsOf(one)) {
    for (const theirs of pathsOf(other)) {
      const text = globsMeet(mine, theirs);
      if (text !== undefined) return text;
    }
  }
  return undefined;
}
