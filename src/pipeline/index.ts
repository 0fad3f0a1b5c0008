import { compose, type Next } from "../core/call.ts";
import { allowance } from "./allowance.ts";
import { cleanse } from "./cleanse.ts";
import { explain } from "./explain.ts";
import { genuine } from "./genuine.ts";
import { perform } from "./perform.ts";
import { permit } from "./permit.ts";
import { witness } from "./record.ts";
import { redact, type SecretKeeper } from "./redact.ts";
import { remind } from "./remind.ts";
import { shape } from "./shape.ts";
import { type Memory, watch } from "./watch.ts";
import { type Destination, type Safety, writing } from "./writing.ts";

export interface PipelineSettings {
  /** Refuse everything that is not a read. */
  readonly readOnly: boolean;
  /** Names of the operations within reach; all when absent. */
  readonly offered?: ReadonlySet<string> | undefined;
  /** Characters of JSON that one answer may have. */
  readonly maxResult: number;
  /** Masks the server's own credentials wherever they turn up. */
  readonly redactText: (text: string) => string;
  /** Where a secret that Cloudflare shows once goes instead of the answer. */
  readonly secretKeeper: SecretKeeper;
  readonly safety: Safety;
  /** What texts of third parties looked like when they were read last. */
  readonly memory: Memory;
}

/** Every call's way, outermost stage first. */
export function pipeline(settings: PipelineSettings, destination: Destination): Next {
  const { readOnly, offered, maxResult, redactText, secretKeeper, safety } = settings;
  const budget = allowance(safety.allowances);
  const allowed = [permit({ readOnly, offered }), genuine, redact(secretKeeper)];
  const inner = [...allowed, ...writing(safety, destination, budget)];
  return compose(
    [
      explain(redactText),
      shape({ maxResult }),
      cleanse({ maxResult }),
      watch({ memory: settings.memory, scopeOf: destination.scopeOf }),
      remind(safety.dues),
      witness(safety.recorder),
      perform({ safety, destination, budget, allowed, inner }),
      ...inner,
    ],
    destination,
  );
}
