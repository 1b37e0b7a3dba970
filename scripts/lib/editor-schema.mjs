// The protocol between editors and the helper as a JSON Schema, made from the types of the extension that speaks it.
import ts from "typescript";

import { inRoot } from "./paths.mjs";

/** The file that other clients than the extension, and the tests of the helper, read. */
export const schemaFile = inRoot("docs", "editor-protocol.schema.json");

const sources = ["protocol", "acts", "testActs"].map((name) => inRoot("extension", `${name}.ts`));

/** @typedef {{[key: string]: unknown}} Schema */

/**
 * Generate the content of the document from the sources.
 *
 * @returns {string}
 */
export function editorSchema() {
  const program = ts.createProgram(sources, compilerOptions());
  const reader = new Reader(program.getTypeChecker());
  /** @type {Record<string, Schema>} */
  const requests = {};
  /** @type {Record<string, Schema>} */
  const notifications = {};
  for (const { name, declaration } of sources.flatMap((file) => constants(program.getSourceFile(file)))) {
    const { kind, args } = reader.message(declaration);
    const [params, result] = args;
    const method = methodOf(declaration);
    if (params === undefined || method === undefined) {
      continue;
    }
    const described = { title: name, ...reader.described(declaration.name) };
    if (kind === "RequestType" && result !== undefined) {
      requests[method] = { ...described, params: reader.schema(params), result: reader.schema(result) };
    } else {
      notifications[method] = { ...described, params: reader.schema(params) };
    }
  }
  // What comes while tests run, as `value` of a progress, is no message of its own.
  const events = reader.named(program.getSourceFile(inRoot("extension", "testActs.ts")), "TestEvent");
  const document = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "What an editor and 'wsp lsp' say to each other, beside LSP",
    description: "Made from the extension's types by 'npm run editor-schema'. Members that are not known are to be ignored.",
    requests: sorted(requests),
    notifications: sorted(notifications),
    partialResults: { "pythonWorkflow/runTests": { type: "object", properties: { events: { type: "array", items: events } }, required: ["events"] } },
    $defs: sorted(reader.definitions),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** @returns {ts.CompilerOptions} */
function compilerOptions() {
  /** @type {unknown} */
  const config = ts.readConfigFile(inRoot("tsconfig.json"), (file) => ts.sys.readFile(file)).config;
  return ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, inRoot()).options;
}

/**
 * Return the exported constants of a file.
 *
 * @param {ts.SourceFile | undefined} file
 */
function constants(file) {
  return [...(file?.statements ?? [])].filter((statement) => ts.isVariableStatement(statement)).flatMap((statement) =>
    statement.declarationList.declarations.map((declaration) => ({ name: declaration.name.getText(), declaration })),
  );
}

/** @param {ts.VariableDeclaration} declaration */
function methodOf({ initializer }) {
  if (initializer === undefined || !ts.isObjectLiteralExpression(initializer)) {
    return undefined;
  }
  const member = initializer.properties.find((one) => one.name?.getText() === "method");
  return member !== undefined && ts.isPropertyAssignment(member) && ts.isStringLiteral(member.initializer)
    ? member.initializer.text
    : undefined;
}

/** Turns types into schemas. Interfaces of the sources get definitions of their own, by their names. */
class Reader {
  /** @type {Record<string, Schema>} */
  definitions = {};

  /** @param {ts.TypeChecker} checker */
  constructor(checker) {
    this.checker = checker;
  }

  /**
   * Return the kind of message that a constant is, and its type arguments.
   *
   * @param {ts.VariableDeclaration} declaration
   * @returns {{kind: string, args: readonly ts.Type[]}}
   */
  message(declaration) {
    const type = this.checker.getTypeAtLocation(declaration.name);
    const kind = type.getSymbol()?.getName() ?? "";
    const isMessage = kind === "RequestType" || kind === "NotificationType";
    return { kind, args: isMessage ? this.checker.getTypeArguments(/** @type {ts.TypeReference} */ (type)) : [] };
  }

  /**
   * Return the comment above a node, if there is one.
   *
   * @param {ts.Node} node
   * @returns {Schema}
   */
  described(node) {
    return this.description(this.checker.getSymbolAtLocation(node));
  }

