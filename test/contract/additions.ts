/**
 * Where a model differs from the SDK's types, by tool, each with its reason.
 * `+path` we accept though the SDK's types lack it (`+path.*` with all below), `-path` we leave out, `!path` other required flag.
 * Answer models may have more fields than the SDK's without being listed.
 */
export const additions: Record<string, { request?: readonly string[]; response?: readonly string[] }> = {};
