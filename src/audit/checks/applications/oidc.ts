import type { Members } from "../../../core/change.ts";
import { membersOf } from "../../../simulator/fields.ts";
import { type Fix, family } from "../../check.ts";
import { subject } from "../../estate.ts";
import { applicationFix, textsOf } from "./kinds.ts";

const isLoopback = (address: string): boolean =>
  /^http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?(?:[/?#]|$)/i.test(address);

/** What an OIDC client of Access does in a weak way, and what to set instead. */
function weaknesses(settings: Members): readonly Weakness[] {
  const options = membersOf(settings["hybrid_and_implicit_options"]);
  const given = textsOf(settings["redirect_uris"]);
  const grants = textsOf(settings["grant_types"]);
  const isImplicit = (grant: string) => grant === "implicit" || grant === "hybrid";
  const left = grants.filter((grant) => !isImplicit(grant));
  const isWeak = (address: string) => address.includes("*") || (/^http:/i.test(address) && !isLoopback(address));
  const sound = new Set(
    given
      .filter((address) => !address.includes("*"))
      .map((address) => (isWeak(address) ? address.replace(/^http:/i, "https:") : address)),
  );
  const isNative = given.length > 0 && given.every((address) => isLoopback(address) || !/^https?:/i.test(address));
  return [
    ...["return_access_token_from_authorization_endpoint", "return_id_token_from_authorization_endpoint"]
      .filter((name) => options[name] === true)
      .map((name) => ({
        field: `hybrid_and_implicit_options.${name}`,
        value: true,
        says: "Tokens come back in the address of the page, where history and scripts see them",
        changes: { hybrid_and_implicit_options: { [name]: false } },
      })),
    ...(left.length < grants.length
      ? [
          {
            field: "grant_types",
            value: grants,
            says: "It may use the implicit or hybrid flow, which put tokens into addresses",
            changes: { grant_types: left.length > 0 ? left : ["authorization_code"] },
          },
        ]
      : []),
    // A program on somebody's machine cannot keep a secret.
    ...(settings["allow_pkce_without_client_secret"] === true && !isNative
      ? [
          {
            field: "allow_pkce_without_client_secret",
            value: true,
            says: "A code can be exchanged for tokens without the client secret",
            changes: { allow_pkce_without_client_secret: false },
          },
        ]
      : []),
    ...given.flatMap((address, at) =>
      isWeak(address)
        ? [
            {
              field: `redirect_uris[${at}]`,
              value: address,
              says: address.includes("*")
                ? "Logins may be sent to any address that fits a pattern"
                : "Logins are sent to an address without encryption",
              changes: sound.size > 0 ? { redirect_uris: [...sound] } : {},
              mark: address,
              ...(sound.size === 0 && {
                choose: { "saas_app.redirect_uris": "the exact https addresses that take logins" },
              }),
            },
          ]
        : [],
    ),
  ];
}

interface Weakness {
  readonly field: string;
  readonly value: unknown;
  readonly says: string;
  readonly changes: Members;
  readonly mark?: string;
  readonly choose?: Fix["choose"];
}

/** Other people's applications that log people in through Access. */
export default family({
  id: "APP-18",
  title: "Weak OIDC client",
  severity: "medium",
  why: "Tokens or codes can be read on their way to the application and used by somebody else.",
  reads: ["applications"],
  *find(estate) {
    for (const application of estate.items("applications")) {
      const settings = membersOf(application["saas_app"]);
      if (settings["auth_type"] !== "oidc") continue;
      for (const { field, changes, choose, ...found } of weaknesses(settings)) {
        yield {
          subject: subject("applications", application),
          field: `saas_app.${field}`,
          ...found,
          ...applicationFix(application, { saas_app: changes }, choose),
        };
      }
    }
  },
  remedy: "Use the code flow with a secret, and exact https redirect addresses.",
  falsePositive: "A program on people's machines takes logins on a loopback address and can keep no secret.",
  source: "the API's own fields of an OIDC SaaS application",
  flagged: [
    {
      says: "implicit flow and a pattern of addresses",
      account: {
        applications: [
          {
            id: "board",
            type: "saas",
            saas_app: {
              auth_type: "oidc",
              grant_types: ["implicit"],
              hybrid_and_implicit_options: { return_id_token_from_authorization_endpoint: true },
              redirect_uris: ["https://*.example.net/callback"],
            },
          },
        ],
      },
    },
    {
      says: "no encryption, and no secret",
      account: {
        applications: [
          {
            id: "board",
            type: "saas",
            saas_app: {
              auth_type: "oidc",
              grant_types: ["authorization_code", "hybrid"],
              allow_pkce_without_client_secret: true,
              redirect_uris: ["http://board.example.net/callback", "https://board.example.net/callback"],
            },
          },
        ],
      },
    },
  ],
  clean: [
    {
      says: "code flow to one address",
      account: {
        applications: [
          {
            id: "board",
            type: "saas",
            saas_app: {
              auth_type: "oidc",
              grant_types: ["authorization_code"],
              redirect_uris: ["https://board.example.net/callback"],
            },
          },
        ],
      },
    },
    {
      says: "a program on people's machines",
      account: {
        applications: [
          {
            id: "tool",
            type: "saas",
            saas_app: {
              auth_type: "oidc",
              grant_types: ["authorization_code_with_pkce"],
              allow_pkce_without_client_secret: true,
              redirect_uris: ["http://127.0.0.1:8400/callback", "http://localhost/callback"],
            },
          },
        ],
      },
    },
    {
      says: "SAML",
      account: { applications: [{ id: "crm", type: "saas", saas_app: { sp_entity_id: "https://crm.example.net" } }] },
    },
  ],
});
