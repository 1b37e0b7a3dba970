/**
 * The requests about tests: methods, shapes and decoders.
 *
 * `docs/editor-protocol.schema.json` is generated from these types too. Both requests may take long and can be
 * cancelled.
 */
import { type Command, commandFromWire } from "./acts.ts";
import { count, type Decoder, flag, isTable, list, oneOf, orNull, record, text } from "./core/decode.ts";
import { type Environment, environmentFromWire, type ProgressToken, type RequestType } from "./protocol.ts";

/** A test that was found; its file is absolute, lines count from 1. */
export interface FoundTest {
  readonly id: string;
  readonly file: string | null;
  readonly line: number | null;
}

/** A file that should hold tests and cannot be collected. */
export interface UnusableTestFile extends FoundTest {
  readonly message: string;
  /** The whole traceback. */
  readonly detail: string | null;
}

/** A way in which the tests of a project are run. */
export interface TestConfiguration {
  readonly id: string;
  readonly name: string;
  readonly environment: Environment;
  readonly default: boolean;
}

/** Why no test of a project can be run. */
export interface TestProblem {
  readonly code: "not_found" | "broken" | "not_trusted" | "tool_not_installed";
  readonly message: string;
  readonly environment: Environment | null;
  /** The package that is missing in it. */
  readonly package: string | null;
}

/** The tests of one project. */
export interface DiscoverTestsResult {
  readonly root: string;
  /** The default first. */
  readonly configurations: readonly TestConfiguration[];
  readonly problem: TestProblem | null;
  /** `pytest` or `unittest`; empty where there are no tests. */
  readonly framework: string;
  /** The folder that ids of pytest are relative to. */
  readonly base: string;
  /** Read from source: the framework was not run. */
  readonly static: boolean;
  readonly tests: readonly FoundTest[];
  readonly unusable: readonly UnusableTestFile[];
  /** What ended the discovery early, in the framework's words; may be empty. */
  readonly trouble: string;
}

/** Parameters of {@link DiscoverTests}. */
export interface DiscoverTestsParams {
  readonly uri: string;
  /** Only read the files, without running the framework. */
  readonly static?: boolean;
  /** Absolute paths of the projects inside this one, which are left out. */
  readonly ignored?: readonly string[];
  readonly partialResultToken?: ProgressToken;
}

const foundTest = { id: text, file: orNull(text), line: orNull(count) };
const unusable = { ...foundTest, message: text, detail: orNull(text) };
const tests = list(record<FoundTest>(foundTest));

/**
 * Discovers the tests of the project of a file or folder: with its framework, or by reading the files where nothing may
 * be run.
 */
export const DiscoverTests: RequestType<DiscoverTestsParams, DiscoverTestsResult> = {
  method: "pythonWorkflow/discoverTests",
  result: record<DiscoverTestsResult>({
    root: text,
    configurations: list(
      record<TestConfiguration>({ id: text, name: text, environment: environmentFromWire, default: flag }),
    ),
    problem: orNull(
      record<TestProblem>({
        code: oneOf("not_found", "broken", "not_trusted", "tool_not_installed"),
        message: text,
        environment: orNull(environmentFromWire),
        package: orNull(text),
      }),
    ),
    framework: text,
    base: text,
    static: flag,
    tests,
    unusable: list(record<UnusableTestFile>(unusable)),
    trouble: text,
  }),
};

/** What a run is for. */
export type RunKind = "run" | "debug" | "coverage";

/** Parameters of {@link RunTests}. */
export interface RunTestsParams {
  readonly uri: string;
  readonly configuration: string;
  /** Tests, classes, files and folders; none for all. */
  readonly names?: readonly string[];
  readonly ignored?: readonly string[];
  /** Default: `run`. */
  readonly kind?: RunKind;
  readonly partialResultToken?: ProgressToken;
}

/** The coverage of one file; lines count from 1. */
export interface CoveredFile {
  readonly file: string;
  readonly executed: readonly number[];
  readonly missing: readonly number[];
  /** The branches from one line to another, and whether each was taken. */
  readonly branches: readonly Branch[];
}

/** A branch from one line to another; a line below 0 is the end of a function. */
export interface Branch {
  readonly from: number;
  readonly to: number;
  readonly taken: boolean;
}

/** How a run ended. */
export interface RunTestsResult {
  /** The exit status, in pytest's numbers. */
  readonly status: number;
  /** What ended it early. */
  readonly trouble: string | null;
  /** The last output of the framework, where that shows what is wrong. */
  readonly output: string | null;
  readonly coverage: readonly CoveredFile[];
}

/** Read a line's number, which is negative for the end of the function that begins there. */
const line: Decoder<number> = (value, at) => (typeof value === "number" && value < 0 ? -count(-value, at) : count(value, at));

/** Runs tests. Results come meanwhile, read by {@link testEventsFromWire}. A cancelled run returns a result, too. */
export const RunTests: RequestType<RunTestsParams, RunTestsResult> = {
  method: "pythonWorkflow/runTests",
  result: record<RunTestsResult>({
    status: count,
    trouble: orNull(text),
    output: orNull(text),
    coverage: list(
      record<CoveredFile>({ file: text, executed: list(count), missing: list(count), branches: list(record<Branch>({ from: line, to: line, taken: flag })) }),
    ),
  }),
};

/** The outcome of a test, or of a subtest. */
export interface TestOutcome extends FoundTest {
  readonly state: "passed" | "failed" | "skipped" | "error";
  /** In seconds. */
  readonly duration: number;
  readonly message: string | null;
  /** The whole traceback. */
  readonly detail: string | null;
  readonly output: string | null;
  /** The name of the subtest, only where it is one. */
  readonly subtest?: string | null;
}

/** An event of a run of tests. */
export type TestEvent =
  | { readonly event: "collected"; readonly tests: readonly FoundTest[] }
  | ({ readonly event: "unusable" } & UnusableTestFile)
  | { readonly event: "running"; readonly id: string }
  | ({ readonly event: "result" } & TestOutcome)
  /** The command for the debugger; `script` is the argument with the script that Python runs. */
  | ({ readonly event: "command"; readonly script: string } & Command);

const seconds: Decoder<number> = (value, at) => (typeof value === "number" && value >= 0 ? value : count(value, at));

const outcome = record<TestOutcome>({
  ...foundTest,
  state: oneOf("passed", "failed", "skipped", "error"),
  duration: seconds,
  message: orNull(text),
  detail: orNull(text),
  output: orNull(text),
  subtest: orNull(text),
});

const kind = oneOf("collected", "unusable", "running", "result", "command");

const event: Decoder<TestEvent> = (value, at) => {
  const name = kind(isTable(value) ? value["event"] : undefined, at);
  switch (name) {
    case "collected":
      return { event: name, ...record<{ tests: readonly FoundTest[] }>({ tests })(value, at) };
    case "unusable":
      return { event: name, ...record<UnusableTestFile>(unusable)(value, at) };
    case "running":
      return { event: name, ...record<{ id: string }>({ id: text })(value, at) };
    case "result":
      return { event: name, ...outcome(value, at) };
    case "command":
      return { event: name, ...record<{ script: string }>({ script: text })(value, at), ...commandFromWire(value, at) };
  }
};

const events = record<{ events: readonly TestEvent[] }>({ events: list(event) });

/** Read the events of a run of tests. */
export const testEventsFromWire: Decoder<readonly TestEvent[]> = (value, at) => events(value, at).events;
