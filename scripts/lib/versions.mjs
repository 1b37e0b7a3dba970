// Versions of what set-up fetches: what comes from the npm registry but is no dependency of the extension, and Pythons.

/** Runs code-server, which is built against exactly this major version. */
export const node24 = "24.21.0";

/** VS Code for the browser: 4.139.1 is VS Code 1.139.1. */
export const codeServer = "4.139.1";

/**
 * Builds the native parts of VS Code for the browser. Debian's own npm would have Debian's node-gyp build them, which links
 * them with the libnode of Debian's Node.js: two of these in one process crash it, at its end or before.
 */
export const npm = "11.19.1";

/** The oldest Node.js that runs the tool chain in package.json. */
export const oldestNode = [20, 19];

/** The oldest Python that runs the helper. */
export const oldestPython = [3, 10];

/** Pythons for the tests that need several, and the version of the archive at Maven Central that carries each. */
export const cpythons = [
  { minor: "3.12", archive: "3.12.1-1.5.10" },
  { minor: "3.11", archive: "3.11.3-1.5.9" },
  { minor: "3.10", archive: "3.10.8-1.5.8" },
];

/** A Chromium for systems whose own does not work for the tests. */
export const chromium = "153.0.0";

/** Pythons for Windows, the one that runs the tests first, and the version of the archive at Maven Central that carries each. */
export const windowsPythons = [
  { minor: "3.13", archive: "3.13.5-1.5.12" },
  { minor: "3.10", archive: "3.10.8-1.5.8" },
  { minor: "3.14", archive: "3.14.3-1.5.13" },
];

/** Node.js for Windows: Wine 8 runs no newer line. */
export const windowsNode = "22.23.3";
