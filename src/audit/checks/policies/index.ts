import controls from "./controls.ts";
import dangling from "./dangling.ts";
import deadRules from "./dead-rules.ts";
import judgements from "./judgements.ts";
import networks from "./networks.ts";
import never from "./never.ts";
import order from "./order.ts";
import portals from "./portals.ts";
import ssh from "./ssh.ts";
import strangers from "./strangers.ts";
import upkeep from "./upkeep.ts";
import withoutLogin from "./without-login.ts";

/** What may be wrong with policies: `POL-01` to `POL-26`. */
export default [
  ...withoutLogin,
  ...deadRules,
  ...strangers,
  ...never,
  ...order,
  ...dangling,
  ...networks,
  ...controls,
  ...portals,
  ...judgements,
  ...upkeep,
  ...ssh,
];
