import { catalogue } from "../core/room.ts";
import groups from "./groups.ts";
import serviceTokens from "./service-tokens.ts";

/** Every operation of the Access API, in reading order. */
export const access = catalogue([groups, serviceTokens]);
