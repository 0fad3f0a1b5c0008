import { conflict, invalid, notFound } from "../envelope.ts";
import { type Row, rowOf, textOf } from "../store.ts";
import { type Question, type Quirks, timestamp } from "../world.ts";

const shownOfToken = ["id", "client_id", "name", "enabled", "duration", "expires_at"];

/** DoH settings name a service token and are shown together with it. */
function showDoh({ world, scope }: Question, row: Row): Row {
  const token = world.store.find(`${scope}/access/service_tokens`, textOf(row["service_token_id"]));
  return {
    ...Object.fromEntries(Object.entries(rowOf(token)).filter(([name]) => shownOfToken.includes(name))),
    doh_jwt_duration: row["doh_jwt_duration"] ?? "24h",
  };
}

export const organizationQuirks: Quirks = {
  operations: {
    create_organization: ({ world, collection, id, body }) => {
      if (world.store.find(collection, id) !== undefined) throw conflict("the organization already exists");
      const time = timestamp(world);
      return {
        status: 201,
        result: world.store.keep(collection, id, { ...body, created_at: time, updated_at: time }),
      };
    },
    get_organization_doh: (question) => {
      const row = question.world.store.find(question.collection, "doh");
      return { result: showDoh(question, row ?? {}) };
    },
    update_organization_doh: (question) => {
      const { world, scope, collection, body } = question;
      const token = body["service_token_id"];
      if (token !== undefined && world.store.find(`${scope}/access/service_tokens`, textOf(token)) === undefined) {
        throw invalid("service_token_id: no such service token");
      }
      const before = rowOf(world.store.find(collection, "doh"));
      return { result: showDoh(question, world.store.keep(collection, "doh", { ...before, ...body })) };
    },
    revoke_user: ({ world, body }) => {
      const users = `accounts/${world.accountId}/access/users`;
      const same = (email: unknown) => textOf(email).toLowerCase() === textOf(body["email"]).toLowerCase();
      const user = world.store.rows(users).find(({ email }) => same(email));
      if (user === undefined) throw notFound("user");
      const sessions = `${users}/${textOf(user["id"])}/active_sessions`;
      for (const { metadata } of world.store.rows(sessions)) {
        world.store.remove(sessions, textOf(rowOf(metadata)["nonce"]));
      }
      return { result: true };
    },
  },
};
