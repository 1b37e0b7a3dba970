/** The machine as `core/` sees it: values, and functions that read. */

/** The parts of the machine that are read. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the user's home folder. */
  readonly home: string;
  /** The names in a folder; none where it cannot be read. */
  readonly list: (folder: string) => readonly string[];
  /** The path with all links followed; undefined where nothing exists. */
  readonly real: (path: string) => string | undefined;
}
