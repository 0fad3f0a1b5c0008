import type { IncomingMessage } from "node:http";
import { accessAssertion } from "../gate/access-assertion.ts";
import { type Admitted, gate } from "../gate/gate.ts";
import { isRefusal, type Mode, type Refusal } from "../gate/mode.ts";
import { namedTokens } from "../gate/named-tokens.ts";
import { CommandError } from "./command-error.ts";
import { type Admission, failure } from "./http-bridge.ts";
import type { AuthMode, SettingValues } from "./settings.ts";
import { tokenFile } from "./tokens/file.ts";

const loopback = new Set(["localhost", "127.0.0.1", "::1"]);

type Making = (values: SettingValues, environment: NodeJS.ProcessEnv, warn: (line: string) => void) => Promise<Mode>;

const makers: Readonly<Record<AuthMode, Making>> = {
  async access(values, _, onWarning) {
    const { "access-team": team, "access-audience": audiences } = values;
    if (team === undefined || audiences === undefined) {
      throw new CommandError(
        "usage",
        "--auth access needs --access-team NAME and --access-audience AUD, as the page of the application in Zero Trust shows them",
      );
    }
    try {
      return accessAssertion({ team, audiences, onWarning });
    } catch (error) {
      throw new CommandError("usage", (error as Error).message);
    }
  },
  async tokens(values, environment) {
    const file = tokenFile(values, environment);
    if ((await file.read()).length === 0) {
      throw new CommandError("usage", "--auth tokens: there is no token yet; make one with: tokens add NAME viewer");
    }
    return namedTokens(file.read);
  },
};

/** Who may call, as the settings say it; nothing where everybody may who reaches the loopback address. */
export async function admission(
  values: SettingValues,
  environment: NodeJS.ProcessEnv,
  warn: (line: string) => void,
): Promise<((incoming: IncomingMessage) => Promise<Admission<Admitted>>) | undefined> {
  const { auth, host, viewers = [], operators = [] } = values;
  if (auth === undefined) {
    if (loopback.has(host)) return undefined;
    throw new CommandError(
      "usage",
      `--host ${host}: others would act with this server's credentials; add --auth access or --auth tokens`,
    );
  }
  const modes = await Promise.all([...new Set(auth)].map((mode) => makers[mode](values, environment, warn)));
  if (auth.includes("access") && viewers.length + operators.length === 0) {
    throw new CommandError("usage", "--auth access: say who may do what with --viewers and --operators");
  }
  const admit = gate({ modes, names: { viewer: viewers, operator: operators } });
  return async (incoming) => {
    const answer = await admit(incoming);
    return isRefusal(answer) ? { refusal: refusalOf(answer) } : { caller: answer };
  };
}

function refusalOf({ status, message, challenge, retryAfter }: Refusal): Response {
  const response = failure(status, message);
  if (challenge !== undefined) response.headers.set("www-authenticate", challenge);
  if (retryAfter !== undefined) response.headers.set("retry-after", String(retryAfter));
  return response;
}
