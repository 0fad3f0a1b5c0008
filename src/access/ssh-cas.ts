import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Deleted, Id } from "./shared.ts";

/** The authority that signs the short-lived SSH certificates of infrastructure applications. */
export const SshCa = answer({ id: Id.optional(), public_key: z.string().optional() });

const list = operation({
  name: "list_ssh_cas",
  title: "List SSH CAs",
  summary: "Show the SSH certificate authority of infrastructure applications with its public key.",
  advice:
    "Put public_key among TrustedUserCAKeys of the sshd on each target. For browser SSH see list_application_cas.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/gateway_ca",
  input: z.strictObject({}),
  output: SshCa,
  answers: "list",
});

const create = operation({
  name: "create_ssh_ca",
  title: "Create SSH CA",
  summary: "Create the SSH certificate authority that infrastructure applications sign logins with.",
  advice: "An account has one; gateway_ca_already_exists means that list_ssh_cas shows it.",
  effect: "create",
  route: "POST /accounts/{account_id}/access/gateway_ca",
  input: z.strictObject({}),
  output: SshCa,
});

const remove = operation({
  name: "delete_ssh_ca",
  title: "Delete SSH CA",
  summary: "Delete the SSH certificate authority; targets that trust it get no new SSH logins.",
  advice: "A new one has another public key, which every target must then be given.",
  effect: "delete",
  route: "DELETE /accounts/{account_id}/access/gateway_ca/{certificate_id}",
  input: z.strictObject({ certificate_id: Id.describe("SSH CA id, from list_ssh_cas") }),
  output: Deleted,
});

/** Permission: Cloudflare's API reference of gateway_ca names Access: SSH Auditing. */
export default room({
  noun: "SSH CA",
  toolset: "certificates",
  key: "id",
  permission: "Access: SSH Auditing",
  columns: ["id", "public_key"],
  verbs: { list, create, delete: remove },
});
