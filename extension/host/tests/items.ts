/** The rows of the Testing view: kept as they are where nothing changed, so that thousands of tests cost little. */
import * as vscode from "vscode";

import type { TestNode } from "../../core/testTree.ts";

/** The rows of one project. */
export class TestItems {
  private readonly controller: vscode.TestController;
  private nodes = new Map<vscode.TestItem, TestNode>();
  private byId = new Map<string, vscode.TestItem>();
  private byKey = new Map<string, vscode.TestItem>();

  constructor(controller: vscode.TestController) {
    this.controller = controller;
  }

  /** Have `collection` show these rows and all below them. */
  show(collection: vscode.TestItemCollection, nodes: readonly TestNode[]): void {
    this.nodes = new Map();
    this.byId = new Map();
    this.byKey = new Map();
    this.sync(collection, nodes);
  }

  /** Return the test node of a row. */
  node(item: vscode.TestItem): TestNode | undefined {
    return this.nodes.get(item);
  }

  /** Return the row of a test by its framework's id. */
  test(id: string): vscode.TestItem | undefined {
    return this.byId.get(id);
  }

  /** Return the row with a key; the key of a folder or a file is its absolute path. */
  row(key: string): vscode.TestItem | undefined {
    return this.byKey.get(key);
  }

  private sync(collection: vscode.TestItemCollection, nodes: readonly TestNode[]): void {
    const items = nodes.map((node) => {
      const known = collection.get(node.key);
      const uri = node.file === undefined ? undefined : vscode.Uri.file(node.file);
      const item =
        known?.uri?.toString() === uri?.toString() && known !== undefined
          ? known
          : this.controller.createTestItem(node.key, node.label, uri);
      update(item, node);
      this.nodes.set(item, node);
      this.byKey.set(node.key, item);
      if (node.id !== undefined) {
        this.byId.set(node.id, item);
      }
      this.sync(item.children, node.children);
      return item;
    });
    if (items.length !== collection.size || items.some((item) => collection.get(item.id) !== item)) {
      collection.replace(items);
    }
  }
}

/** Update a row; only values that differ are set, since each is a message to VS Code. */
function update(item: vscode.TestItem, { error, line, position }: TestNode): void {
  const sortText = position === undefined ? undefined : String(position).padStart(6, "0");
  if (item.sortText !== sortText) {
    item.sortText = sortText;
  }
  if (item.range?.start.line !== (line === undefined ? undefined : line - 1)) {
    item.range = line === undefined ? undefined : new vscode.Range(line - 1, 0, line - 1, 0);
  }
  if (item.error !== error) {
    item.error = error;
  }
}
