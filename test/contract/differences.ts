/**
 * Where our requests differ from the official SDK's, by tool, each with its reason. `+path` only we send, `-path` only
 * the SDK sends, `path` both send with other values. The test fails when a listed difference no longer occurs.
 */
type Differences = Readonly<Record<string, Readonly<Record<string, string>>>>;

const untyped = "The API has the filter; the SDK's types only have the operator that acts on it.";
const documented = "A documented filter that the SDK's types lack.";
const bookmark = { "+body": "The SDK sends no body, so that it can set neither name nor domain." };
const organization = {
  "+body.mfa_config.amr_matching_enabled": "Documented where the SDK has only amr_matching_session_duration.",
  "+body.mfa_config.amr_session_duration": "Documented where the SDK has only amr_matching_session_duration.",
};

export const differences: Differences = {
  list_applications: { "+query.destination_type": documented, "+query.worker_id": documented },
  list_access_requests: Object.fromEntries(
    ["allowed", "app_type", "app_uid", "country_code", "idp", "non_identity", "ray_id"].map((name) => [
      `+query.${name}`,
      untyped,
    ]),
  ),
  create_bookmark: bookmark,
  update_bookmark: bookmark,
  create_organization: organization,
  update_organization: organization,
  revoke_user: {
    "-body.body_devices": "The SDK sends its own name of the argument; the API knows devices, which we send as query.",
  },
};

/** Examples in the SDK's own comments that our models refuse, by tool, each with its reason. */
export const refusedExamples: Readonly<Record<string, string>> = {
  create_application_policy: "Has no name, decision and include: the SDK's type lacks them, the API needs them.",
  update_application_policy: "Has no name, decision and include: the SDK's type lacks them, the API needs them.",
  start_policy_test: "Has no policies: a test of no policies tests nothing.",
  create_tag: "Has no name: a tag is its name.",
};

/** What every path does that holds an id with `$&+,;=:@`: they may stand there as they are, as the SDK leaves them. */
export const reservedInPath = "we escape every reserved character of an id, the SDK only some; both decode to the id";
