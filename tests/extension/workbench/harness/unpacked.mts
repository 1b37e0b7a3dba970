// Loaded into VS Code's server before it starts: it sends its files as they are. Else it packs 20 MB for each window, which
// takes it as long as all else that it does, while the browser on the same machine waits for them.
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

subscribe("http.server.request.start", (message) => {
  const { request } = message as { readonly request: IncomingMessage };
  delete request.headers["accept-encoding"];
});
