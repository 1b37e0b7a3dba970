/** Getting on with other extensions that select Python environments: what to do, decided without `vscode`. */
import type { Environment } from "../protocol.ts";
import { pathRules } from "./paths.ts";

/** The Python extension. */
export const PYTHON = "ms-python.python";
/** The Python Environments extension. */
export const PYTHON_ENVIRONMENTS = "ms-python.vscode-python-envs";

/** What the editor says of them. */
export interface Installed {
  readonly has: (id: string) => boolean;
  /** The setting `python.useEnvironmentsExtension`, as it holds; undefined where nothing declares it. */
  readonly delegates: boolean | undefined;
  /** The user or the workspace set it to `false`. */
  readonly refused: boolean;
}

/**
 * Whom to talk to.
 *
 * Python Environments ends itself where the setting is `false`. Where it is `true`, the Python extension has no selection
 * of its own: it passes what it is told to Python Environments and takes over what that selects, so there is one to talk to.
 * Else each selects for itself.
 */
export function whomToTalkTo({ delegates, has, refused }: Installed): readonly string[] {
  const environments = has(PYTHON_ENVIRONMENTS) && !refused;
  const python = has(PYTHON) && !(environments && delegates === true);
  return [...(environments ? [PYTHON_ENVIRONMENTS] : []), ...(python ? [PYTHON] : [])];
}

/** Whether a path that another extension names means this environment: its folder, or an interpreter in it. */
export function isSame(platform: NodeJS.Platform, environment: Environment, path: string): boolean {
  const rules = pathRules(platform);
  const plain = (text: string): string => {
    const normal = rules.normalize(text).replace(/(?<=[^/\\:])[/\\]+$/, "");
    return platform === "win32" ? normal.toLowerCase() : normal;
  };
  const { interpreter_path: interpreter, kind, prefix } = environment;
  if (interpreter === null) {
    return false;
  }
  if ([interpreter, prefix].some((own) => plain(own) === plain(path))) {
    return true;
  }
  // An environment has one interpreter under several names; a folder of the machine's Pythons has several.
  return kind !== "system" && plain(rules.dirname(path)) === plain(rules.dirname(interpreter));
}

/** What to do next about one place at one neighbour. */
export type Step =
  | { readonly kind: "rest" }
  /** Hand over what is selected here. */
  | { readonly kind: "hand" }
  /** Select here what was selected there. */
  | { readonly kind: "follow"; readonly change: Change };

/** A change that a neighbour made. */
export interface Change {
  readonly path: string;
  /** What was selected there before. */
  readonly before: string | undefined;
  /** Both sides had that. */
  readonly agreed: boolean;
}

/** Milliseconds for which a neighbour that was just met may still be choosing for itself: with nothing selected yet, and else. */
const STARTING_MS = { empty: 30_000, chosen: 5_000 } as const;

/** How a neighbour is. */
export interface Manners {
  /** While it starts, it chooses for itself even over what it was handed. */
  readonly insists: boolean;
  /** When it was met, and what it is now: milliseconds of a clock that only goes forward. */
  readonly since: number;
  readonly now: () => number;
  readonly platform: NodeJS.Platform;
}

/**
 * What is known of one place at one neighbour.
 *
 * It compares what is selected on both sides whenever either may have changed, and not events: those come late, twice, or
 * not at all. Each value is handed over once, an echo is no change, and a change that was followed is not handed back.
 */
export class Meeting {
  private readonly manners: Manners;
  /** What was selected there when it was last looked at; null before that. */
  private there: string | undefined | null;
  /** The interpreter here that was handed over or came from there last. */
  private told: string | null = null;
  /** Both sides have had the same since something was handed over or followed. */
  private agreed = false;
  private hasStarted = false;
  private startingMs: number = STARTING_MS.empty;

  /** @param before what was selected there, where that is known already */
  constructor(manners: Manners, before: string | undefined | null = null) {
    this.manners = manners;
    this.there = before;
  }

  /**
   * @param here what may be handed over; undefined while there is nothing
   * @param there the path that is selected there now, if any
   */
  next(here: Environment | undefined, there: string | undefined): Step {
    const before = this.there;
    this.there = there;
    if (before === null && there !== undefined) {
      this.startingMs = STARTING_MS.chosen;
    }
    if (here !== undefined && there !== undefined && this.isSame(here, there)) {
      this.told = here.interpreter_path;
      this.agreed = true;
      return { kind: "rest" };
    }
    if (before !== null && there !== undefined && there !== before && !this.choosesForItself()) {
      return { kind: "follow", change: { path: there, before, agreed: this.agreed } };
    }
    if (here === undefined || this.told === here.interpreter_path) {
      return { kind: "rest" };
    }
    this.told = here.interpreter_path;
    return { kind: "hand" };
  }

  /** After something was handed over: what is selected there now. Returns whether it was kept. */
  handed(here: Environment, there: string | undefined): boolean {
    this.there = there;
    this.agreed = there !== undefined && this.isSame(here, there);
    return this.agreed;
  }

  /** After a change there was followed, or was not: what is selected here now. */
  followed(here: Environment | undefined): void {
    this.told = here?.interpreter_path ?? null;
    this.agreed = here !== undefined && typeof this.there === "string" && this.isSame(here, this.there);
  }

  /** Whether a change there is how the neighbour starts, and not what a person did; once, and what is here is told again. */
  private choosesForItself(): boolean {
    const { insists, now, since } = this.manners;
    const starting = !this.hasStarted && now() - since < this.startingMs && (insists || !this.agreed);
    this.hasStarted = true;
    if (starting) {
      this.told = null;
    }
    return starting;
  }

  private isSame(here: Environment, path: string): boolean {
    return isSame(this.manners.platform, here, path);
  }
}
