import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";

/** What else happens with client certificates on one hostname. */
const fields = {
  hostname: z.string().min(1),
  client_certificate_forwarding: z.boolean().describe("Send the client certificate to the origin in a header"),
  china_network: z.boolean().describe("Ask for certificates in China too; only in zones on the China network"),
};

export const MtlsHostnameSetting = answer(fields);

const list = operation({
  name: "list_mtls_hostname_settings",
  title: "List mTLS hostname settings",
  summary: "List the hostnames with mTLS settings: certificate forwarding to the origin and China network.",
  advice: "Which certificates a hostname accepts is in list_mtls_certificates.",
  effect: "read",
  route: "GET /{account_or_zone}/access/certificates/settings",
  input: z.strictObject({}),
  output: MtlsHostnameSetting,
  answers: "list",
});

const update = operation({
  name: "update_mtls_hostname_settings",
  title: "Update mTLS hostname settings",
  summary: "Set certificate forwarding and China network for hostnames that use mTLS.",
  advice:
    "Send every hostname whose settings shall stay. The change is applied in the background: while one is under way the next is refused as a conflict; wait and repeat it.",
  effect: "update",
  route: "PUT /{account_or_zone}/access/certificates/settings",
  input: z.strictObject({ settings: z.array(z.strictObject(fields)) }),
  output: MtlsHostnameSetting,
  answers: "list",
});

export default room({
  noun: "mTLS hostname setting",
  toolset: "certificates",
  key: "hostname",
  permission: "Access: Mutual TLS Certificates",
  columns: ["hostname", "client_certificate_forwarding", "china_network"],
  verbs: { list, update },
});
