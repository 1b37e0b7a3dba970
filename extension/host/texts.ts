/** Gives the translation that VS Code loaded to the modules that don't import `vscode`. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";

/** Translate the texts of `core/` as those of `host/`. Without a translation all are in English. */
export function useTranslations(): void {
  if (vscode.l10n.bundle !== undefined) {
    l10n.config({ contents: vscode.l10n.bundle });
  }
}
