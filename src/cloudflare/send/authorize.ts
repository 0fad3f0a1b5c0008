import type { Send } from "../../core/send.ts";

/** Who asks: an API token, or the legacy global key of a user. */
export type Credentials =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "key"; readonly key: string; readonly email: string };

/** The part of the credentials that must never show up anywhere. */
export const secretOf = (credentials: Credentials): string =>
  credentials.kind === "token" ? credentials.token : credentials.key;

/** Adds the credentials to every request. A request has only a path, so they reach no origin but the configured one. */
export function authorize(credentials: Credentials): (next: Send) => Send {
  const headers: Record<string, string> =
    credentials.kind === "token"
      ? { authorization: `Bearer ${credentials.token}` }
      : { "x-auth-key": credentials.key, "x-auth-email": credentials.email };
  return (next) => (request) => next({ ...request, headers: { ...request.headers, ...headers } });
}
