/** The machine as the pure parts see it: values, and functions that read. */

/** What is read of the machine. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the user's home folder. */
  readonly home: string;
  /** The names in a folder; none where it cannot be read. */
  readonly list: (folder: string) => readonly string[];
  /** The path with all its links followed; undefined where nothing is. */
  readonly real: (path: string) => string | undefined;
}
