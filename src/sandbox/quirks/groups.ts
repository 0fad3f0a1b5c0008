import type { Quirks } from "../world.ts";
import { checkRules } from "./rules.ts";

export const groupQuirks: Quirks = {
  resources: {
    "access/groups": {
      write: (draft, question) => {
        checkRules(draft, question);
        return { require: [], exclude: [], ...draft };
      },
    },
  },
};
