/** What an answer shows for a character that people cannot see or that rearranges what they see: `⟦U+202E⟧`. */
export const unseenMark = /⟦U\+[0-9A-F]{4,6}⟧/;

const { raw } = String;

/**
 * Every character that is not shown as itself: controls but line feed and tab, format and bidirectional characters, all
 * that Unicode lets a screen ignore, lone surrogates, noncharacters, the whole of plane 14, line and paragraph
 * separators, and the blank Braille pattern.
 */
const unseen = raw`[[\p{Cc}\p{Cf}\p{Cs}\p{DI}\p{Bidi_C}\p{NChar}\u{E0000}-\u{EFFFF}\u2028\u2029\u2800]--[\n\t]]`;

const letter = raw`[\p{L}&&\P{DI}]`;
const sign = raw`[\p{M}&&\P{DI}]`;
const written = raw`[[\p{L}\p{M}]&&\P{DI}]`;
const scripts = (...names: readonly string[]) => `[${names.map((name) => raw`\p{sc=${name}}`).join("")}]`;

/** Scripts whose letters join, so that a non-joiner changes a word. */
const joining = `[${scripts("Arab", "Syrc", "Nkoo", "Adlm", "Mong")}&&${letter}]`;
const mongolian = `[${scripts("Mong")}&&${letter}]`;
/** Scripts whose signs form clusters with letters. */
const brahmic = scripts("Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda", "Mlym", "Sinh", "Khmr", "Mymr");
/** Their signs that take a letter's vowel away or stack letters (canonical combining class 9). */
const virama = raw`[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D3B\u0D3C\u0D4D\u0DCA\u1039\u103A\u17D2]`;
/** Scripts without spaces between words. */
const spaceless = `[${scripts("Thai", "Laoo", "Khmr", "Mymr")}&&${written}]`;
const pictograph = raw`\p{ExtPict}(?:[\uFE0E\uFE0F]|\p{EMod}\uFE0F?)?`;

/** Where such characters belong to what people write (UTS #51, RFC 5892 appendix A, the Unicode chapters of the scripts). */
const proven = [
  // England, Scotland and Wales have the only flags made of tags.
  raw`\u{1F3F4}\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}`,
  raw`${pictograph}(?:\u200D${pictograph}){0,3}`,
  raw`[0-9#*]\uFE0F\u20E3`,
  raw`\u200C(?<=${joining}${sign}{0,3}\u200C)(?=${joining})`,
  // The letter heh shows its initial form at the end of an abbreviation, its final form in older Kurdish.
  raw`[\u200C\u200D](?<=\u0647.)`,
  raw`[\u200C\u200D](?<=${written}${virama}.)`,
  raw`[\u200C\u200D](?<=[${brahmic}&&${written}].)(?=[${brahmic}&&${sign}])`,
  raw`\u200B(?<=${spaceless}.)(?=${spaceless})`,
  raw`[\u180B-\u180D\u180F](?<=${mongolian}.)|\u180E(?<=${mongolian}.)(?=${mongolian})`,
  // Number signs, verse ends and abbreviation marks stand before what they span.
  raw`[\u0600-\u0605\u06DD\u0890\u0891\u08E2](?=\p{Nd})|[\u{110BD}\u{110CD}](?=[\u0966-\u096F])`,
  raw`\u070F(?=[${scripts("Syrc")}&&${letter}])`,
  // The blank of Braille writing, next to a pattern with dots.
  raw`\u2800(?:(?<=[\u2801-\u28FF].)|(?=[\u2801-\u28FF]))`,
];

/** Anything but printable ASCII, line feeds, tabs, and the Latin, Cyrillic, Japanese, Chinese and Korean letters that need no second look. */
const notPlain =
  /[^\n\t -~\u00A0-\u00AC\u00AE-\u02FF\u0370-\u0482\u048A-\u0590\u3041-\u3096\u30A1-\u3163\u3400-\uA66E\uAC00-\uD7A3]/;
/** More combining marks on one letter than any language has pile up over the lines around it. */
const piled = /(?<=\p{M}{8})\p{M}/gu;
const suspect = new RegExp(raw`${unseen}|\p{M}{9}`, "v");
const rules = new RegExp(`${proven.join("|")}|(${unseen})`, "gv");

const marks = new Map<string, string>();

function markOf(character: string): string {
  const known = marks.get(character);
  if (known !== undefined) return known;
  const mark = `⟦U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟧`;
  marks.set(character, mark);
  return mark;
}

/** Whether a text may hold what has to be shown as a mark; quick, and mostly no. */
export const isSuspect = (text: string): boolean => notPlain.test(text) && suspect.test(text);

/**
 * The text with every unseen character outside of its proven place shown as a mark; `seen` is told of each. A text that
 * has none comes back as it is, and so does one that went through here before.
 */
export function revealed(text: string, seen?: () => void): string {
  if (!isSuspect(text)) return text;
  const mark = (character: string) => {
    seen?.();
    return markOf(character);
  };
  return text
    .replace(piled, mark)
    .replace(rules, (found: string, bad: string | undefined) => (bad === undefined ? found : mark(bad)));
}
