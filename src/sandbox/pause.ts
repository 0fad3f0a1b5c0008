import { SendError } from "../core/send.ts";

/** Who waits: until when at most, and what ends the waiting early. */
export interface Patience {
  readonly signal?: AbortSignal | undefined;
  /** In milliseconds of `performance.now()`. */
  readonly deadline?: number | undefined;
}

const longest = 2 ** 31 - 1;

/** Waits. Rejects as a transport would: `cancelled` with the signal, `timeout` when the deadline comes first. */
export function pause(milliseconds: number, { signal, deadline = Number.POSITIVE_INFINITY }: Patience): Promise<void> {
  const left = Math.max(0, deadline - performance.now());
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      finish();
    };
    const cancel = () => end(() => reject(new SendError("cancelled", true)));
    const timer = setTimeout(
      () => end(() => (left < milliseconds ? reject(new SendError("timeout", true)) : resolve())),
      Math.min(milliseconds, left, longest),
    );
    if (signal?.aborted) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
  });
}
