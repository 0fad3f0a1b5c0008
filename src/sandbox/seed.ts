import type { Random } from "./random.ts";
import { plantApplications } from "./seed/applications.ts";
import { plantDevices } from "./seed/devices.ts";
import { plantGroups } from "./seed/groups.ts";
import { plantOrganization, plantProviders } from "./seed/identity.ts";
import { plantAccessRequests, plantScimUpdates } from "./seed/logs.ts";
import { plantCertificates, plantSshAuthorities, plantTargets, plantTokens } from "./seed/machines.ts";
import { plantMcp } from "./seed/mcp.ts";
import { plantPages } from "./seed/pages.ts";
import { peopleOf, plantPeople } from "./seed/people.ts";
import { mail, type Plot, plotOf } from "./seed/plot.ts";
import { plantPolicies } from "./seed/policies.ts";
import type { World } from "./world.ts";

/**
 * Fills the account with Quillon Freight, a carrier of 120 people, its applications and its mistakes; `scale` times,
 * with other names and addresses each time. The same random source makes the same company.
 */
export function seedAccount(world: World, random: Random, scale: number): void {
  for (let copy = 0; copy < scale; copy++) {
    const plot = plotOf(world, random, copy);
    const people = peopleOf(plot);
    if (copy === 0) plantOrganization(plot);
    plantPeople(plot, people);
    if (copy === 0) {
      plantProviders(plot);
      plantDevices(plot);
      plantPages(plot);
      plantZone(plot);
    }
    plantGroups(plot);
    plantTokens(plot);
    plantPolicies(plot);
    plantApplications(plot);
    plantCertificates(plot);
    plantSshAuthorities(plot);
    plantTargets(plot);
    plantMcp(plot);
    plantAccessRequests(plot, people);
    plantScimUpdates(plot, people);
  }
}

/** What is left in the zone from before there were account-wide objects; an account's lists do not show it. */
function plantZone(plot: Plot): void {
  const { store, zoneId } = plot.world;
  const times = { created_at: plot.ago(900), updated_at: plot.ago(870) };
  const keep = (path: string, id: string, row: object) =>
    store.keep(`zones/${zoneId}/${path}`, id, { id, ...row, ...times });
  const [group, application] = [plot.id("zone_group", "Webmasters"), plot.id("zone_application", "Shop")];
  const policy = plot.id("zone_policy", "Webmasters");
  keep("access/groups", group, { name: "Webmasters", include: [{ email_domain: { domain: mail.own } }] });
  keep("access/apps", application, {
    name: "Shop administration",
    type: "self_hosted",
    domain: "shop.example.com/admin",
    aud: plot.random.fork("shop").hex(64),
    session_duration: "24h",
    policies: [{ id: policy, precedence: 1 }],
  });
  keep(`access/apps/${application}/policies`, policy, {
    name: "Webmasters",
    decision: "allow",
    include: [{ group: { id: group } }],
    require: [],
    exclude: [],
  });
}
