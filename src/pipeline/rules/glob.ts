/** Pieces between the stars of a glob, with `\` taken from before the characters it frees. */
function piecesOf(glob: string): readonly string[] {
  const pieces = [""];
  for (const [part] of glob.matchAll(/\\.|\*|[^\\*]+/gsu)) {
    if (part === "*") pieces.push("");
    else pieces[pieces.length - 1] += part.startsWith("\\") ? part.slice(1) : part;
  }
  return pieces.map(folded);
}

/** Names that look alike in upper and lower case or in another width are the same to a rule. */
const folded = (text: string): string => text.normalize("NFKC").toLowerCase();

/** Whether a whole text fits a glob, in which `*` stands for any characters. Walks forward only, whatever the glob. */
export function isMatch(glob: string, given: string): boolean {
  const text = folded(given);
  const [first = "", ...middle] = piecesOf(glob);
  const last = middle.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of middle) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** What to write instead of a glob that would not mean what it seems to; `undefined` for a good one. */
export function globProblem(glob: string): string | undefined {
  if (glob.trim() === "") return "empty, so it would match nothing: write a name, or * for every one";
  if (glob.length > 256) return "longer than 256 characters: shorten it with *";
  if (/\p{Cc}/u.test(glob)) return "holds a control character: take it out";
  if (/(?<!\\)(?:\\\\)*\\$/.test(glob)) return String.raw`ends in a lone \: write \\ for the character itself`;
  const bare = glob.replaceAll(/\\./gsu, "");
  if (bare.includes("**")) return "** means no more than *: write *";
  const special = /[?[\]{}]/.exec(bare)?.[0];
  if (special === undefined) return undefined;
  return `only * is a wildcard: write one entry for each alternative, or \\${special} for the character itself`;
}
