/** Multi-step input: questions one after the other, with a back button. */
import * as vscode from "vscode";

/** A row to choose. */
export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** Whether a question has a back button. */
export interface CanGoBack {
  readonly canGoBack: boolean;
}

/** The texts of a question. */
export interface Question {
  readonly title: string;
  readonly placeholder: string;
}

/**
 * The result of a step: the state with the answer in it, `back` to the question before, `skip` where there was nothing
 * to ask, or undefined when the user canceled.
 */
export type StepResult<S> = S | "back" | "skip" | undefined;

/** A step: asks for a part of the state; `canGoBack` says whether a question came before. */
export type WizardStep<S extends object> = (state: S, canGoBack: boolean) => Promise<StepResult<S>>;

/** Go through the steps, and return the state; undefined when the user canceled. */
export async function wizard<S extends object>(
  steps: readonly WizardStep<S>[],
  start: S,
): Promise<S | undefined> {
  // What was asked: which step, and the state that it was asked in.
  const previous: { readonly index: number; readonly state: S }[] = [];
  let state = start;
  let index = 0;
  for (let step = steps[index]; step !== undefined; step = steps[index]) {
    const result = await step(state, previous.length > 0);
    if (result === undefined) {
      return undefined;
    }
    if (result === "back") {
      const before = previous.pop();
      index = before?.index ?? 0;
      state = before?.state ?? start;
      continue;
    }
    if (result !== "skip") {
      previous.push({ index, state });
      state = result;
    }
    index += 1;
  }
  return state;
}

/** Let the user choose one row. */
export async function pickOne<T>(
  question: Question,
  rows: readonly (Choice<T> | vscode.QuickPickItem)[],
  { canGoBack }: CanGoBack,
): Promise<{ readonly value: T } | "back" | undefined> {
  const picked = await pick(question, rows, { canGoBack, canPickMany: false });
  return Array.isArray(picked) ? picked.find(isChoice<T>) : picked;
}

/** Let the user choose any number of rows, even none. */
export async function pickMany<T>(
  question: Question,
  rows: readonly (Choice<T> | vscode.QuickPickItem)[],
  { canGoBack }: CanGoBack,
): Promise<readonly T[] | "back" | undefined> {
  const picked = await pick(question, rows, { canGoBack, canPickMany: true });
  return Array.isArray(picked) ? picked.filter(isChoice<T>).map(({ value }) => value) : picked;
}

/** Let the user enter a text that `validate` accepts. */
export async function enterText(
  question: Question & { readonly value: string },
  validate: (text: string) => string | undefined,
  { canGoBack }: CanGoBack,
): Promise<{ readonly value: string } | "back" | undefined> {
  return new Promise((resolve) => {
    const box = vscode.window.createInputBox();
    box.title = question.title;
    box.prompt = question.placeholder;
    box.value = question.value;
    box.ignoreFocusOut = true;
    box.buttons = canGoBack ? [vscode.QuickInputButtons.Back] : [];
    box.onDidChangeValue((text) => {
      box.validationMessage = validate(text);
    });
    box.onDidTriggerButton(() => {
      resolve("back");
      box.hide();
    });
    box.onDidAccept(() => {
      box.validationMessage = validate(box.value);
      if (box.validationMessage === undefined) {
        resolve({ value: box.value });
        box.hide();
      }
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

async function pick(
  question: Question,
  rows: readonly vscode.QuickPickItem[],
  { canGoBack, canPickMany }: CanGoBack & { readonly canPickMany: boolean },
): Promise<vscode.QuickPickItem[] | "back" | undefined> {
  return new Promise((resolve) => {
    const box = vscode.window.createQuickPick();
    box.title = question.title;
    box.placeholder = question.placeholder;
    box.items = rows;
    box.canSelectMany = canPickMany;
    box.ignoreFocusOut = true;
    box.matchOnDescription = true;
    box.matchOnDetail = true;
    box.buttons = canGoBack ? [vscode.QuickInputButtons.Back] : [];
    box.onDidTriggerButton(() => {
      resolve("back");
      box.hide();
    });
    box.onDidAccept(() => {
      // If what was typed matches no row, nothing is chosen and the box stays open.
      if (canPickMany || box.selectedItems.length > 0) {
        resolve([...box.selectedItems]);
        box.hide();
      }
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

function isChoice<T>(row: vscode.QuickPickItem): row is Choice<T> {
  return "value" in row;
}
