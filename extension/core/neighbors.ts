/** Decides how to keep selections in sync with other extensions that select Python environments (neighbors). */
import type { Environment } from "../protocol.ts";
import { isTable } from "./decode.ts";
import { pathRules } from "./paths.ts";

/** The Python extension. */
export const PYTHON = "ms-python.python";
/** The Python Environments extension. */
export const PYTHON_ENVIRONMENTS = "ms-python.vscode-python-envs";

/** The default managers of environments and packages in Python Environments. */
export const VENV_MANAGER = "ms-python.python:venv";
export const PIP_MANAGER = "ms-python.python:pip";

/** What VS Code reports about the neighbors. */
export interface Installed {
  readonly has: (id: string) => boolean;
  /** The effective value of `python.useEnvironmentsExtension`; undefined where no extension declares it. */
  readonly delegates: boolean | undefined;
  /** The user or the workspace set it to `false`. */
  readonly refused: boolean;
}

/** Another extension to hand selections to. */
export interface SyncedNeighbor {
  readonly id: string;
  /** A person selects with it; else whatever changes there is its own doing. */
  readonly isFollowed: boolean;
}

/**
 * Return the extensions to hand selections to.
 *
 * Python Environments turns itself off where the setting is `false`. Where it is `true`, selecting with the Python
 * extension selects in Python Environments, yet the Python extension's API still returns a selection of its own. Else
 * each has its own selection.
 */
export function neighborsToSync({ delegates, has, refused }: Installed): readonly SyncedNeighbor[] {
  const environments = has(PYTHON_ENVIRONMENTS) && !refused;
  return [
    ...(environments ? [{ id: PYTHON_ENVIRONMENTS, isFollowed: true }] : []),
    ...(has(PYTHON) ? [{ id: PYTHON, isFollowed: !(environments && delegates === true) }] : []),
  ];
}

/** The settings by which Python Environments picks the manager of a folder. */
export interface ManagerSettings {
  /** Its setting `python-envs.pythonProjects`, as the folder has it. */
  readonly projects: unknown;
  /** Its setting `python-envs.defaultEnvManager`, as the folder has it. */
  readonly manager: unknown;
}

/**
 * Return the id of the manager that Python Environments uses for a place, whatever is selected there.
 *
 * @param folder the open folder that holds the place; both are absolute paths
 */
export function askedManager(
  platform: NodeJS.Platform,
  { manager, projects }: ManagerSettings,
  place: string,
  folder: string,
): string {
  const rules = pathRules(platform);
  const named = (Array.isArray(projects) ? projects : [])
    .filter(isTable)
    .find(({ path }) => typeof path === "string" && rules.relative(rules.resolve(folder, path), place) === "");
  const ids = [named?.["envManager"], manager].filter((id) => typeof id === "string" && id !== "");
  return typeof ids[0] === "string" ? ids[0] : VENV_MANAGER;
}

/** Return whether a path of another extension means this environment: its folder, or an interpreter in it. */
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

/** The next step to sync one place with one neighbor. */
export type SyncStep =
  | { readonly kind: "rest" }
  /** Hand the selection here to the neighbor. */
  | { readonly kind: "hand" }
  /** Select here what the neighbor selected. */
  | { readonly kind: "follow"; readonly change: Change };

/** A change that a neighbor made. */
export interface Change {
  readonly path: string;
  /** The neighbor's selection before. */
  readonly before: string | undefined;
  /** Both sides had the selection before. */
  readonly agreed: boolean;
}

/** How long after its start a neighbor may still choose an environment by itself, in milliseconds. */
const STARTING_MS = 5_000;
/** The same for a neighbor that has no selection yet and reports when it has chosen. */
const CHOOSING_MS = 300_000;

/** The traits of a neighbor that decide who made a change there. */
export interface NeighborTraits {
  /** It reports when it has chosen by itself. */
  readonly reportsChoice: boolean;
  /** A person selects with it; else whatever changes there is its own doing. */
  readonly isFollowed: boolean;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
  readonly platform: NodeJS.Platform;
}

/**
 * The state of one place at one neighbor.
 *
 * It compares the selections of both sides whenever one may have changed, instead of trusting events: those come late,
 * twice, or not at all. Each selection is handed over once, its echo is no change, and a change that was followed is
 * not handed back. What the neighbor chooses by itself is replaced by the selection here.
 */
