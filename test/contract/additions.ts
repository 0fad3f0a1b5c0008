import type { Answers } from "../../src/core/operation.ts";

/**
 * Where a model differs from the SDK's types, by tool, each with its reason.
 * `+path` we accept though the SDK's types lack it (`+path.*` with all below), `-path` we leave out, `!path` other required flag.
 * Answer models may have more fields than the SDK's without being listed.
 * `answers` is the shape of the answer where the SDK's own reading of it is wrong.
 */
interface Addition {
  request?: readonly string[];
  response?: readonly string[];
  answers?: Answers;
}

/** The documentation names these where the SDK has `amr_matching_session_duration`. */
const organization = ["+mfa_config.amr_matching_enabled", "+mfa_config.amr_session_duration"];

/** These destinations are nothing without the field. */
const destinations = ["!destinations[].uri", "!destinations[].mcp_server_id"];

const application = {
  request: [
    ...destinations,
    "!saas_app", // Without it there is nothing to log in to.
    "-type", // The SDK has no request variant for dash_sso.
  ],
  response: [...destinations, "!target_criteria"], // One model for all kinds: no field is certain.
};

/** The SDK sends no body at all; these are the fields it answers. */
const bookmark = { request: ["+name", "+domain", "+logo_url", "+app_launcher_visible"] };

export const additions: Record<string, Addition> = {
  list_applications: { request: ["+destination_type", "+worker_id"], response: application.response }, // Documented filters.
  get_application: { response: application.response },
  create_application: application,
  update_application: application,
  start_policy_test: { request: ["!policies"] }, // A test of no policies tests nothing.
  list_access_requests: {
    answers: "pages", // The SDK takes page and per_page here but reads the array as one object.
    request: [
      // The SDK has the operators without the fields they act on.
      ...["+allowed", "+app_type", "+app_uid", "+country_code", "+idp", "+non_identity", "+ray_id"],
      ...["-user_id", "-user_idOp"], // Cloudflare takes them and no longer filters by them.
      ...["-fields", "-limit"], // The tool has its own.
    ],
  },
  create_tag: { request: ["!name"] }, // A tag is its name.
  create_bookmark: bookmark,
  update_bookmark: bookmark,
  list_idp_federation_grants: { answers: "list" }, // The SDK reads the array as one object.
  list_scim_updates: { request: ["-limit"] }, // The tool has its own.
  create_organization: { request: organization },
  update_organization: { request: organization },
  revoke_user: { request: ["-body_devices"] }, // The SDK's spelling of `devices` in the body; the query field does that.
  ...Object.fromEntries(
    ["list_posture_integrations", "get_posture_integration"].map((tool) => [
      tool,
      { response: ["!config.api_url", "!config.auth_url", "!config.client_id"] }, // Only Workspace ONE has all three.
    ]),
  ),
};
