/** The public API of this extension, which is defined in the package for its users: `packages/api`. */
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
