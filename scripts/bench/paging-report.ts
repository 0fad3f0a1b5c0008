/** Times a reading in this process and prints it for the benchmark: milliseconds, and the memory it took above what the program itself needs. */
export async function reportReading(read: () => Promise<number>): Promise<void> {
  const before = process.resourceUsage().maxRSS;
  const began = performance.now();
  const items = await read();
  const milliseconds = performance.now() - began;
  console.log(JSON.stringify({ items, milliseconds, megabytes: (process.resourceUsage().maxRSS - before) / 1024 }));
}
