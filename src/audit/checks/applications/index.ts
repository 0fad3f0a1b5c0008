import type { Check } from "../../check.ts";
import cookies from "./cookies.ts";
import gaps from "./gaps.ts";
import launcher from "./launcher.ts";
import login from "./login.ts";
import oauth from "./oauth.ts";
import oidc from "./oidc.ts";
import overlaps from "./overlaps.ts";
import policies from "./policies.ts";
import sessions from "./sessions.ts";

/** What may be wrong with applications: `APP-01` to `APP-20`. */
const applications: readonly Check[] = [
  ...gaps,
  ...overlaps,
  ...policies,
  ...launcher,
  ...login,
  ...cookies,
  ...oauth,
  ...oidc,
  ...sessions,
].toSorted((one, other) => (one.id < other.id ? -1 : 1));

export default applications;
