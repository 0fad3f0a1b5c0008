import type { FileHandle } from "node:fs/promises";

const newline = "\n".charCodeAt(0);

/** Whether a line was written to its end. */
export const isWhole = (line: Buffer): boolean => line.at(-1) === newline;

/** The lines of a file with their line ends, as many at a time as one read brings; only the last can be without. Closes the file. */
export async function* linesOf(file: FileHandle): AsyncGenerator<readonly Buffer[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of file.createReadStream({ highWaterMark: 1 << 18 })) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      lines.push(bytes.subarray(start, end + 1));
      start = end + 1;
    }
    rest = bytes.subarray(start);
    yield lines;
  }
  if (rest.length > 0) yield [rest];
}
