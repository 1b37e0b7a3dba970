/** Getting on with other extensions that select Python environments: what to do, decided without `vscode`. */
import type { Environment } from "../protocol.ts";
import { isTable } from "./decode.ts";
import { pathRules } from "./paths.ts";

/** The Python extension. */
export const PYTHON = "ms-python.python";
/** The Python Environments extension. */
export const PYTHON_ENVIRONMENTS = "ms-python.vscode-python-envs";

/** The managers of environments and of packages that Python Environments asks where its settings name none. */
export const VENV_MANAGER = "ms-python.python:venv";
export const PIP_MANAGER = "ms-python.python:pip";

/** What the editor says of them. */
export interface Installed {
  readonly has: (id: string) => boolean;
  /** The setting `python.useEnvironmentsExtension`, as it holds; undefined where nothing declares it. */
  readonly delegates: boolean | undefined;
  /** The user or the workspace set it to `false`. */
  readonly refused: boolean;
}

/** Another extension to hand selections to. */
export interface Talk {
  readonly id: string;
  /** A person selects with it; else whatever changes there is its own doing. */
  readonly isFollowed: boolean;
}

/**
 * Return whom to talk to.
 *
 * Python Environments ends itself where the setting is `false`. Where it is `true`, a person who selects with the Python
 * extension selects in Python Environments, yet what asks the Python extension still gets a selection of its own. Else
 * each selects for itself.
 */
export function whomToTalkTo({ delegates, has, refused }: Installed): readonly Talk[] {
  const environments = has(PYTHON_ENVIRONMENTS) && !refused;
  return [
    ...(environments ? [{ id: PYTHON_ENVIRONMENTS, isFollowed: true }] : []),
    ...(has(PYTHON) ? [{ id: PYTHON, isFollowed: !(environments && delegates === true) }] : []),
  ];
}

/** What decides which of its managers Python Environments asks about a folder. */
export interface ManagerSettings {
  /** Its setting `python-envs.pythonProjects`, as the folder has it. */
  readonly projects: unknown;
  /** Its setting `python-envs.defaultEnvManager`, as the folder has it. */
  readonly manager: unknown;
}

/**
 * Return the id of the manager that Python Environments asks about a place, whatever was selected for it.
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

/** Return whether a path that another extension names means this environment: its folder, or an interpreter in it. */
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

/** What to do next about one place at one neighbor. */
export type Step =
  | { readonly kind: "rest" }
  /** Hand over what is selected here. */
  | { readonly kind: "hand" }
  /** Select here what was selected there. */
  | { readonly kind: "follow"; readonly change: Change };

/** A change that a neighbor made. */
export interface Change {
  readonly path: string;
  /** What was selected there before. */
  readonly before: string | undefined;
  /** Both sides had that. */
  readonly agreed: boolean;
}

/** Milliseconds for which a neighbor that starts may still be choosing for itself. */
const STARTING_MS = 5_000;
/** The same for one that has nothing yet, and tells when it has chosen: for as long it is waited for. */
const UNTOLD_MS = 300_000;

/** How a neighbor is. */
export interface Manners {
  /** It tells when it has chosen. */
  readonly tells: boolean;
  /** A person selects with it; else whatever changes there is its own doing. */
  readonly isFollowed: boolean;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly platform: NodeJS.Platform;
}

/**
 * What is known of one place at one neighbor.
 *
 * It compares what is selected on both sides whenever either may have changed, and not events: those come late, twice, or
 * not at all. Each value is handed over once, an echo is no change, and a change that was followed is not handed back.
 * What the neighbor chooses by itself is answered with what is selected here.
 */
export class Meeting {
  private readonly manners: Manners;
  /** What was selected there when it was last looked at; null before that. */
  private there: string | undefined | null;
  /** The interpreter here that was handed over or came from there last. */
  private told: string | null = null;
  /** Both sides have had the same since something was handed over or followed. */
  private agreed = false;
  /** What it was handed, where it had its own afterwards. */
  private refused: Environment | undefined;
  private refusedSoFar = 0;
  /** When the neighbor started to choose for the place; undefined once it has chosen. */
  private startedAt: number | undefined;
  /** It is going to tell that it has chosen. */
  private willTell = false;

  /** @param before what was selected there, where that is known already */
  constructor(manners: Manners, before: string | undefined | null = null) {
    this.manners = manners;
    this.there = before;
    this.starts();
  }

  /** The neighbor starts to choose for the place, once: even over what it was handed. */
  starts(): void {
    this.startedAt = this.manners.now();
  }

  /** The neighbor has chosen: what changes there from now on is a person's doing. */
  hasChosen(): void {
    this.startedAt = undefined;
    this.willTell = false;
  }

  /** How often one after the other it was handed something and did not keep it. */
  get refusals(): number {
    return this.refusedSoFar;
  }

  /** Have the next step hand over once more what was not kept. Returns whether there is such a thing. */
  retry(): boolean {
    const isRefused = this.refused !== undefined;
    if (isRefused) {
      this.refused = undefined;
      this.told = null;
    }
    return isRefused;
  }

  /**
   * Return what to do next.
   *
   * @param here what may be handed over; undefined while there is nothing
   * @param there the path that is selected there now, if any
   */
  next(here: Environment | undefined, there: string | undefined): Step {
    const before = this.there;
    this.there = there;
    // What it was handed may take it a moment: that is no change of its own.
    const isEcho = this.refused !== undefined && there !== undefined && this.isSame(this.refused, there);
    if (there !== before) {
      this.refused = undefined;
    }
    this.willTell ||= before === null && there === undefined && this.manners.tells;
    if (here !== undefined && there !== undefined && this.isSame(here, there)) {
      this.told = here.interpreter_path;
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
        this.told = null;
        this.startedAt = this.willTell ? this.startedAt : undefined;
      }
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
    this.refused = this.agreed ? undefined : here;
    this.refusedSoFar = this.agreed ? 0 : this.refusedSoFar + 1;
    return this.agreed;
  }

  /** After a change there was followed, or was not: what is selected here now. */
  followed(here: Environment | undefined): void {
    this.told = here?.interpreter_path ?? null;
    this.agreed = here !== undefined && typeof this.there === "string" && this.isSame(here, this.there);
  }

  /** Return whether a change there is the neighbor's own doing: how it starts, or what it takes where it had nothing. */
  private choseForItself(before: string | undefined): boolean {
    const { isFollowed, now } = this.manners;
    if (!isFollowed || before === undefined) {
      return true;
    }
    return this.startedAt !== undefined && now() - this.startedAt < (this.willTell ? UNTOLD_MS : STARTING_MS);
  }

  private isSame(here: Environment, path: string): boolean {
    return isSame(this.manners.platform, here, path);
  }
}
