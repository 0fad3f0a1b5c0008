import { login } from "./login.ts";
import { settings } from "./settings.ts";

/** What may be wrong with identity providers: `IDP-01` to `IDP-07`. */
export default [...login, ...settings];
