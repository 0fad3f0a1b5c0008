import { compose, type Stage } from "../core/call.ts";
import { type PlanningSettings, planning } from "./plans/index.ts";

/** Lets operations of this server do their work; what they call goes through the inner stages like any other call. */
export function perform(settings: PlanningSettings): Stage {
  const { safety, inner, destination } = settings;
  const within = compose(inner, destination);
  const workshop = {
    perform: within,
    entries: safety.entries,
    scopeOf: destination.scopeOf,
    together: planning(settings),
  };
  return async (call, next) => {
    const { run } = call.entry;
    return run === undefined ? next(call) : run(call, workshop);
  };
}
