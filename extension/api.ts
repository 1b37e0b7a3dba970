/**
 * What this extension offers to others, as the package that they use says it: `packages/api` is the one place
 * where it stands.
 */
export type {
  BackgroundRun,
  CreateOptions,
  EnvironmentList,
  EnvironmentVariables,
  Explanation,
  Interpreter,
  InterpreterChange,
  ListedEnvironment,
  ListOptions,
  PythonEnvironment,
  PythonWorkflowApi,
  PythonWorkflowError,
  PythonWorkflowExports,
  TaskOptions,
  Untrusted,
} from "../packages/api/index.d.ts";
export { version as API_VERSION } from "../packages/api/package.json";
