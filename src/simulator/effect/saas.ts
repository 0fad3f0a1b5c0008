import { changed, flag, growing, neutral, type Settings, session } from "./compare.ts";
import type { Pair } from "./reasons.ts";

const flow: Pair = ["weaker_flow", "tightened"];
const mapping = changed("identity_mapping_changed");
const recipient = changed("redirect_added");
const option = flag(flow, true, false);

/** How somebody else's application asks Access to log people in; what Cloudflare makes for it says nothing. */
export const saasSettings: Settings = {
  auth_type: changed("unclear"),
  redirect_uris: growing(["redirect_added", "tightened"]),
  consumer_service_url: recipient,
  sp_entity_id: recipient,
  grant_types: growing(flow),
  scopes: growing(flow),
  allow_pkce_without_client_secret: option,
  hybrid_and_implicit_options: {
    return_access_token_from_authorization_endpoint: option,
    return_id_token_from_authorization_endpoint: option,
  },
  access_token_lifetime: session(),
  refresh_token_options: { lifetime: session() },
  name_id_format: mapping,
  name_id_transform_jsonata: mapping,
  saml_attribute_transform_jsonata: mapping,
  custom_attributes: mapping,
  custom_claims: mapping,
  group_filter_regex: mapping,
  default_relay_state: neutral,
  app_launcher_url: neutral,
  idp_entity_id: neutral,
  sso_endpoint: neutral,
  public_key: neutral,
  client_id: neutral,
  client_secret: neutral,
};

const provisioned = changed("provisioning_changed");

/** Provisioning into an application: whether it stops or starts, somebody has an account there who had none or should not. */
export const provisioningSettings: Settings = {
  idp_uid: provisioned,
  remote_uri: provisioned,
  enabled: provisioned,
  mappings: provisioned,
  deactivate_on_delete: neutral,
  authentication: neutral,
};
