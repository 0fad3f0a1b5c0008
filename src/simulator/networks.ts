import { BlockList, isIP } from "node:net";

/** Addresses that start alike. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

const familyOf = (address: string): Network["family"] | undefined =>
  ([undefined, undefined, undefined, undefined, "ipv4", undefined, "ipv6"] as const)[isIP(address)];

/** The network that a CIDR or an address means; nothing when the text is neither. */
export function networkOf(text: string): Network | undefined {
  const [address = "", bits, ...rest] = text.trim().split("/");
  const family = familyOf(address);
  if (family === undefined || rest.length > 0) return undefined;
  const longest = family === "ipv4" ? 32 : 128;
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return undefined;
  const prefix = Number(bits ?? longest);
  return prefix <= longest ? { address, prefix, family } : undefined;
}

/** Tells whether an address, IPv4 or IPv6, is in one of some networks; nothing when it is no address. */
export function memberOf(networks: readonly Network[]): (address: string) => boolean | undefined {
  // One list for each family: a list with ::/0 in it would hold every IPv4 address too, as ::ffff:0:0/96 is in there.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const { address, prefix, family } of networks) lists[family].addSubnet(address, prefix, family);
  return (text) => {
    const address = text.replace(/^::ffff:(?=[\d.]+$)/i, "");
    const family = familyOf(address);
    return family === undefined ? undefined : lists[family].check(address, family);
  };
}

/** Whether an address is in one of some networks. */
export const isIn = (networks: readonly Network[], address: string): boolean => memberOf(networks)(address) === true;

/** Whether all addresses of a network are in a wider one. */
export const networkCovers = (wide: Network, narrow: Network): boolean =>
  wide.family === narrow.family && wide.prefix <= narrow.prefix && isIn([wide], narrow.address);