  /**
   * Add the schema of a type alias.
   *
   * @param {ts.SourceFile | undefined} file
   * @param {string} name
   */
  named(file, name) {
    const alias = file?.statements.filter(ts.isTypeAliasDeclaration).find((one) => one.name.text === name);
    if (alias === undefined) {
      throw new Error(`there is no type ${name}`);
    }
    return this.schema(this.checker.getTypeAtLocation(alias));
  }

  /**
   * @param {ts.Type} type
   * @returns {Schema}
   */
  schema(type) {
    const { checker } = this;
    if (type.isUnion()) {
      return this.union(type);
    }
    if (type.isStringLiteral()) {
      return { const: type.value };
    }
    if (type.flags & ts.TypeFlags.String) {
      return { type: "string" };
    }
    if (type.flags & ts.TypeFlags.Number) {
      return { type: "number" };
    }
    if (type.flags & ts.TypeFlags.Null) {
      return { type: "null" };
    }
    if (type.flags & ts.TypeFlags.BooleanLike) {
      return { type: "boolean" };
    }
    if (type.flags & ts.TypeFlags.Unknown) {
      return {};
    }
    if (checker.isArrayType(type)) {
      const [item] = checker.getTypeArguments(/** @type {ts.TypeReference} */ (type));
      return { type: "array", items: item === undefined ? {} : this.schema(item) };
    }
    const values = checker.getIndexInfoOfType(type, ts.IndexKind.String)?.type;
    if (values !== undefined) {
      return { type: "object", ...(values.flags & ts.TypeFlags.Never ? {} : { additionalProperties: this.schema(values) }) };
    }
    const name = type.isClassOrInterface() ? type.getSymbol()?.getName() : undefined;
    if (name === undefined) {
      return this.members(type);
    }
    if (!(name in this.definitions)) {
      this.definitions[name] = {}; // before its members, which may be of its own kind
      this.definitions[name] = { ...this.description(type.getSymbol()), ...this.members(type) };
    }
    return { $ref: `#/$defs/${name}` };
  }

  /**
   * @param {ts.UnionType} type
   * @returns {Schema}
   */
  union({ types }) {
    const texts = types.filter((one) => one.isStringLiteral()).map(({ value }) => value);
    const isFlag = types.some((one) => one.flags & ts.TypeFlags.BooleanLiteral);
    const others = types.filter((one) => !one.isStringLiteral() && !(one.flags & (ts.TypeFlags.BooleanLiteral | ts.TypeFlags.Undefined)));
    const [only, ...more] = [
      ...(texts.length === 0 ? [] : [texts.length === 1 ? { const: texts[0] } : { enum: texts.sort() }]),
      ...(isFlag ? [{ type: "boolean" }] : []),
      ...others.map((one) => this.schema(one)).sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)),
    ];
    return only !== undefined && more.length === 0 ? only : { anyOf: [only, ...more] };
  }

  /**
   * Return the schema of an object with named members.
   *
   * @param {ts.Type} type
   * @returns {Schema}
   */
  members(type) {
    const all = this.checker.getPropertiesOfType(type);
    const properties = all.map((member) => {
      const own = this.checker.getTypeOfSymbol(member);
      return [member.getName(), { ...this.description(member), ...this.schema(own) }];
    });
    const required = all.filter(({ flags }) => !(flags & ts.SymbolFlags.Optional)).map((member) => member.getName());
    return { type: "object", properties: Object.fromEntries(properties), ...(required.length === 0 ? {} : { required }) };
  }

  /**
   * @param {ts.Symbol | undefined} symbol
   * @returns {Schema}
   */
  description(symbol) {
    const parts = symbol?.getDocumentationComment(this.checker) ?? [];
    const text = ts.displayPartsToString(parts).replaceAll(/\{@link (\w+)\}/g, "$1").replaceAll(/\s+/g, " ").trim();
    return text === "" ? {} : { description: text };
  }
}

/**
 * @template T
 * @param {Record<string, T>} record
 */
function sorted(record) {
  return Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
}
