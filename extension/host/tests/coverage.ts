/** Turns the coverage of a run into VS Code's. */
import * as vscode from "vscode";

import { isInside } from "../../core/paths.ts";
import type { CoveredFile } from "../../testActs.ts";

/** The lines of each file, until its run is removed. */
const details = new WeakMap<vscode.FileCoverage, readonly vscode.StatementCoverage[]>();

/** Add the coverage of the files below `root` to a run. */
export function addCoverage(run: vscode.TestRun, files: readonly CoveredFile[], root: string): void {
  for (const file of files) {
    if (isInside(process.platform, root, file.file)) {
      const statements = statementsOf(file);
      const coverage = vscode.FileCoverage.fromDetails(vscode.Uri.file(file.file), statements);
      details.set(coverage, statements);
      run.addCoverage(coverage);
    }
  }
}

/** Return the lines of a file of a run. */
export function coveredLines(file: vscode.FileCoverage): vscode.FileCoverageDetail[] {
  return [...(details.get(file) ?? [])];
}

function statementsOf({ branches, executed, missing }: CoveredFile): vscode.StatementCoverage[] {
  const lines = [...executed.map((line) => ({ line, isRun: true })), ...missing.map((line) => ({ line, isRun: false }))];
  return lines
    .sort((left, right) => left.line - right.line)
    .map(({ isRun, line }) => {
      const ways = branches.filter(({ from }) => from === line).map(({ taken, to }) => {
        const label = to < 0 ? vscode.l10n.t("to the end") : vscode.l10n.t("to line {0}", to);
        return new vscode.BranchCoverage(taken, new vscode.Position(line - 1, 0), label);
      });
      return new vscode.StatementCoverage(isRun, new vscode.Position(line - 1, 0), ways);
    });
}
