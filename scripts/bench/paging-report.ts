/** Times a reading in this process and prints it for the benchmark: milliseconds, and the most memory it ever held. */
export async function reportReading(read: () => Promise<number>): Promise<void> {
  const began = performance.now();
  const items = await read();
  const milliseconds = performance.now() - began;
  console.log(JSON.stringify({ items, milliseconds, megabytes: process.resourceUsage().maxRSS / 1024 }));
}
