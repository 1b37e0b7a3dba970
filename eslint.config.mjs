// Type-checked rules for everything, and the import rules of docs/architecture.md.
import eslint from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/**
 * Forbid imports from parts of the extension.
 *
 * @param {string} reason shown with every breach
 * @param {{modules?: string[], folders?: string[]}} forbidden bare modules, and folders of `extension/`
 * @returns {import("eslint").Linter.RulesRecord} the rule, for a block of the configuration
 */
function mayNotImport(reason, { modules = [], folders = [] }) {
  return {
    "no-restricted-imports": [
      "error",
      {
        paths: modules.map((name) => ({ name, message: reason })),
        patterns: folders.map((folder) => ({
          regex: `(^|/)${folder}(/|\\.js$|\\.ts$|$)`,
          message: reason,
        })),
      },
    ],
  };
}

export default defineConfig(
  { ignores: [".cache/", "dist/", "node_modules/", "test-fixtures/", "python_helper/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" } },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      curly: "error",
      eqeqeq: "error",
      "no-console": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/promise-function-async": "error",
      "@typescript-eslint/strict-boolean-expressions": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // Numbers read well in messages; everything else is converted by hand.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  {
    files: ["extension/core/**", "extension/protocol.ts", "extension/acts.ts", "extension/testActs.ts"],
    rules: mayNotImport("core/, protocol.ts, acts.ts and testActs.ts are pure: no editor, no other part of the extension.", {
      modules: ["vscode", "vscode-languageclient", "vscode-languageclient/node"],
      folders: ["host", "helper", "extension"],
    }),
  },
  {
    files: ["extension/host/**"],
    rules: mayNotImport("host/ is handed what it needs of helper/ by extension.ts.", {
      modules: ["vscode-languageclient", "vscode-languageclient/node"],
      folders: ["helper"],
    }),
  },
  {
    files: ["extension/helper/**"],
    rules: mayNotImport("helper/ reports to extension.ts, never to host/ directly.", {
      folders: ["host"],
    }),
  },
  {
    files: ["packages/**/*.js"],
    rules: {
      // CommonJS: extensions that are not bundled load it as it is.
      "no-undef": "off",
      "@typescript-eslint/no-require-imports": "off",
    },
  },
  {
    files: ["scripts/**", "esbuild.mjs", "eslint.config.mjs"],
    rules: {
      // Scripts talk to a terminal, and are typed by JSDoc: the compiler knows their globals.
      "no-console": "off",
      "no-undef": "off",
      "@typescript-eslint/explicit-module-boundary-types": "off",
    },
  },
);