export class Meeting {
  private readonly traits: NeighborTraits;
  /** The neighbor's selection when it was last read; null before that. */
  private there: string | undefined | null;
  /** The interpreter that was handed over or followed last. */
  private handedOver: string | null = null;
  /** Both sides have had the same selection since it was handed over or followed. */
  private agreed = false;
  /** The environment that was handed over and not kept. */
  private refused: Environment | undefined;
  private refusedSoFar = 0;
  /** When the neighbor started to choose for the place; undefined once it has chosen. */
  private startedAt: number | undefined;
  /** It will report when it has chosen. */
  private willReport = false;

  /** @param before the neighbor's selection, if it is known already */
  constructor(traits: NeighborTraits, before: string | undefined | null = null) {
    this.traits = traits;
    this.there = before;
    this.starts();
  }

  /** Note that the neighbor starts, and chooses once for the place by itself, even over what it was handed. */
  starts(): void {
    this.startedAt = this.traits.now();
  }

  /** Note that the neighbor has chosen by itself: what changes there from now on, the user changed. */
  hasChosen(): void {
    this.startedAt = undefined;
    this.willReport = false;
  }

  /** Return how many times in a row the neighbor did not keep what it was handed. */
  get refusals(): number {
    return this.refusedSoFar;
  }

  /** Let the next step hand over again what was not kept. Return whether there is such an environment. */
  retry(): boolean {
    const isRefused = this.refused !== undefined;
    if (isRefused) {
      this.refused = undefined;
      this.handedOver = null;
    }
    return isRefused;
  }

  /**
   * Return the next step.
   *
   * @param here the environment to hand over; undefined while there is none
   * @param there the path of the neighbor's selection, if it has one
   */
  next(here: Environment | undefined, there: string | undefined): SyncStep {
    const before = this.there;
    this.there = there;
    // The neighbor may need a moment to select what it was handed: that is not a change of its own.
    const isEcho = this.refused !== undefined && there !== undefined && this.isSame(this.refused, there);
    if (there !== before) {
      this.refused = undefined;
    }
    this.willReport ||= before === null && there === undefined && this.traits.reportsChoice;
    if (here !== undefined && there !== undefined && this.isSame(here, there)) {
      this.handedOver = here.interpreter_path;
      this.agreed = true;
      this.refused = undefined;
      if (before === null) {
        // It starts with what it kept, so that it has nothing to choose.
        this.startedAt = undefined;
      }
      return { kind: "rest" };
    }
    if (before !== null && there !== before && !isEcho) {
      if (there !== undefined && !this.choseForItself(before)) {
        return { kind: "follow", change: { path: there, before, agreed: this.agreed } };
      }
      if (there !== undefined || this.agreed) {
        this.handedOver = null;
        this.startedAt = this.willReport ? this.startedAt : undefined;
      }
    }
    if (here === undefined || this.handedOver === here.interpreter_path) {
      return { kind: "rest" };
    }
    this.handedOver = here.interpreter_path;
    return { kind: "hand" };
  }

  /** Note the neighbor's selection after a hand-over. Return whether it kept what it was handed. */
  handed(here: Environment, there: string | undefined): boolean {
    this.there = there;
    this.agreed = there !== undefined && this.isSame(here, there);
    this.refused = this.agreed ? undefined : here;
    this.refusedSoFar = this.agreed ? 0 : this.refusedSoFar + 1;
    return this.agreed;
  }

  /** Note the selection here after a change of the neighbor was followed, or was not. */
  followed(here: Environment | undefined): void {
    this.handedOver = here?.interpreter_path ?? null;
    this.agreed = here !== undefined && typeof this.there === "string" && this.isSame(here, this.there);
  }

  /** Return whether the neighbor made a change by itself: at its start, or because it had no selection. */
  private choseForItself(before: string | undefined): boolean {
    const { isFollowed, now } = this.traits;
    if (!isFollowed || before === undefined) {
      return true;
    }
    return this.startedAt !== undefined && now() - this.startedAt < (this.willReport ? CHOOSING_MS : STARTING_MS);
  }

  private isSame(here: Environment, path: string): boolean {
    return isSame(this.traits.platform, here, path);
  }
}
