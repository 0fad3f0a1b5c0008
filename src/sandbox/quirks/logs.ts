import { type Row, textOf } from "../store.ts";
import { countIn, defaultPageSize } from "../verbs.ts";
import { type Filter, type Handler, inAccount, type Question, type Quirks } from "../world.ts";

const requests = "access/logs/access_requests";
const updates = "access/logs/scim/updates";

const after =
  (field: string): Filter =>
  (row, since: string) =>
    Date.parse(textOf(row[field])) >= Date.parse(since);
const before =
  (field: string): Filter =>
  (row, until: string) =>
    Date.parse(textOf(row[field])) <= Date.parse(until);

const sort =
  (field: string) =>
  (rows: Row[], { query }: Question) => {
    const oldestFirst = rows.toSorted((a, b) => textOf(a[field]).localeCompare(textOf(b[field])));
    return query["direction"] === "asc" ? oldestFirst : oldestFirst.reverse();
  };

/** Filters of the authentication log that an operator (`appOp`) can turn around. What a row does not show is kept beside it. */
const operands = ["allowed", "app_uid", "app_type", "country_code", "idp", "non_identity", "ray_id"] as const;

const equality =
  (field: string): Filter =>
  (row, wanted: unknown, { query }) =>
    (String(row[field]) === String(wanted)) !== (query[`${field}Op`] === "neq");

/** `email`: a case-sensitive part, unless `emailOp` or `email_exact` say otherwise (npm cloudflare 7.3.0). */
const email: Filter = (row, wanted: string, { query }) => {
  const address = textOf(row["user_email"]);
  const operator = query["emailOp"];
  const whole = query["email_exact"] === true || operator === "eq";
  return (whole ? address === wanted : address.includes(wanted)) !== (operator === "neq");
};

const always: Filter = () => true;

const requestFilters: Readonly<Record<string, Filter>> = {
  ...Object.fromEntries(
    operands.flatMap((field) => [
      [field, equality(field)],
      [`${field}Op`, always],
    ]),
  ),
  email,
  emailOp: always,
  email_exact: always,
  direction: always,
  since: after("created_at"),
  until: before("created_at"),
};

/** What a log row shows; country, provider and the like can be filtered but not read. */
const columns = [
  "action",
  "allowed",
  "app_domain",
  "app_uid",
  "connection",
  "created_at",
  "ip_address",
  "ray_id",
  "user_email",
];

/** The log answers a bare list: no `result_info`, 25 rows when neither `limit` nor `per_page` says more. */
const listRequests: Handler = (question) => {
  const { world, query, search } = question;
  let rows = world.store.rows(inAccount(world, requests));
  for (const [name, value] of Object.entries(query)) {
    const filter = requestFilters[name];
    if (filter !== undefined) rows = rows.filter((row) => filter(row, value as never, question));
  }
  const size = countIn(question, "per_page") ?? countIn(question, "limit") ?? defaultPageSize;
  const page = countIn(question, "page") ?? 1;
  const wanted = search.get("fields")?.[0]?.split(",") ?? columns;
  const shown = sort("created_at")(rows, question)
    .slice((page - 1) * size, page * size)
    .map((row) => Object.fromEntries(columns.filter((name) => wanted.includes(name)).map((name) => [name, row[name]])));
  return { result: shown };
};

const among =
  (field: string): Filter =>
  (row, wanted: readonly string[]) =>
    wanted.includes(textOf(row[field]));
const scimFields = [
  "idp_id",
  "cf_resource_id",
  "idp_resource_id",
  "request_method",
  "resource_group_name",
  "resource_type",
  "resource_user_email",
  "status",
];

export const logQuirks: Quirks = {
  resources: {
    [updates]: {
      sort: sort("logged_at"),
      filters: {
        ...Object.fromEntries(scimFields.map((field) => [field, among(field)])),
        since: after("logged_at"),
        until: before("logged_at"),
        direction: always,
      },
    },
  },
  operations: { list_access_requests: listRequests },
};
