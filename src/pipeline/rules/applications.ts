import type { Members } from "../../core/change.ts";
import { isMatch } from "./glob.ts";
import { listOf, textsOf } from "./members.ts";
import { addressesOf } from "./shapes.ts";

/** Applications by what they are called, protect or are tagged with: globs; all that is given must fit. */
export interface ApplicationPattern {
  readonly name?: string | undefined;
  /** Of hostnames; with a `/`, of the path too. */
  readonly domain?: string | undefined;
  readonly tag?: string | undefined;
  readonly because?: string | undefined;
}

/** Whether an application fits; by `every` one of its addresses, or as soon as by `some`. */
export function isApplication(pattern: ApplicationPattern, application: Members, by: "every" | "some"): boolean {
  const { name, domain, tag } = pattern;
  const called = textsOf([application["name"]])[0] ?? "";
  const addresses = addressesOf(application);
  return (
    (name === undefined || isMatch(name, called)) &&
    (tag === undefined || textsOf(listOf(application["tags"])).some((given) => isMatch(tag, given))) &&
    (domain === undefined || (addresses.length > 0 && addresses[by]((address) => isAddress(domain, address))))
  );
}

/** Host and path are matched apart, or a path could be made to look like the end of a host. */
function isAddress(pattern: string, address: string): boolean {
  const [host, path] = halves(pattern);
  const [givenHost, givenPath = "/"] = halves(address.replace(/^[a-z][a-z\d+.-]*:\/\//i, ""));
  return (
    isMatch(host, givenHost.replace(/:\d+$/, "").replace(/\.$/, "")) && (path === undefined || isMatch(path, givenPath))
  );
}

function halves(address: string): readonly [string, string | undefined] {
  const slash = address.indexOf("/");
  return slash < 0 ? [address, undefined] : [address.slice(0, slash), address.slice(slash)];
}
