import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Deleted, Id } from "./shared.ts";

const idp_id = Id.describe("Identity provider of this account, from list_identity_providers");

/** Leave for other accounts of the same Cloudflare organization to use an identity provider of this one. */
export const IdpFederationGrant = answer({ id: Id, idp_id, created_at: z.string().optional() });

const grant_id = Id.describe("Grant id");

const list = operation({
  name: "list_idp_federation_grants",
  title: "List IdP federation grants",
  summary: "List which identity providers this account shares with other accounts of its organization.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/idp_federation_grants",
  input: z.strictObject({}),
  output: IdpFederationGrant,
  answers: "list",
});

const get = operation({
  name: "get_idp_federation_grant",
  title: "Get IdP federation grant",
  summary: "Show which identity provider a federation grant shares.",
  effect: "read",
  route: "GET /accounts/{account_id}/access/idp_federation_grants/{grant_id}",
  input: z.strictObject({ grant_id }),
  output: IdpFederationGrant,
});

const create = operation({
  name: "create_idp_federation_grant",
  title: "Create IdP federation grant",
  summary: "Share an identity provider with the other accounts of the same Cloudflare organization.",
  advice: "Only inside a Cloudflare organization; five shares at most; not onetimepin or cloudflare.",
  effect: "create",
  route: "POST /accounts/{account_id}/access/idp_federation_grants",
  input: z.strictObject({ idp_id }),
  output: IdpFederationGrant,
});

const remove = operation({
  name: "delete_idp_federation_grant",
  title: "Delete IdP federation grant",
  summary: "Stop sharing an identity provider with other accounts; this account keeps it.",
  effect: "delete",
  route: "DELETE /accounts/{account_id}/access/idp_federation_grants/{grant_id}",
  input: z.strictObject({ grant_id }),
  output: Deleted,
});

export default room({
  noun: "IdP federation grant",
  toolset: "identity",
  key: "id",
  permission: null,
  columns: ["id", "idp_id", "created_at"],
  verbs: { list, get, create, delete: remove },
});
