import type { Members } from "../core/change.ts";
import { membersOf, textOf } from "./fields.ts";
import type { Identity } from "./selectors.ts";

/** What Cloudflare showed of somebody at the last login. */
export interface Seen {
  readonly identity: Identity;
  /** What may be otherwise at the next request: all but the address. */
  readonly approximate: readonly (keyof Identity)[];
}

const texts = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.flatMap((one: unknown) => (typeof one === "string" ? [one] : [])) : undefined;

const given = (value: unknown): string | undefined => textOf(value) || undefined;

/** Groups come as names or as objects; rules name them by id, name or address, so all of these count. */
function groupsOf({ groups, idp }: Members): readonly string[] | undefined {
  // How organizations and teams are shown there is not documented.
  if (!Array.isArray(groups) || membersOf(idp)["type"] === "github") return undefined;
  const fields = ({ id, name, email }: Members) => [id, name, email];
  return texts(groups.flatMap((group: unknown) => (typeof group === "string" ? group : fields(membersOf(group)))));
}

function claimsOf({ oidc_fields, saml_attributes }: Members): Identity["claims"] {
  if (oidc_fields === undefined && saml_attributes === undefined) return undefined;
  const claims = Object.entries({ ...membersOf(oidc_fields), ...membersOf(saml_attributes) });
  return Object.fromEntries(claims.map(([name, value]) => [name, [value].flat().map(String)]));
}

function postureOf({ devicePosture }: Members): readonly string[] | undefined {
  if (devicePosture === undefined || devicePosture === null) return undefined;
  const checks = Object.entries(membersOf(devicePosture)).map(([id, check]) => [id, membersOf(check)] as const);
  return checks.filter(([, { success }]) => success === true).map(([id, check]) => given(check["id"]) ?? id);
}

/** An identity from what a user's last login showed; what it does not show stays unknown. */
export function identityFrom(seen: Members): Seen {
  const { email, ip, geo, idp, amr, mtls_auth, common_name, service_token_id } = seen;
  const presented = membersOf(mtls_auth)["cert_presented"];
  const told: { readonly [Field in keyof Identity]?: Identity[Field] | undefined } = {
    email: given(email),
    service_token: given(email) === undefined ? given(service_token_id) : undefined,
    login_method: given(membersOf(idp)["id"]),
    idp_groups: groupsOf(seen),
    claims: claimsOf(seen),
    auth_methods: texts(amr),
    ip: given(ip),
    country: given(membersOf(geo)["country"]),
    certificate: typeof presented === "boolean" ? presented : undefined,
    common_name: given(common_name),
    posture: postureOf(seen),
  };
  const known = Object.entries(told).filter(([, value]) => value !== undefined);
  const fields = known.map(([field]) => field as keyof Identity);
  return {
    identity: Object.fromEntries(known),
    approximate: fields.filter((field) => field !== "email" && field !== "service_token"),
  };
}
