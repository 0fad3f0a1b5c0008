import { conflict, invalid } from "../envelope.ts";
import { type Row, textOf } from "../store.ts";
import { inAccount, type Quirks } from "../world.ts";

const users = "access/users";
const sessions = `${users}/{user_id}/active_sessions`;

/** What a session list shows of a session; the rest is the identity behind it. */
const listed = ["name", "expiration", "metadata"];

const only = (row: Row, wanted: (field: string) => boolean) =>
  Object.fromEntries(Object.entries(row).filter(([field]) => wanted(field)));

export const userQuirks: Quirks = {
  resources: {
    [users]: {
      write: (draft, { world, body }, before) => {
        const same = (row: Row) => textOf(row["email"]).toLowerCase() === textOf(body["email"]).toLowerCase();
        if (before !== undefined) {
          if (!same(before)) throw invalid("email: the e-mail address of a user cannot be changed");
          return { ...before, ...draft, email: before["email"] };
        }
        if (world.store.rows(inAccount(world, users)).some(same))
          throw conflict("a user with this email already exists");
        const seat = { uid: draft["id"], access_seat: false, gateway_seat: false, active_device_count: 0 };
        return { ...draft, ...seat, seat_uid: world.random.uuid() };
      },
    },
    [sessions]: {
      show: (row, { entry }) =>
        entry.answers === "list"
          ? only(row, (field) => listed.includes(field))
          : only(row, (field) => !listed.includes(field)),
    },
  },
};
