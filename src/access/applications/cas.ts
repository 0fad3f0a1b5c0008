import { z } from "zod";
import { answer } from "../../core/model.ts";
import { operation } from "../../core/operation.ts";
import { room } from "../../core/room.ts";
import { Deleted, Id } from "../shared.ts";
import applications from "./index.ts";

/** The authority that signs short-lived SSH certificates for one application. */
const ApplicationCa = answer({
  id: Id.optional(),
  aud: z.string().optional(),
  public_key: z.string().optional(),
});

const app_id = Id.describe("Application id");

const list = operation({
  name: "list_application_cas",
  title: "List application CAs",
  summary: "List the authorities that sign short-lived SSH certificates, with their public keys.",
  effect: "read",
  route: "GET /{account_or_zone}/access/apps/ca",
  input: z.strictObject({}),
  output: ApplicationCa,
  answers: "pages",
});

const get = operation({
  name: "get_application_ca",
  title: "Get application CA",
  summary: "Show the short-lived certificate authority of one application, with the public key that SSH servers trust.",
  effect: "read",
  route: "GET /{account_or_zone}/access/apps/{app_id}/ca",
  input: z.strictObject({ app_id }),
  output: ApplicationCa,
});

const create = operation({
  name: "create_application_ca",
  title: "Create application CA",
  summary: "Give an application its own authority for short-lived SSH certificates.",
  advice: "Afterwards put its public_key into TrustedUserCAKeys of the SSH server.",
  effect: "create",
  route: "POST /{account_or_zone}/access/apps/{app_id}/ca",
  input: z.strictObject({ app_id }),
  output: ApplicationCa,
});

const remove = operation({
  name: "delete_application_ca",
  title: "Delete application CA",
  summary: "Delete an application's short-lived certificate authority; SSH logins that rely on it fail.",
  advice: "A new one has another key: every SSH server that trusted this one has to be changed.",
  effect: "delete",
  route: "DELETE /{account_or_zone}/access/apps/{app_id}/ca",
  input: z.strictObject({ app_id }),
  output: Deleted,
});

export default room({
  noun: "application CA",
  toolset: "certificates",
  key: "id",
  permission: "Access: Apps and Policies",
  within: applications,
  columns: ["id", "aud", "public_key"],
  verbs: { list, get, create, delete: remove },
});
