import { compose, type Next } from "../core/call.ts";
import { explain } from "./explain.ts";
import { permit } from "./permit.ts";
import { redact, type SecretKeeper } from "./redact.ts";
import { shape } from "./shape.ts";

export interface PipelineSettings {
  /** Refuse everything that is not a read. */
  readonly readOnly: boolean;
  /** Characters of JSON that one answer may have. */
  readonly maxResult: number;
  /** Masks the server's own credentials wherever they turn up. */
  readonly redactText: (text: string) => string;
  /** Where a secret that Cloudflare shows once goes instead of the answer. */
  readonly secretKeeper: SecretKeeper;
}

/** Every call's way, outermost stage first; `last` is the Cloudflare client. */
export function pipeline(settings: PipelineSettings, last: Next): Next {
  return compose(
    [
      explain(settings.redactText),
      shape({ maxResult: settings.maxResult }),
      permit({ readOnly: settings.readOnly }),
      redact(settings.secretKeeper),
    ],
    last,
  );
}
