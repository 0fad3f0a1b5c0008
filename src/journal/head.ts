import type { Link } from "./chain.ts";
import { openOwn, place } from "./folder.ts";

/** How far a journal file had come, always of one length, so that it is written over in one piece. */
export const headText = ({ seq, hash }: Link): string => `${JSON.stringify({ seq, hash }).padEnd(126)}\n`;

/** The head of a journal file; `undefined` when there is none, or when it is not as it is written here. */
export async function readHead(folder: string, name: string): Promise<Link | undefined> {
  let text: string | undefined;
  for (;;) {
    const again = await read(place.head(folder, name));
    // Two that are equal were not read while it was being written.
    if (again === text) break;
    text = again;
  }
  try {
    const link: Link = JSON.parse(text ?? "");
    return headText(link) === text ? link : undefined;
  } catch {
    return undefined;
  }
}

async function read(path: string): Promise<string | undefined> {
  const file = await openOwn(path);
  try {
    return await file?.readFile("utf8");
  } finally {
    await file?.close();
  }
}
