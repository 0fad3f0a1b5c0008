import { readCertificate, sshPublicKey } from "../certificates.ts";
import { conflict, invalid } from "../envelope.ts";
import { type Row, rowsOf, textOf } from "../store.ts";
import { paged } from "../verbs.ts";
import { type Question, type Quirks, timestamp, type World } from "../world.ts";

const mtls = "access/certificates";
const keys = "access/keys";
const day = 86_400_000;

/** Key settings as they read today. */
function keyState(row: Row, { now }: World): Row {
  const interval = Number(row["key_rotation_interval_days"]);
  const age = (now().getTime() - Date.parse(textOf(row["last_key_rotation_at"]))) / day;
  return { ...row, days_until_next_rotation: Math.max(0, Math.ceil(interval - age)) };
}

function changeKeys({ world, scope }: Question, change: Row): Row {
  const { store } = world;
  const before = store.find(`${scope}/access`, "keys") ?? {};
  return keyState(store.keep(`${scope}/access`, "keys", { ...before, ...change }), world);
}

const authorities = ({ world, scope }: Question) =>
  world.store.rows(`${scope}/access/apps`).flatMap(({ id }) => {
    const authority = world.store.find(`${scope}/access/apps/${textOf(id)}`, "ca");
    return authority === undefined ? [] : [authority];
  });

export const certificateQuirks: Quirks = {
  resources: {
    [mtls]: {
      deleted: 200,
      write: ({ certificate, ...draft }, _, before) => {
        const hostnames = { associated_hostnames: [], ...draft };
        if (before !== undefined) {
          return { ...hostnames, fingerprint: before["fingerprint"], expires_on: before["expires_on"] };
        }
        const facts = readCertificate(textOf(certificate));
        if (facts === undefined) throw invalid("certificate is not a valid PEM encoded X.509 certificate");
        return { ...hostnames, ...facts };
      },
      remove: (row) => {
        const hostnames = (row["associated_hostnames"] as unknown[] | undefined) ?? [];
        if (hostnames.length > 0) throw invalid("certificate is in use: remove its associated_hostnames first");
      },
    },
    "access/gateway_ca": {
      write: (draft, { world }) => ({ id: draft["id"], public_key: sshPublicKey(world.random.bytes(32)) }),
    },
    [keys]: { show: (row, { world }) => keyState(row, world) },
  },
  operations: {
    list_mtls_hostname_settings: ({ world, scope }) => ({ result: world.store.rows(`${scope}/${mtls}/settings`) }),
    update_mtls_hostname_settings: ({ world, scope, body }) => {
      const place = `${scope}/${mtls}/settings`;
      for (const { hostname } of world.store.rows(place)) world.store.remove(place, textOf(hostname));
      for (const setting of rowsOf(body["settings"])) world.store.keep(place, textOf(setting["hostname"]), setting);
      return { result: world.store.rows(place) };
    },
    list_application_cas: (question) => paged(authorities(question), question),
    create_application_ca: ({ world, scope, collection, ids }) => {
      const { store, random } = world;
      if (store.find(collection, "ca") !== undefined) throw conflict("the application already has a CA");
      const aud = store.find(`${scope}/access/apps`, ids["app_id"] ?? "")?.["aud"];
      const authority = { id: random.uuid(), aud, public_key: sshPublicKey(random.bytes(32)) };
      return { status: 201, result: store.keep(collection, "ca", authority) };
    },
    update_key_configuration: (question) => ({ result: changeKeys(question, question.body) }),
    rotate_keys: (question) => ({
      result: changeKeys(question, { last_key_rotation_at: timestamp(question.world) }),
    }),
  },
};
