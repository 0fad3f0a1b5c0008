/** Numbers, choices and ids that are the same for the same seed and label. */
export interface Random {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** A whole number, both ends included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** Several different ones, in the order of the choices. */
  sample<T>(choices: readonly T[], count: number): T[];
  hex(digits: number): string;
  bytes(count: number): Buffer;
  /** Shaped like a version 4 UUID. */
  uuid(): string;
  /** An independent stream: what one part of a seed draws never shifts another part. */
  fork(label: string): Random;
}

/** Four words of state out of any text (cyrb128, public domain). */
function state(text: string): [number, number, number, number] {
  let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = b ^ Math.imul(a ^ code, 597399067);
    b = c ^ Math.imul(b ^ code, 2869860233);
    c = d ^ Math.imul(c ^ code, 951274213);
    d = a ^ Math.imul(d ^ code, 2716044179);
  }
  return [a, b, c, d];
}

/** A stream of the small fast counter generator (sfc32), which is plenty for a pretend account and nothing else. */
export function random(seed: number | string): Random {
  let [a, b, c, counter] = state(String(seed));
  const word = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) word();

  const self: Random = {
    fraction: () => word() / 2 ** 32,
    integer: (low, high) => low + Math.floor(self.fraction() * (high - low + 1)),
    chance: (probability) => self.fraction() < probability,
    pick: <T>(choices: readonly T[]) => {
      if (choices.length === 0) throw new RangeError("nothing to pick from");
      return choices[self.integer(0, choices.length - 1)] as T;
    },
    sample: (choices, count) => {
      const left = choices.map((_, index) => index);
      const taken = Array.from({ length: Math.min(count, choices.length) }, () =>
        left.splice(self.integer(0, left.length - 1), 1),
      ).flat();
      return choices.filter((_, index) => taken.includes(index));
    },
    hex: (digits) =>
      self
        .bytes(Math.ceil(digits / 2))
        .toString("hex")
        .slice(0, digits),
    bytes: (count) => {
      const made = Buffer.alloc(count);
      for (let index = 0; index < count; index++) made[index] = word() & 0xff;
      return made;
    },
    uuid: () => {
      const hex = self.hex(32);
      const variant = "89ab"[word() & 3];
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
    fork: (label) => random(`${seed}/${label}`),
  };
  return self;
}
