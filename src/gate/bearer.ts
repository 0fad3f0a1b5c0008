import type { IncomingHttpHeaders } from "node:http";

/** The characters that RFC 6750 lets a token have. */
const shape = /^Bearer +([\w.~+/-]{1,8192}=*)$/i;

/** The bearer token of a request; nothing when there is none, or none that can be one. */
export const bearerOf = ({ authorization }: IncomingHttpHeaders): string | undefined =>
  shape.exec(authorization ?? "")?.[1];
