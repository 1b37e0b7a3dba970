/** The translation that VS Code loaded for its display language, given to the parts that do not know VS Code. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";

/** Have the texts of `core/` translated as those of `host/` are. Without a translation all are in English. */
export function useTranslations(): void {
  if (vscode.l10n.bundle !== undefined) {
    l10n.config({ contents: vscode.l10n.bundle });
  }
}
